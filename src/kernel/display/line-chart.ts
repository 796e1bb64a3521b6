import { escapeHtml } from "./html.js";
import { formatNumber } from "./numbers.js";

export interface Line {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Okabe and Ito's colours, which readers with any kind of colour vision tell apart. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const width = 640;
const height = 320;
const plot = { left: 64, top: 44, right: 620, bottom: 276 };
/** More points than this a line has no room for. */
const mostPoints = 500;

/** Lines over a common axis as an SVG picture, which every front end shows anew when it is updated. */
export function lineChart({ title, xTitle, lines }: { readonly title: string; readonly xTitle: string; readonly lines: readonly Line[] }): string {
  const shown = lines.map(thinned);
  const x = axis(shown.flatMap((line) => line.x), plot.left, plot.right);
  const y = axis(shown.flatMap((line) => line.y), plot.bottom, plot.top);
  const text = (at: string, content: string, anchor = "middle"): string =>
    `<text ${at} text-anchor="${anchor}">${escapeHtml(content)}</text>`;
  const grid = [
    ...x.ticks.map((tick) => `<path d="M${x.at(tick)} ${plot.top}V${plot.bottom}"/>`),
    ...y.ticks.map((tick) => `<path d="M${plot.left} ${y.at(tick)}H${plot.right}"/>`),
  ];
  const labels = [
    ...x.ticks.map((tick) => text(`x="${x.at(tick)}" y="${plot.bottom + 16}"`, formatNumber(tick))),
    ...y.ticks.map((tick) => text(`x="${plot.left - 8}" y="${y.at(tick) + 4}"`, formatNumber(tick), "end")),
    text(`x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 34}"`, xTitle),
    text(`x="${plot.left}" y="18" font-weight="bold"`, title, "start"),
  ];
  const drawn = shown.map(
    (line, i) =>
      `<polyline fill="none" stroke="${colours[i % colours.length]}" stroke-width="2" points="${line.x.map((at, j) => `${x.at(at)},${y.at(line.y[j])}`).join(" ")}"/>`,
  );
  const legend = shown.map((line, i) => {
    const left = plot.left + i * 130;
    return `<path d="M${left} 32h18" stroke="${colours[i % colours.length]}" stroke-width="3"/>${text(`x="${left + 24}" y="36"`, line.name, "start")}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="12"><title>${escapeHtml(title)}</title><rect width="100%" height="100%" fill="#fff"/><g stroke="#ddd">${grid.join("")}</g><g fill="#333">${labels.join("")}</g>${drawn.join("")}${legend.join("")}</svg>`;
}

/** Every so many points, and the last one; what is not finite has no place. */
function thinned({ name, x, y }: Line): Line {
  const step = Math.ceil(x.length / mostPoints);
  const kept = x.map((_, i) => i).filter((i) => (i % step === 0 || i === x.length - 1) && Number.isFinite(y[i]));
  return { name, x: kept.map((i) => x[i]), y: kept.map((i) => y[i]) };
}

function axis(values: readonly number[], from: number, to: number): { readonly ticks: readonly number[]; at(value: number): number } {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [least, most] = !Number.isFinite(low) ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = niceStep((most - least) / 5);
  const first = Math.ceil(least / step - 1e-9);
  const count = Math.floor(most / step + 1e-9) - first + 1;
  return {
    ticks: Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12))),
    at: (value) => Math.round((from + ((value - least) / (most - least)) * (to - from)) * 10) / 10,
  };
}

/** 1, 2 or 5 times a power of ten, at least so much. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}
