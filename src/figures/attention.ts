import { figure, axis, type Figure, type FigureOptions } from "./figure.js";
import { heading, plasma, rows } from "./spectrogram.js";
import { colour } from "./style.js";

export interface AttentionMapData {
  /** What the patches were cut from, row 0 at the bottom. */
  readonly image: { readonly shape: readonly [number, number]; readonly values: readonly number[] };
  /** One weight a patch, row-major over the patch grid. */
  readonly weights: { readonly shape: readonly [number, number]; readonly values: readonly number[] };
  /** Side of a patch and step between patches, in pixels of the image. */
  readonly patch: number;
  readonly stride: number;
  readonly title: string;
}

/** The image, dimmed where little attention went, its strongest patch framed, and the weights themselves beside it. */
export function attentionMap(data: AttentionMapData, options: FigureOptions): Figure {
  const { image, weights, patch, stride, title } = data;
  const [gridRows, gridColumns] = weights.shape;
  const largest = weights.values.reduce((a, b) => Math.max(a, b), 0);
  const strongest = weights.values.indexOf(largest);
  const uniform = 1 / (gridRows * gridColumns);
  const [height, width] = image.shape;
  return figure(options, {
    data: [
      { type: "heatmap", z: rows(image.values, image.shape), colorscale: plasma, showscale: false, xaxis: "x", yaxis: "y", hoverinfo: "skip" },
      {
        type: "heatmap", z: perPixel(data), colorscale: [[0, "#000010c0"], [1, "#00001000"]], zmin: 0, zmax: 1, showscale: false, xaxis: "x", yaxis: "y",
        hovertemplate: "relative weight %{z:.2f}<extra></extra>",
      },
      {
        type: "heatmap", z: weights.values.length ? grid(weights) : [], colorscale: [[0, colour.shade], [1, colour.series1]], zmin: 0, zmax: largest, xaxis: "x2", yaxis: "y2", xgap: 1, ygap: 1,
        colorbar: { title: { text: "weight", side: "top", font: { size: 11.5 } }, thickness: 10, outlinewidth: 0, len: 1, x: 1.01, tickfont: { size: 11 }, tickformat: ".2~f" },
        hovertemplate: "patch row %{y}, column %{x}: %{z:.4f}<extra></extra>",
      },
    ],
    layout: {
      xaxis: { title: "Image column (time)", showgrid: false, domain: [0, 0.46], range: [-0.5, width - 0.5] },
      yaxis: { title: "Image row (frequency)", showgrid: false, range: [-0.5, height - 0.5] },
      xaxis2: { ...axis({ title: "Patch column", showgrid: false, dtick: Math.ceil(gridColumns / 6) }), domain: [0.56, 1], anchor: "y2" },
      yaxis2: { ...axis({ title: "Patch row", showgrid: false, dtick: Math.ceil(gridRows / 6) }), anchor: "x2" },
      shapes: [outline(strongest, gridColumns, patch, stride)],
      annotations: [heading(title, 0), heading(`weights (uniform: ${uniform.toFixed(3)})`, 0.56)],
    },
    width: "text",
    height: 300,
    margin: { r: 66 },
    alt: `Attention over ${gridRows} × ${gridColumns} patches of ${title}. The strongest patch, row ${Math.floor(strongest / gridColumns)}, column ${strongest % gridColumns}, has weight ${largest.toFixed(3)}; uniform attention would give ${uniform.toFixed(3)}.`,
    table: {
      columns: ["patch_row", "patch_column", "weight"],
      rows: weights.values.map((weight, i) => [Math.floor(i / gridColumns), i % gridColumns, weight]),
    },
  });
}

/** Mean weight of the patches that cover each pixel, relative to the strongest. */
function perPixel({ image, weights, patch, stride }: AttentionMapData): number[][] {
  const [height, width] = image.shape;
  const [gridRows, gridColumns] = weights.shape;
  const sums = Array.from({ length: height }, () => new Float64Array(width));
  const counts = Array.from({ length: height }, () => new Float64Array(width));
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns; column++) {
      const weight = weights.values[row * gridColumns + column]!;
      for (let y = row * stride; y < Math.min(height, row * stride + patch); y++) {
        for (let x = column * stride; x < Math.min(width, column * stride + patch); x++) {
          sums[y]![x]! += weight;
          counts[y]![x]! += 1;
        }
      }
    }
  }
  const means = sums.map((line, y) => Array.from(line, (sum, x) => sum / (counts[y]![x]! || 1)));
  const largest = Math.max(...means.map((line) => Math.max(...line))) || 1;
  return means.map((line) => line.map((mean) => Math.round((mean / largest) * 100) / 100));
}

function grid({ values, shape: [height, width] }: AttentionMapData["weights"]): number[][] {
  return Array.from({ length: height }, (_, row) => values.slice(row * width, (row + 1) * width).map((weight) => Number(weight.toPrecision(4))));
}

function outline(index: number, columns: number, patch: number, stride: number): Record<string, unknown> {
  const x = (index % columns) * stride - 0.5;
  const y = Math.floor(index / columns) * stride - 0.5;
  return { type: "rect", xref: "x", yref: "y", x0: x, x1: x + patch, y0: y, y1: y + patch, line: { color: "#fffffe", width: 2 } };
}
