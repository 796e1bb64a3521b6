import type { CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { bothEmpty, overlap, type Mask, type Overlap, type OverlapOptions } from "./mask.js";

/**
 * Intersection over union (Jaccard index), |P∩T| / |P∪T|, of two binary masks.
 *
 * The same empty-mask rule as {@link dice}, `skip` by default. The union is of the binarised masks; code that takes
 * it from the probabilities computes something else. IoU = Dice / (2 − Dice) for each case, but not for means.
 *
 * @returns a score in [0, 1], or an exclusion with its reason
 * @throws ShapeMismatch when the lengths differ
 * @example iou([1, 1, 0], [1, 0, 0]) // 0.5
 * @see Jaccard 1912
 */
export function iou(prediction: Mask, truth: Mask, options: OverlapOptions = {}): CaseScore {
  return iouOf(overlap(prediction, truth), options);
}

/** {@link iou} of voxel counts. */
export function iouOf({ intersection, predicted, actual }: Overlap, { whenBothEmpty = "skip" }: OverlapOptions = {}): CaseScore {
  if (predicted + actual === 0) return bothEmpty(whenBothEmpty);
  return score(intersection / (predicted + actual - intersection));
}
