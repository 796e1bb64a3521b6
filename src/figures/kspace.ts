import { InvalidValue } from "../core/index.js";
import { axis, figure, type Figure, type FigureOptions } from "./figure.js";
import { picture, type PanelImage } from "./picture.js";
import { heading, plasma } from "./spectrogram.js";
import { colour } from "./style.js";

export interface AcquisitionData {
  /** For each slice, the columns in the order they were acquired; −1 ends a shorter one. */
  readonly orders: readonly (readonly number[])[];
  /** Phase-encoding columns of the k-space. */
  readonly nColumns: number;
  /** Columns that every slice had from the start, such as the centre. */
  readonly initial?: readonly number[];
}

/**
 * Which column is acquired at which step, over many slices: one row a step, one column a k-space column, shaded by the
 * share of slices. A vertical line is a policy that never looks at the slice; a cloud one that does.
 *
 * @throws InvalidValue without a slice, or for a column outside the k-space
 * @example acquisitionMap({ orders: [[3, 5], [3, 4]], nColumns: 8, initial: [0, 7] }, { id: "acquisition", generated: true })
 */
export function acquisitionMap({ orders, nColumns, initial = [] }: AcquisitionData, options: FigureOptions): Figure {
  if (orders.length === 0) throw new InvalidValue(`figure ${options.id}`, "needs at least one slice", orders);
  const nSteps = Math.max(...orders.map((order) => order.length));
  const shares = Array.from({ length: nSteps }, () => new Float64Array(nColumns));
  for (const order of orders) {
    order.forEach((column, step) => {
      if (column === -1) return;
      if (!Number.isInteger(column) || column < 0 || column >= nColumns) throw new InvalidValue(`figure ${options.id}, step ${step + 1}`, `must be a column from 0 to ${nColumns - 1}`, column);
      shares[step][column] += 1 / orders.length;
    });
  }
  const largest = Math.max(1e-9, ...shares.map((row) => Math.max(...row)));
  const fixed = shares.filter((row) => Math.max(...row) > 1 - 1e-9).length;
  return figure(options, {
    data: [{
      type: "heatmap", z: shares.map((row) => Array.from(row, round)), y0: 1, dy: 1, zmin: 0, zmax: round(largest), colorscale: plasma, xgap: nColumns > 90 ? 0 : 1, ygap: nSteps > 40 ? 0 : 1,
      colorbar: { title: { text: "share of<br>slices", side: "top", font: { size: 11.5 } }, thickness: 10, outlinewidth: 0, len: 1, x: 1.01, tickfont: { size: 11 }, tickformat: ".0%" },
      hovertemplate: "step %{y}, column %{x}: %{z:.0%} of slices<extra></extra>",
    }],
    layout: {
      xaxis: { title: "k-space column", showgrid: false, range: [-0.5, nColumns - 0.5] },
      yaxis: { title: "Acquisition step", showgrid: false, range: [nSteps + 0.5, 0.5], dtick: Math.max(1, Math.ceil(nSteps / 8)), tick0: 1 },
      shapes: runs(initial).map(([from, to]) => ({ type: "rect", xref: "x", yref: "paper", x0: from - 0.5, x1: to + 0.5, y0: 1.01, y1: 1.045, fillcolor: colour.series3, line: { width: 0 } })),
      annotations: initial.length ? [{ ...heading(`■ ${initial.length} columns acquired before the first step`, 0), yshift: 16, font: { size: 11, color: colour.series3 } }] : [],
    },
    width: "text",
    height: Math.min(520, Math.max(230, 118 + 13 * nSteps)),
    margin: { r: 66, t: initial.length ? 40 : 26 },
    alt: `Heat map of acquisition step against k-space column over ${orders.length} ${orders.length === 1 ? "slice" : "slices"}: ${nSteps} steps, ${nColumns} columns${initial.length ? `, ${initial.length} of them acquired at the start` : ""}. In ${fixed} of the ${nSteps} steps every slice acquires the same column.`,
    table: { columns: ["step", "column", "share_of_slices"], rows: shares.flatMap((row, step) => Array.from(row).flatMap((share, column) => (share > 0 ? [[step + 1, column, round(share)]] : []))) },
  });
}

export interface KspaceData {
  readonly title: string;
  /** Magnitude |k| of the full k-space, centre in the middle; shown as log(1 + |k|). */
  readonly magnitude: PanelImage;
  /** Columns in the order they were acquired. */
  readonly order: readonly number[];
  /** Columns that were there before the first step. */
  readonly initial?: readonly number[];
}

/**
 * One slice's k-space with what was acquired of it: log magnitude, columns never acquired dimmed, and above it a dot a
 * column at the step that acquired it.
 *
 * @throws InvalidValue for a column outside the k-space
 */
export function kspaceFigure({ title, magnitude, order, initial = [] }: KspaceData, options: FigureOptions): Figure {
  const [rows, columns] = magnitude.shape;
  const acquired = new Set([...initial, ...order]);
  for (const column of acquired) if (!(column >= 0 && column < columns)) throw new InvalidValue(`figure ${options.id}`, `must be a column from 0 to ${columns - 1}`, column);
  const missing = Array.from({ length: columns }, (_, column) => column).filter((column) => !acquired.has(column));
  const log = { shape: magnitude.shape, values: Array.from(magnitude.values, (value) => Math.log1p(Math.max(0, value))) };
  const xaxis = { showgrid: false, range: [-0.5, columns - 0.5] };
  return figure(options, {
    data: [
      { type: "image", source: picture(log, "plasma"), hoverinfo: "skip", xaxis: "x", yaxis: "y" },
      {
        type: "scatter", mode: "markers", name: "acquired at the start", x: initial, y: initial.map(() => 0), xaxis: "x", yaxis: "y2", marker: { color: colour.series3, symbol: "square", size: 5 },
        hovertemplate: "column %{x}, at the start<extra></extra>", showlegend: initial.length > 0,
      },
      {
        type: "scatter", mode: "markers", name: "acquired by step", x: order, y: order.map((_, step) => step + 1), xaxis: "x", yaxis: "y2", marker: { color: colour.series1, size: 6 },
        hovertemplate: "step %{y}: column %{x}<extra></extra>",
      },
    ],
    layout: {
      xaxis: { ...xaxis, title: "k-space column", anchor: "y" },
      yaxis: { title: "k-space row", showgrid: false, range: [rows - 0.5, -0.5], domain: [0, 0.7] },
      yaxis2: { ...axis({ title: "Step", range: [Math.max(1, order.length) + 1, -1], nticks: 5 }), domain: [0.74, 1], anchor: "x" },
      shapes: runs(missing).map(([from, to]) => ({ type: "rect", xref: "x", yref: "y", x0: from - 0.5, x1: to + 0.5, y0: -0.5, y1: rows - 0.5, fillcolor: "#000010b8", line: { width: 0 } })),
      annotations: [heading(title, 0)],
      legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 } },
    },
    height: Math.min(560, Math.round(104 + (266 * rows) / columns / 0.7)),
    margin: { b: 78 },
    alt: `${title}: log magnitude of a k-space of ${rows} rows and ${columns} columns. ${acquired.size} columns are acquired, ${initial.length} at the start${order.length ? ` and ${order.length} in steps, the first at column ${order[0]}` : ""}; the others are dimmed.`,
    table: { columns: ["column", "step"], rows: [...initial.map((column) => [column, 0]), ...order.map((column, step) => [column, step + 1])] },
  });
}

/** 1, 2, 3, 7 → [1, 3], [7, 7]. */
function runs(columns: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const column of [...new Set(columns)].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] === column - 1) last[1] = column;
    else found.push([column, column]);
  }
  return found;
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
