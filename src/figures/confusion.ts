import { figure, type Figure, type FigureOptions } from "./figure.js";
import { colour } from "./style.js";

export interface ConfusionData {
  /** Rows are the truth, columns the decision. */
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** Counts with the share of their row; the colour follows the share, so rare classes are as readable as common ones. */
export function confusionMatrix({ labels, counts }: ConfusionData, options: FigureOptions): Figure {
  return countMatrix({ rows: labels, columns: labels, counts, rowTitle: "Truth", columnTitle: "Decision", height: 280 }, options);
}

export interface CountMatrix {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly counts: readonly (readonly number[])[];
  readonly rowTitle: string;
  readonly columnTitle: string;
  readonly height: number;
  /** Said before the counts in the description. */
  readonly opening?: string;
}

/** Rows by columns, each cell with its count and its share of the row. */
export function countMatrix({ rows, columns, counts, rowTitle, columnTitle, height, opening = "Confusion matrix, truth by decision." }: CountMatrix, options: FigureOptions): Figure {
  const shares = counts.map((row) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((n) => (total === 0 ? 0 : n / total));
  });
  const longest = Math.max(...rows.map((name) => name.length));
  return figure(options, {
    data: [{
      type: "heatmap", x: columns, y: rows, z: shares.map((row) => row.map((share) => Math.round(share * 1000) / 1000)), zmin: 0, zmax: 1,
      colorscale: [[0, colour.shade], [1, colour.series1]], showscale: false, xgap: 2, ygap: 2,
      hovertemplate: `${rowTitle} %{y}, ${columnTitle} %{x}: %{z:.0%}<extra></extra>`,
    }],
    layout: {
      xaxis: { title: columnTitle, showgrid: false, showline: false, ticks: "", tickangle: 0 },
      yaxis: { title: rowTitle, showgrid: false, showline: false, ticks: "", autorange: "reversed", automargin: true },
      annotations: counts.flatMap((row, i) =>
        row.map((n, j) => ({
          x: columns[j], y: rows[i], text: n === 0 ? "0" : `<b>${n}</b><br>${Math.round(shares[i]![j]! * 100)} %`, showarrow: false,
          font: { size: 13, color: shares[i]![j]! > 0.5 ? colour.paper : colour.ink },
        })),
      ),
    },
    height,
    margin: { l: Math.max(92, 40 + 7 * longest), b: columns.some((name) => name.includes("<br>")) ? 62 : 46 },
    alt: `${opening} ${rows.map((truth, i) => `${truth}: ${columns.map((decision, j) => `${counts[i]![j]} called ${decision}`).filter((_, j) => counts.length < 3 || counts[i][j] > 0).join(", ") || "none"}`).join("; ")}.`,
    table: { columns: [rowTitle.toLowerCase(), ...columns], rows: counts.map((row, i) => [rows[i]!, ...row]) },
  });
}
