import { InvalidValue, ShapeMismatch, type CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";

/** A binary mask or one label of a label map, flattened; non-zero is foreground. */
export type Mask = ArrayLike<number | boolean>;

/**
 * How a flattened mask lies in space. The **last** axis runs fastest (C order, as NumPy): a 2-D image is
 * `[rows, columns]`. A NIfTI volume runs its first axis fastest, so reverse both its shape and its spacing.
 */
export interface Grid {
  readonly shape: readonly number[];
  /** Distance between neighbouring voxel centres along each axis, in mm. */
  readonly spacingMm: readonly number[];
}

/** What an overlap metric says when prediction and truth are both empty. */
export type BothEmpty = "skip" | "one" | "zero";

export interface OverlapOptions {
  readonly whenBothEmpty?: BothEmpty;
}

/** Voxel counts of two masks. */
export interface Overlap {
  readonly intersection: number;
  readonly predicted: number;
  readonly actual: number;
}

/** Counts the voxels of both masks and of their intersection. @throws ShapeMismatch when the lengths differ */
export function overlap(prediction: Mask, truth: Mask): Overlap {
  requireSameLength(prediction, truth);
  const counts = { intersection: 0, predicted: 0, actual: 0 };
  const [p, t] = [wordsOf(prediction), wordsOf(truth)];
  let checked = 0;
  if (p && t) {
    for (let w = 0; w < p.length; w++) if (p[w] | t[w]) count(prediction, truth, 4 * w, 4 * w + 4, counts);
    checked = 4 * p.length;
  }
  count(prediction, truth, checked, prediction.length, counts);
  return counts;
}

function count(prediction: Mask, truth: Mask, from: number, to: number, counts: { -readonly [K in keyof Overlap]: number }): void {
  for (let i = from; i < to; i++) {
    const p = prediction[i] ? 1 : 0;
    const t = truth[i] ? 1 : 0;
    counts.predicted += p;
    counts.actual += t;
    counts.intersection += p & t;
  }
}

/** Bytes four at a time, so that the background, most of any image, is passed over quickly; null where that cannot be. */
export function wordsOf(mask: Mask): Int32Array | null {
  return mask instanceof Uint8Array && mask.byteOffset % 4 === 0 ? new Int32Array(mask.buffer, mask.byteOffset, mask.length >> 2) : null;
}

/** {@link overlap} for several labels of two label maps, in one pass; whole labels from 0 to 65535. */
export function overlapByLabel(prediction: ArrayLike<number>, truth: ArrayLike<number>, labels: readonly number[]): Overlap[] {
  requireSameLength(prediction, truth);
  const size = Math.max(...labels) + 1;
  const predicted = new Float64Array(size);
  const actual = new Float64Array(size);
  const intersection = new Float64Array(size);
  for (let i = 0; i < prediction.length; i++) {
    const p = prediction[i];
    const t = truth[i];
    if (p === 0 && t === 0) continue;
    if (p < size) predicted[p]++;
    if (t < size) actual[t]++;
    if (p === t && p < size) intersection[p]++;
  }
  return labels.map((label) => ({ intersection: intersection[label], predicted: predicted[label], actual: actual[label] }));
}

export function bothEmpty(policy: BothEmpty): CaseScore {
  return policy === "skip" ? excluded("both-empty") : score(policy === "one" ? 1 : 0);
}

export function requireSameLength(prediction: Mask, truth: Mask): void {
  if (prediction.length !== truth.length) throw new ShapeMismatch("prediction", [truth.length], [prediction.length]);
}

/** Checks that a grid is 2-D or 3-D, has one positive spacing an axis, and fits the masks. */
export function requireGrid({ shape, spacingMm }: Grid, ...masks: readonly Mask[]): void {
  if (shape.length !== 2 && shape.length !== 3) throw new InvalidValue("grid.shape", "2 or 3 axes are needed", shape);
  if (spacingMm.length !== shape.length || !spacingMm.every((mm) => mm > 0 && Number.isFinite(mm))) {
    throw new InvalidValue("grid.spacingMm", `${shape.length} distances above 0 are needed`, spacingMm);
  }
  const voxels = shape.reduce((product, size) => product * size, 1);
  for (const mask of masks)
    if (mask.length !== voxels) throw new ShapeMismatch("mask", shape, [mask.length], "Give the shape of the masks.");
}
