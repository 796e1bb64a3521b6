import { figure, legendLines, type Figure, type FigureOptions } from "./figure.js";
import { colour, translucent, type SeriesStyle } from "./style.js";

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
  /** Marks every value, for curves of a handful of steps: rounds, budgets. */
  readonly marked?: boolean;
  /** A dashed line across, for instance what the fully sampled image reaches. */
  readonly reference?: { readonly value: number; readonly label: string };
}

/** Curves over steps – epochs, rounds, budgets – with a band where there is an interval or several seeds. */
export function learningCurves(series: readonly CurveSeries[], options: CurveOptions): Figure {
  const data = series.flatMap(({ name, style, x, y, low, high }) => [
    ...(low && high
      ? [{
          type: "scatter", mode: "lines", x: [...x, ...[...x].reverse()], y: [...high, ...[...low].reverse()].map(round), fill: "toself",
          fillcolor: translucent(style.colour, series.length > 4 ? 0.07 : 0.16), line: { width: 0 }, hoverinfo: "skip", showlegend: false,
        }]
      : []),
    {
      type: "scatter", mode: x.length < 2 ? "markers" : options.marked ? "lines+markers" : "lines", name, meta: name, x, y: y.map(round), line: { color: style.colour, dash: style.dash, width: 2 },
      marker: { color: style.colour, symbol: style.symbol, size: 7 },
      hovertemplate: `${name}<br>${options.xTitle} %{x}: %{y:.4g}<extra></extra>`,
    },
  ]);
  const { reference, xTitle, yTitle, logarithmic } = options;
  const wide = series.length > 2;
  const lines = legendLines(series.map(({ name }) => name), wide ? 610 : 266);
  return figure({ ...options, width: options.width ?? (wide ? "text" : "column") }, {
    data,
    layout: {
      xaxis: { title: xTitle, ...wholeTicks(series.flatMap(({ x }) => x)) },
      yaxis: { title: yTitle, ...(logarithmic && { type: "log" }) },
      shapes: reference ? [{ type: "line", xref: "paper", yref: "y", x0: 0, x1: 1, y0: reference.value, y1: reference.value, line: { color: colour.rule, width: 1.2, dash: "dash" } }] : [],
      annotations: reference ? [{ text: reference.label, xref: "paper", x: 1, xanchor: "right", y: reference.value, yref: "y", yanchor: "bottom", showarrow: false, font: { size: 10.5, color: colour.muted } }] : [],
      showlegend: series.length > 1,
      legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 } },
    },
    height: (wide ? 300 : 270) + 20 * (lines - 1) + (series.length > 1 ? 20 : -10),
    ...(series.length > 1 && { margin: { b: 54 + 20 * lines } }),
    alt: `${options.yTitle} against ${options.xTitle}. ${series.map(({ name, y }) => `${name}: from ${short(y[0])} to ${short(y.at(-1))}`).join("; ")}.`,
    table: {
      columns: ["series", options.xTitle, options.yTitle, "low", "high"],
      rows: series.flatMap(({ name, x, y, low, high }) => x.map((at, i) => [name, at, y[i] ?? null, low?.[i] ?? null, high?.[i] ?? null])),
    },
  });
}

/** Steps that are counted get ticks at whole numbers: at every one there is, where they are few and apart. */
function wholeTicks(x: readonly number[]): object {
  if (x.length === 0 || !x.every(Number.isInteger)) return {};
  const own = [...new Set(x)].sort((a, b) => a - b);
  const extent = own.at(-1)! - own[0];
  const apart = own.slice(1).every((value, i) => value - own[i] >= extent / 14);
  if (apart && own.length <= 9) return { tickmode: "array", tickvals: own, ticktext: own.map(String) };
  return extent < 10 ? { tick0: own[0], dtick: 1 } : {};
}

const round = (value: number): number => Number(value.toPrecision(6));
const short = (value: number | undefined): string => (value === undefined ? "nothing" : value.toPrecision(3));
