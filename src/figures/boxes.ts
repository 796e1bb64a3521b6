import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour, translucent, type SeriesStyle } from "./style.js";

export interface BoxSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  /** One a case, in the same order for every series; null where the case has none. */
  readonly values: readonly (number | null)[];
}

export interface BoxOptions extends FigureOptions {
  readonly yTitle: string;
  /** Names of the cases, for the table and the hover. */
  readonly cases: readonly string[];
  /** Thin lines join a case's values from one series to the next; left out above 200 cases. */
  readonly paired?: boolean;
  /** `violin` also shows where the cases are dense; worth it from some 30 cases on. */
  readonly shape?: "box" | "violin";
}

/** Box (or violin) and every case of each series, side by side; lines join the same case, so that a shift is seen case by case. */
export function caseBoxes(series: readonly BoxSeries[], options: BoxOptions): Figure {
  const { cases, yTitle, paired = cases.length <= 200, shape = "box" } = options;
  const complete = cases.map((_, i) => i).filter((i) => series.every(({ values }) => values[i] !== null && values[i] !== undefined));
  const joined = {
    type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false, line: { color: translucent(colour.muted, 0.22), width: 1 },
    x: complete.flatMap(() => [...series.map((_, s) => s), null]),
    y: complete.flatMap((i) => [...series.map(({ values }) => round(values[i]!)), null]),
  };
  const boxes = series.map(({ name, style, values }, s) => {
    const present = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
    const drawn = shape === "box"
      ? { type: "box", boxpoints: "all", jitter: 0.25, width: 0.5 }
      : { type: "violin", points: "all", jitter: 0.12, width: 0.8, spanmode: "hard", box: { visible: true, width: 0.16, fillcolor: colour.paper }, meanline: { visible: false } };
    return {
      ...drawn, name, x0: s, y: present.map(({ value }) => round(value)), text: present.map(({ i }) => cases[i]), pointpos: 0, orientation: "v",
      fillcolor: translucent(style.colour, 0.14), line: { color: style.colour, width: 1.5 }, marker: { color: translucent(style.colour, 0.6), size: 4, symbol: style.symbol },
      hovertemplate: `${name}<br>%{text}: %{y:.3f}<extra></extra>`, showlegend: false,
    };
  });
  return figure(options, {
    data: [...(paired && series.length > 1 && complete.length > 0 ? [joined] : []), ...boxes],
    layout: {
      xaxis: { tickmode: "array", tickvals: series.map((_, s) => s), ticktext: series.map(({ name }) => name), range: [-0.6, series.length - 0.4], showgrid: false, ticks: "", tickfont: { size: 12, color: colour.ink } },
      yaxis: { title: yTitle },
    },
    width: series.length > 3 ? "text" : "column",
    height: 300,
    alt: `${shape === "box" ? "Box" : "Violin"} plots of ${yTitle} by case. ${series.map(({ name, values }) => `${name}: ${summary(values)}`).join("; ")}.`,
    table: { columns: ["case", ...series.map(({ name }) => name)], rows: cases.map((name, i) => [name, ...series.map(({ values }) => values[i] ?? null)]) },
  });
}

function summary(values: readonly (number | null)[]): string {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return "no value";
  const at = (share: number): string => sorted[Math.round(share * (sorted.length - 1))].toFixed(2);
  return `median ${at(0.5)}, middle half ${at(0.25)} to ${at(0.75)}, n = ${sorted.length}`;
}

const round = (value: number): number => Number(value.toPrecision(6));
