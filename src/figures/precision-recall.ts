import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour, type SeriesStyle } from "./style.js";

export interface PrecisionRecallSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  /** Rising, as the threshold falls. */
  readonly recall: ArrayLike<number>;
  readonly precision: ArrayLike<number>;
  /** Stands in the legend and the description. */
  readonly averagePrecision?: number;
}

/**
 * Precision against recall in steps, which is what average precision sums; the dotted line is what chance reaches.
 * @param prevalence share of positive cases
 */
export function precisionRecallFigure(curves: readonly PrecisionRecallSeries[], prevalence: number, options: FigureOptions): Figure {
  const label = ({ name, averagePrecision: ap }: PrecisionRecallSeries): string => (ap === undefined ? name : `${name} (AP ${ap.toFixed(2)})`);
  return figure(options, {
    data: [
      ...curves.map((curve) => ({
        type: "scatter", mode: "lines", name: label(curve), meta: curve.name, x: rounded(curve.recall), y: rounded(curve.precision),
        line: { color: curve.style.colour, dash: curve.style.dash, width: 2, shape: "vh" },
        hovertemplate: `${curve.name}<br>recall %{x:.2f}, precision %{y:.2f}<extra></extra>`,
      })),
      { type: "scatter", mode: "lines", name: "chance", x: [0, 1], y: [prevalence, prevalence], line: { color: colour.rule, width: 1, dash: "dot" }, hoverinfo: "skip", showlegend: false },
    ],
    layout: {
      xaxis: { title: "Recall", range: [-0.01, 1.01], dtick: 0.2, constrain: "domain" },
      yaxis: { title: "Precision", range: [-0.01, 1.02], dtick: 0.2, scaleanchor: "x", constrain: "domain" },
      legend: { x: 0.02, y: 0.04, xanchor: "left", yanchor: "bottom", font: { size: 11.5 } },
    },
    height: 336,
    alt: `Precision–recall curves. ${curves.map(label).join("; ")}. Chance reaches ${prevalence.toFixed(2)}.`,
    table: {
      columns: ["series", "recall", "precision"],
      rows: curves.flatMap(({ name, recall, precision }) => Array.from(recall, (at, i) => [name, at, precision[i]])),
    },
  });
}

const rounded = (values: ArrayLike<number>): number[] => Array.from(values, (value) => Math.round(value * 1e5) / 1e5);
