import { figure, legendLines, type Figure, type FigureOptions } from "./figure.js";
import { colour, type SeriesStyle } from "./style.js";

interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface TradeOffPoint {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly x: Estimate;
  readonly y: Estimate;
}

export interface TradeOffOptions extends FigureOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  /** Joins the points in their order: the path a weight takes from one aim to the other. */
  readonly joined?: boolean;
}

/** Two measures of the same systems against each other, with both intervals: what one costs of the other. */
export function tradeOff(points: readonly TradeOffPoint[], options: TradeOffOptions): Figure {
  const { xTitle, yTitle, joined = false } = options;
  const lines = legendLines(points.map(({ name }) => name), 266);
  const bars = ({ value, low = value, high = value }: Estimate, ink: string): object => ({ type: "data", symmetric: false, array: [round(high - value)], arrayminus: [round(value - low)], thickness: 1.2, width: 3, color: ink });
  return figure(options, {
    data: [
      ...(joined && points.length > 1 ? [{ type: "scatter", mode: "lines", x: points.map(({ x }) => round(x.value)), y: points.map(({ y }) => round(y.value)), line: { color: colour.rule, width: 1.2, dash: "dot" }, hoverinfo: "skip", showlegend: false }] : []),
      ...points.map(({ name, style, x, y }) => ({
        type: "scatter", mode: "markers", name, meta: name, x: [round(x.value)], y: [round(y.value)], error_x: bars(x, style.colour), error_y: bars(y, style.colour),
        marker: { color: style.colour, symbol: style.symbol, size: 9 }, hovertemplate: `${name}<br>${xTitle} %{x:.3f}, ${yTitle} %{y:.3f}<extra></extra>`,
      })),
    ],
    layout: { xaxis: { title: xTitle }, yaxis: { title: yTitle }, legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 } } },
    height: 280 + 20 * lines,
    margin: { b: 54 + 20 * lines },
    alt: `${yTitle} against ${xTitle}. ${points.map(({ name, x, y }) => `${name}: ${x.value.toFixed(3)} and ${y.value.toFixed(3)}`).join("; ")}.`,
    table: {
      columns: ["series", xTitle, "x_low", "x_high", yTitle, "y_low", "y_high"],
      rows: points.map(({ name, x, y }) => [name, x.value, x.low ?? null, x.high ?? null, y.value, y.low ?? null, y.high ?? null]),
    },
  });
}

const round = (value: number): number => Number(value.toPrecision(6));
