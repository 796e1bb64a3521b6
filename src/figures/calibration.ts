import { figure, axis, type Figure, type FigureOptions } from "./figure.js";
import { colour, translucent, type SeriesStyle } from "./style.js";

export interface CalibrationSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  /** As `reliability` gives them. */
  readonly bins: readonly { readonly predicted: number; readonly observed: number; readonly count: number }[];
  readonly error?: number;
}

/** What was said against what came true, above how often it was said. On the diagonal, a probability keeps its word. */
export function calibrationFigure(series: readonly CalibrationSeries[], options: FigureOptions): Figure {
  const label = ({ name, error }: CalibrationSeries): string => (error === undefined ? name : `${name} (ECE ${error.toFixed(3)})`);
  const shown = series.map((one) => ({ ...one, bins: one.bins.filter((bin) => bin.count > 0) }));
  return figure(options, {
    data: [
      { type: "scatter", mode: "lines", name: "perfect", x: [0, 1], y: [0, 1], line: { color: colour.rule, width: 1, dash: "dot" }, hoverinfo: "skip", showlegend: false },
      ...shown.flatMap((one) => [
        {
          type: "scatter", mode: "lines+markers", name: label(one), meta: one.name, x: one.bins.map((bin) => round(bin.predicted)), y: one.bins.map((bin) => round(bin.observed)),
          line: { color: one.style.colour, dash: one.style.dash, width: 2 }, marker: { color: one.style.colour, symbol: one.style.symbol, size: 7 },
          customdata: one.bins.map((bin) => bin.count), hovertemplate: `${one.name}<br>said %{x:.2f}, came true %{y:.2f} (n = %{customdata})<extra></extra>`,
        },
        {
          type: "bar", x: one.bins.map((bin) => round(bin.predicted)), y: one.bins.map((bin) => bin.count), width: 0.04, yaxis: "y2", showlegend: false, name: one.name,
          marker: { color: translucent(one.style.colour, 0.45) }, hovertemplate: `${one.name}: %{y} cases<extra></extra>`,
        },
      ]),
    ],
    layout: {
      barmode: "overlay",
      xaxis: { title: "Predicted probability", range: [-0.02, 1.02], dtick: 0.2, anchor: "y2" },
      yaxis: { title: "Observed share", range: [-0.02, 1.02], dtick: 0.2, domain: [0.28, 1] },
      yaxis2: { ...axis({ title: "Cases", rangemode: "tozero", nticks: 3 }), domain: [0, 0.2], anchor: "x" },
      legend: { x: 0.02, y: 0.98, xanchor: "left", yanchor: "top", font: { size: 11.5 } },
    },
    height: 380,
    alt: `Reliability diagram: predicted probability against observed share. ${series.map(label).join("; ")}.`,
    table: {
      columns: ["series", "predicted", "observed", "n"],
      rows: series.flatMap(({ name, bins }) => bins.map(({ predicted, observed, count }) => [name, predicted, observed, count])),
    },
  });
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
