import type { CurveArtifact, Matrix, PanelsArtifact } from "../../results/index.js";
import type { EpochRecord } from "../../nn/index.js";
import type { EvaluatedSlice } from "./evaluate.js";
import { gridPoints } from "./lore.js";
import { resized } from "./prepare.js";

/** Loss by epoch, as records keep it. */
export function lossCurve(history: readonly EpochRecord[]): CurveArtifact {
  return { x: history.map(({ epoch }) => epoch), y: history.map(({ loss }) => loss), xTitle: "epoch", yTitle: "loss of stage 2" };
}

const matrix = (side: number, values: ArrayLike<number>): Matrix => ({ shape: [side, side], values: Array.from(values) });

/** The crop as stage 2 sees it, brought to the size of its prediction. */
function picture({ prepared }: EvaluatedSlice, imageSize: number): Matrix {
  return matrix(2 * imageSize, resized({ width: imageSize, height: imageSize, data: prepared.image }, 2 * imageSize, 2 * imageSize).data);
}

/**
 * Slices below each other, systems beside each other (spec §6, figure 5): input, map, segmenter's mask, RASALoRE, ground truth.
 */
export function qualitativeGrid(slices: readonly EvaluatedSlice[], imageSize: number): PanelsArtifact {
  const side = 2 * imageSize;
  const inside = (mask: ArrayLike<number>, least: number): Matrix => matrix(side, Array.from(mask, (value) => (value > least ? 1 : 0)));
  return {
    panels: slices.flatMap((slice) => {
      const image = picture(slice, imageSize);
      const { prepared, prediction } = slice;
      const truth = { name: "ground truth", mask: inside(prepared.truth!, 0), draw: "contour" as const };
      const panel = (title: string, mask: Matrix) => ({ title, image, overlays: [{ name: "mask", mask, draw: "fill" as const }, truth] });
      return [
        { title: prepared.id.replace(/^.*_(\d+_\d+)$/, "slice $1"), image, overlays: [truth] },
        panel("DDPT", inside(prepared.mapLarge, 127.5)),
        panel("segmenter, DDPT’s box", inside(prepared.segmenterLarge, 127.5)),
        panel("RASALoRE", inside(prediction.probability, 0.5)),
      ];
    }),
  };
}

/** Candidate points over a slice: active ones filled (spec §6, figure 3). One pixel a point, enlarged to the prediction's size. */
export function pointMap({ prediction }: EvaluatedSlice, imageSize: number, grid: number): Matrix {
  const side = 2 * imageSize;
  const values = new Float32Array(side * side);
  for (const [k, [x, y]] of gridPoints(grid).entries()) {
    const [row, column] = [Math.round((x * side) / 256), Math.round((y * side) / 256)];
    for (const [dy, dx] of [[0, 0], [0, 1], [1, 0], [1, 1]]) values[Math.min(side - 1, row + dy) * side + Math.min(side - 1, column + dx)] = prediction.activations[k];
  }
  return matrix(side, values);
}
