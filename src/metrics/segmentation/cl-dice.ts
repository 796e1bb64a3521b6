import type { CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { bothEmpty, overlap, type Grid, type Mask, type OverlapOptions } from "./mask.js";
import { skeleton } from "./skeleton.js";

/**
 * Centre-line Dice (clDice) of tubular structures: the harmonic mean of how much of the prediction's centre line lies
 * in the truth and how much of the truth's centre line lies in the prediction.
 *
 * Convention `thinning`: hard skeletons, see {@link skeleton}; the soft clDice of the same paper is a loss and gives
 * other numbers. Both empty: excluded by default; one empty: 0.
 *
 * @returns a score in [0, 1], or an exclusion
 * @throws ShapeMismatch, InvalidValue
 * @see Shit et al., CVPR 2021
 */
export function clDice(prediction: Mask, truth: Mask, grid: Grid, { whenBothEmpty = "skip" }: OverlapOptions = {}): CaseScore {
  const precision = overlap(skeleton(prediction, grid), truth);
  const sensitivity = overlap(skeleton(truth, grid), prediction);
  if (sensitivity.predicted === 0 && precision.predicted === 0) return bothEmpty(whenBothEmpty);
  if (sensitivity.predicted === 0 || precision.predicted === 0) return score(0);
  const p = precision.intersection / precision.predicted;
  const s = sensitivity.intersection / sensitivity.predicted;
  return score(p + s === 0 ? 0 : (2 * p * s) / (p + s));
}
