import type { CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { bothEmpty, overlap, type Mask, type Overlap, type OverlapOptions } from "./mask.js";

/**
 * Dice similarity coefficient, 2·|P∩T| / (|P|+|T|), of two binary masks.
 *
 * Libraries disagree when masks are empty: MONAI skips the case, MedPy says 1, some challenge code says 0.
 * We follow the `skip` convention by default: a case whose truth **and** prediction are empty says nothing
 * about overlap, so it is excluded and counted; if only one is empty the score is 0.
 *
 * @param prediction mask, any shape; non-zero is foreground
 * @param truth      mask of the same length
 * @returns a score in [0, 1], or an exclusion with its reason
 * @throws ShapeMismatch when the lengths differ
 * @example dice([1, 1, 0], [1, 0, 0])                     // 0.667
 * @example dice([0, 0], [0, 0])                           // excluded: "both-empty"
 * @example dice([0, 0], [0, 0], { whenBothEmpty: "one" }) // 1, as MedPy
 * @see Dice 1945; Maier-Hein et al., Metrics Reloaded, 2024
 */
export function dice(prediction: Mask, truth: Mask, options: OverlapOptions = {}): CaseScore {
  return diceOf(overlap(prediction, truth), options);
}

/** {@link dice} of voxel counts. */
export function diceOf({ intersection, predicted, actual }: Overlap, { whenBothEmpty = "skip" }: OverlapOptions = {}): CaseScore {
  if (predicted + actual === 0) return bothEmpty(whenBothEmpty);
  return score((2 * intersection) / (predicted + actual));
}
