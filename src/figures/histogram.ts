import { InvalidValue } from "../core/index.js";
import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour, translucent } from "./style.js";

export interface ScoreHistogramData {
  readonly normal: readonly number[];
  readonly anomalous: readonly number[];
  /** A case at or above it is called anomalous. */
  readonly threshold?: number;
}

export interface ScoreHistogramOptions extends FigureOptions {
  readonly bins?: number;
  readonly xTitle?: string;
}

/**
 * Scores of normal and anomalous cases in shared bins, drawn over each other, with the threshold as a line.
 * @throws InvalidValue without any score
 */
export function scoreHistogram({ normal, anomalous, threshold }: ScoreHistogramData, options: ScoreHistogramOptions): Figure {
  const { bins = 24, xTitle = "Anomaly score" } = options;
  const all = [...normal, ...anomalous];
  if (all.length === 0) throw new InvalidValue(`figure ${options.id}`, "needs at least one score", all);
  const low = Math.min(...all, threshold ?? Infinity);
  const high = Math.max(...all, threshold ?? -Infinity);
  const width = (high - low || 1) / bins;
  const centres = Array.from({ length: bins }, (_, i) => low + (i + 0.5) * width);
  const count = (scores: readonly number[]): number[] => countInto(scores, low, width, bins);
  const [normals, anomalies] = [count(normal), count(anomalous)];
  const most = Math.max(...normals, ...anomalies);
  const late = threshold !== undefined && (threshold - low) / (high - low || 1) > 0.55;
  const bars = (name: string, y: readonly number[], fill: string): Record<string, unknown> => ({
    type: "bar", name: `${name} (n = ${y.reduce((sum, n) => sum + n, 0)})`, x: centres.map((x) => round(x)), y, width: round(width),
    marker: { color: translucent(fill, 0.5), line: { color: fill, width: 1 } }, hovertemplate: `${name}<br>score %{x:.2f}: %{y} cases<extra></extra>`,
  });
  return figure(options, {
    data: [bars("normal", normals, colour.normal), bars("anomalous", anomalies, colour.anomalous)],
    layout: {
      barmode: "overlay", bargap: 0,
      xaxis: { title: xTitle, showgrid: false },
      yaxis: { title: "Cases", range: [0, most * (threshold === undefined ? 1.05 : 1.2)], dtick: Math.max(1, Math.ceil(most / 6)) },
      ...(threshold !== undefined && {
        shapes: [{ type: "line", x0: threshold, x1: threshold, xref: "x", yref: "paper", y0: 0, y1: 1, line: { color: colour.ink, width: 1.5, dash: "dash" } }],
        annotations: [{
          text: `threshold ${threshold.toFixed(2)}`, x: threshold, xref: "x", y: 0.99, yref: "paper", yanchor: "top", bgcolor: translucent(colour.paper, 0.8),
          ...(late ? { xanchor: "right", xshift: -4 } : { xanchor: "left", xshift: 4 }), showarrow: false, font: { size: 10.5, color: colour.ink },
        }],
      }),
      legend: { x: 0, y: -0.26, orientation: "h", font: { size: 11.5 } },
    },
    height: 280,
    margin: { b: 74 },
    alt: describe(normal, anomalous, threshold),
    table: {
      columns: ["bin_low", "bin_high", "normal", "anomalous"],
      rows: centres.map((centre, i) => [centre - width / 2, centre + width / 2, normals[i]!, anomalies[i]!]),
    },
  });
}

function countInto(scores: readonly number[], low: number, width: number, bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const score of scores) counts[Math.min(bins - 1, Math.floor((score - low) / width))]! += 1;
  return counts;
}

function describe(normal: readonly number[], anomalous: readonly number[], threshold: number | undefined): string {
  const middle = `Histogram of ${normal.length} normal scores (median ${median(normal)}) and ${anomalous.length} anomalous scores (median ${median(anomalous)}).`;
  if (threshold === undefined) return middle;
  const above = (scores: readonly number[]): number => scores.filter((score) => score >= threshold).length;
  return `${middle} At the threshold ${threshold.toFixed(2)}, ${above(anomalous)} anomalous and ${above(normal)} normal cases lie at or above it.`;
}

function median(values: readonly number[]): string {
  if (values.length === 0) return "none";
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return (sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2).toFixed(2);
}

const round = (value: number): number => Number(value.toPrecision(6));
