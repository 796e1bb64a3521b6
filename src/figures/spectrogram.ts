import { figure, axis, type Figure, type FigureOptions } from "./figure.js";
import { colour } from "./style.js";

/** Row-major, row 0 the lowest band. */
export interface SpectrogramPanel {
  readonly title: string;
  readonly shape: readonly [rows: number, columns: number];
  readonly values: readonly number[];
  readonly secondsPerFrame: number;
  readonly bandHz: readonly number[];
}

/** Two spectrograms on one colour scale and one frequency axis, to be compared by eye. */
export function spectrogramPair(left: SpectrogramPanel, right: SpectrogramPanel, options: FigureOptions): Figure {
  const all = [...left.values, ...right.values];
  const low = all.reduce((a, b) => Math.min(a, b), Infinity);
  const high = all.reduce((a, b) => Math.max(a, b), -Infinity);
  const panel = ({ title, shape, values, secondsPerFrame }: SpectrogramPanel, side: "" | "2"): Record<string, unknown> => ({
    type: "heatmap", z: rows(values, shape), x0: 0, dx: secondsPerFrame, zmin: round(low), zmax: round(high), colorscale: plasma,
    xaxis: `x${side}`, yaxis: "y", showscale: side === "2", name: title,
    colorbar: { title: { text: "dB", side: "top", font: { size: 11.5 } }, thickness: 10, outlinewidth: 0, len: 1, x: 1.01, tickfont: { size: 11 } },
    hovertemplate: `${title}<br>%{x:.2f} s, band %{y}: %{z:.1f} dB<extra></extra>`,
  });
  const ticks = frequencyTicks(left.bandHz);
  const seconds = axis({ title: "Time (s)", showgrid: false });
  return figure(options, {
    data: [panel(left, ""), panel(right, "2")],
    layout: {
      xaxis: { title: "Time (s)", showgrid: false, domain: [0, 0.485] },
      xaxis2: { ...seconds, domain: [0.515, 1], anchor: "y" },
      yaxis: { title: "Frequency (kHz)", showgrid: false, tickmode: "array", tickvals: ticks.map(({ row }) => row), ticktext: ticks.map(({ text }) => text) },
      annotations: [heading(left.title, 0), heading(right.title, 0.515)],
    },
    width: "text",
    height: 270,
    margin: { r: 62 },
    alt: `Two log-mel spectrograms on one scale from ${low.toFixed(0)} to ${high.toFixed(0)} dB: ${left.title} on the left, ${right.title} on the right.`,
    table: {
      columns: ["panel", "second", "hertz", "decibel"],
      rows: [left, right].flatMap(({ title, shape: [bands, frames], values, secondsPerFrame, bandHz }) =>
        Array.from({ length: bands * frames }, (_, i) => {
          const band = Math.floor(i / frames);
          return [title, (i % frames) * secondsPerFrame, bandHz[band] ?? null, values[i]!];
        }),
      ),
    },
  });
}

export const heading = (text: string, x: number): Record<string, unknown> => ({
  text, x, xref: "paper", xanchor: "left", y: 1, yref: "paper", yanchor: "bottom", yshift: 5, showarrow: false, font: { size: 12, color: colour.ink },
});

export function rows(values: readonly number[], [height, width]: readonly [number, number]): number[][] {
  return Array.from({ length: height }, (_, row) => values.slice(row * width, (row + 1) * width).map(round));
}

/** Rows nearest to 0.25, 0.5, 1, 2, 4, 8 kHz, where the bands reach them. */
function frequencyTicks(bandHz: readonly number[]): { row: number; text: string }[] {
  return [250, 500, 1000, 2000, 4000, 8000].flatMap((hertz) => {
    if (bandHz.length === 0 || hertz < bandHz[0]! || hertz > bandHz.at(-1)! * 1.06) return [];
    const row = bandHz.reduce((best, f, i) => (Math.abs(f - hertz) < Math.abs(bandHz[best]! - hertz) ? i : best), 0);
    return [{ row, text: String(hertz / 1000) }];
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** matplotlib's plasma at eleven stops. */
export const plasma: readonly (readonly [number, string])[] = [
  "#0d0887", "#41049d", "#6a00a8", "#8f0da4", "#b12a90", "#cc4778", "#e16462", "#f2844b", "#fca636", "#fcce25", "#f0f921",
].map((hex, i) => [i / 10, hex]);
