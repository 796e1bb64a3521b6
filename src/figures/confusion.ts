import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour } from "./style.js";

export interface ConfusionData {
  /** Rows are the truth, columns the decision. */
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** Counts with the share of their row; the colour follows the share, so rare classes are as readable as common ones. */
export function confusionMatrix({ labels, counts }: ConfusionData, options: FigureOptions): Figure {
  const shares = counts.map((row) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((n) => (total === 0 ? 0 : n / total));
  });
  return figure(options, {
    data: [{
      type: "heatmap", x: labels, y: labels, z: shares.map((row) => row.map((share) => Math.round(share * 1000) / 1000)), zmin: 0, zmax: 1,
      colorscale: [[0, colour.shade], [1, colour.series1]], showscale: false, xgap: 2, ygap: 2,
      hovertemplate: "truth %{y}, decision %{x}: %{z:.0%}<extra></extra>",
    }],
    layout: {
      xaxis: { title: "Decision", showgrid: false, showline: false, ticks: "" },
      yaxis: { title: "Truth", showgrid: false, showline: false, ticks: "", autorange: "reversed", automargin: true },
      annotations: counts.flatMap((row, i) =>
        row.map((n, j) => ({
          x: labels[j], y: labels[i], text: `<b>${n}</b><br>${Math.round(shares[i]![j]! * 100)} %`, showarrow: false,
          font: { size: 13, color: shares[i]![j]! > 0.5 ? colour.paper : colour.ink },
        })),
      ),
    },
    height: 280,
    margin: { l: 92 },
    alt: `Confusion matrix, truth by decision. ${labels.map((truth, i) => `${truth}: ${labels.map((decision, j) => `${counts[i]![j]} called ${decision}`).join(", ")}`).join("; ")}.`,
    table: { columns: ["truth", ...labels], rows: counts.map((row, i) => [labels[i]!, ...row]) },
  });
}
