import { figure, type Figure, type FigureOptions } from "./figure.js";
import { translucent, type SeriesStyle } from "./style.js";

export interface CurveSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** A band round the curve: the range over seeds, or limits. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export interface CurveOptions extends FigureOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logarithmic?: boolean;
}

/** Learning curves, with a band where several seeds were run. */
export function learningCurves(series: readonly CurveSeries[], options: CurveOptions): Figure {
  const data = series.flatMap(({ name, style, x, y, low, high }) => [
    ...(low && high
      ? [{
          type: "scatter", mode: "lines", x: [...x, ...[...x].reverse()], y: [...high, ...[...low].reverse()].map(round), fill: "toself",
          fillcolor: translucent(style.colour, 0.16), line: { width: 0 }, hoverinfo: "skip", showlegend: false,
        }]
      : []),
    {
      type: "scatter", mode: x.length < 2 ? "markers" : "lines", name, meta: name, x, y: y.map(round), line: { color: style.colour, dash: style.dash, width: 2 },
      hovertemplate: `${name}<br>${options.xTitle} %{x}: %{y:.4g}<extra></extra>`,
    },
  ]);
  return figure(options, {
    data,
    layout: {
      xaxis: { title: options.xTitle },
      yaxis: { title: options.yTitle, ...(options.logarithmic && { type: "log" }) },
      showlegend: series.length > 1,
      legend: { x: 0.98, y: 0.98, xanchor: "right", yanchor: "top", font: { size: 11.5 } },
    },
    height: 260,
    alt: `${options.yTitle} against ${options.xTitle}. ${series.map(({ name, y }) => `${name}: from ${short(y[0])} to ${short(y.at(-1))}`).join("; ")}.`,
    table: {
      columns: ["series", options.xTitle, options.yTitle, "low", "high"],
      rows: series.flatMap(({ name, x, y, low, high }) => x.map((at, i) => [name, at, y[i] ?? null, low?.[i] ?? null, high?.[i] ?? null])),
    },
  });
}

const round = (value: number): number => Number(value.toPrecision(6));
const short = (value: number | undefined): string => (value === undefined ? "nothing" : value.toPrecision(3));
