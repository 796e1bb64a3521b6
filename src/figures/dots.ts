import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour, type SeriesStyle } from "./style.js";

export interface DotSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  /** One a category; null where there is no value. */
  readonly values: readonly ({ readonly value: number; readonly low?: number; readonly high?: number } | null)[];
}

export interface DotOptions extends FigureOptions {
  readonly xTitle: string;
  /** A dashed line, for instance 0.5 for chance. */
  readonly reference?: { readonly value: number; readonly label: string };
  readonly range?: readonly [number, number];
}

/** Values with intervals, one row a category, the series side by side within a row: the reading of bars without their ink. */
export function intervalDots(categories: readonly string[], series: readonly DotSeries[], options: DotOptions): Figure {
  const rowHeight = Math.max(28, 8.5 * series.length + 9);
  const offset = (s: number): number => (series.length === 1 ? 0 : (s / (series.length - 1) - 0.5) * 0.62);
  const data = series.map(({ name, style, values }, s) => {
    const shown = values.flatMap((item, row) => (item ? [{ ...item, row }] : []));
    return {
      type: "scatter", mode: "markers", name, meta: name,
      x: shown.map(({ value }) => round(value)),
      y: shown.map(({ row }) => row + offset(s)),
      customdata: shown.map(({ row, low, high }) => `${categories[row]}${low === undefined ? "" : ` [${low.toFixed(3)}, ${high?.toFixed(3)}]`}`),
      error_x: {
        type: "data", symmetric: false, thickness: 1.4, width: 3, color: style.colour,
        array: shown.map(({ value, high }) => round((high ?? value) - value)),
        arrayminus: shown.map(({ value, low }) => round(value - (low ?? value))),
      },
      marker: { color: style.colour, symbol: style.symbol, size: 7.5 },
      hovertemplate: `${name}, %{customdata}<br>%{x:.3f}<extra></extra>`,
    };
  });
  const { reference } = options;
  return figure(options, {
    data,
    layout: {
      xaxis: { title: options.xTitle, ...(options.range && { range: options.range }) },
      yaxis: {
        range: [categories.length - 0.5, -0.5], tickmode: "array", tickvals: categories.map((_, i) => i), ticktext: categories,
        showgrid: false, ticks: "", automargin: true, tickfont: { size: 12, color: colour.ink },
      },
      shapes: [
        ...categories.flatMap((_, row) => (row % 2 ? [] : [{ type: "rect", xref: "paper", yref: "y", x0: 0, x1: 1, y0: row - 0.5, y1: row + 0.5, fillcolor: colour.shade, line: { width: 0 }, layer: "below" }])),
        ...(reference ? [{ type: "line", xref: "x", yref: "paper", x0: reference.value, x1: reference.value, y0: 0, y1: 1, line: { color: colour.rule, width: 1.2, dash: "dash" } }] : []),
      ],
      annotations: reference
        ? [{ text: reference.label, x: reference.value, xref: "x", y: 1, yref: "paper", yanchor: "bottom", xanchor: "center", yshift: 6, showarrow: false, font: { size: 10.5, color: colour.muted } }]
        : [],
      legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 } },
    },
    width: "text",
    height: categories.length * rowHeight + 116,
    margin: { l: 120, b: 88 },
    alt: describe(categories, series, options),
    table: {
      columns: ["category", "series", "value", "low", "high"],
      rows: categories.flatMap((category, row) =>
        series.map(({ name, values }) => [category, name, values[row]?.value ?? null, values[row]?.low ?? null, values[row]?.high ?? null]),
      ),
    },
  });
}

function describe(categories: readonly string[], series: readonly DotSeries[], { xTitle }: DotOptions): string {
  const ranges = series.map(({ name, values }) => {
    const found = values.flatMap((item) => (item ? [item.value] : []));
    return found.length === 0 ? `${name}: no value` : `${name}: ${Math.min(...found).toFixed(2)} to ${Math.max(...found).toFixed(2)}`;
  });
  return `Dot plot of ${xTitle} with intervals for ${categories.length} rows (${categories.join(", ")}). ${ranges.join("; ")}.`;
}

const round = (value: number): number => Math.round(value * 1e5) / 1e5;
