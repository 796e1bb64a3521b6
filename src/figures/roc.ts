import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour, translucent, type SeriesStyle } from "./style.js";

export interface RocSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly falsePositiveRate: ArrayLike<number>;
  readonly truePositiveRate: ArrayLike<number>;
  /** Stands in the legend and the description. */
  readonly auc?: number;
  /** Pointwise limits of the true-positive rate on a grid of false-positive rates. */
  readonly band?: { readonly falsePositiveRate: readonly number[]; readonly low: readonly number[]; readonly high: readonly number[] };
  readonly operatingPoint?: { readonly falsePositiveRate: number; readonly truePositiveRate: number };
}

export interface RocOptions extends FigureOptions {
  /** The region that a partial AUC covers is shaded; 0.1 unless said otherwise, 0 for none. */
  readonly maxFpr?: number;
}

/** ROC curves of one or several methods, square, with the partial-AUC region shaded and operating points ringed. */
export function rocFigure(curves: readonly RocSeries[], options: RocOptions): Figure {
  const { maxFpr = 0.1 } = options;
  const data = curves.flatMap((curve) => [...bandTraces(curve), curveTrace(curve), ...pointTrace(curve)]);
  return figure(options, {
    data: [...data, { type: "scatter", mode: "lines", x: [0, 1], y: [0, 1], line: { color: colour.rule, width: 1, dash: "dot" }, hoverinfo: "skip", showlegend: false, name: "chance" }],
    layout: {
      xaxis: { title: "False-positive rate", range: [-0.01, 1.01], dtick: 0.2, constrain: "domain" },
      yaxis: { title: "True-positive rate", range: [-0.01, 1.02], dtick: 0.2, scaleanchor: "x", constrain: "domain" },
      shapes: maxFpr > 0 ? [shadedRegion(maxFpr)] : [],
      annotations: maxFpr > 0 ? [regionLabel(maxFpr)] : [],
      legend: { x: 0.98, y: 0.04, xanchor: "right", yanchor: "bottom", font: { size: 11.5 } },
    },
    width: "column",
    height: 336,
    alt: describe(curves, maxFpr),
    table: {
      columns: ["series", "false_positive_rate", "true_positive_rate"],
      rows: curves.flatMap(({ name, falsePositiveRate, truePositiveRate }) =>
        Array.from(falsePositiveRate, (fpr, i) => [name, fpr, truePositiveRate[i]!]),
      ),
    },
  });
}

function curveTrace({ name, style, auc, falsePositiveRate, truePositiveRate }: RocSeries): Record<string, unknown> {
  return {
    type: "scatter", mode: "lines", name: auc === undefined ? name : `${name} (AUC ${auc.toFixed(2)})`, meta: name,
    x: rounded(falsePositiveRate), y: rounded(truePositiveRate),
    line: { color: style.colour, dash: style.dash, width: 2, shape: "linear" },
    hovertemplate: `${name}<br>FPR %{x:.2f}, TPR %{y:.2f}<extra></extra>`,
  };
}

function bandTraces({ band, style }: RocSeries): Record<string, unknown>[] {
  if (!band) return [];
  const x = [...band.falsePositiveRate, ...[...band.falsePositiveRate].reverse()];
  const y = [...band.high, ...[...band.low].reverse()];
  const fillcolor = translucent(style.colour, 0.14);
  return [{ type: "scatter", mode: "lines", x: rounded(x), y: rounded(y), fill: "toself", fillcolor, line: { width: 0 }, hoverinfo: "skip", showlegend: false }];
}

function pointTrace({ name, style, operatingPoint }: RocSeries): Record<string, unknown>[] {
  if (!operatingPoint) return [];
  const { falsePositiveRate, truePositiveRate } = operatingPoint;
  return [{
    type: "scatter", mode: "markers", x: [falsePositiveRate], y: [truePositiveRate], showlegend: false, name: `${name}, operating point`,
    marker: { symbol: style.symbol, size: 10, color: colour.paper, line: { color: style.colour, width: 2 } },
    hovertemplate: `${name}, operating point<br>FPR %{x:.2f}, TPR %{y:.2f}<extra></extra>`,
  }];
}

const shadedRegion = (maxFpr: number): Record<string, unknown> => ({
  type: "rect", xref: "x", yref: "paper", x0: 0, x1: maxFpr, y0: 0, y1: 1, fillcolor: colour.shade, line: { width: 0 }, layer: "below",
});

const regionLabel = (maxFpr: number): Record<string, unknown> => ({
  text: `FPR ≤ ${maxFpr}`, xref: "x", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", yshift: 6, showarrow: false,
  font: { size: 10.5, color: colour.muted },
});

function describe(curves: readonly RocSeries[], maxFpr: number): string {
  const one = ({ name, auc, operatingPoint: at }: RocSeries): string => {
    const area = auc === undefined ? "" : `: AUC ${auc.toFixed(2)}`;
    const point = at ? `, operating at ${percent(at.truePositiveRate)} true and ${percent(at.falsePositiveRate)} false positives` : "";
    return name + area + point;
  };
  return `ROC curves. ${curves.map(one).join("; ")}.${maxFpr > 0 ? ` False-positive rates up to ${maxFpr} are shaded.` : ""}`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const rounded = (values: ArrayLike<number>): number[] => Array.from(values, (value) => Math.round(value * 1e5) / 1e5);
