import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import type { Mask } from "../segmentation/mask.js";
import { average, overlapTable } from "./set-overlap.js";

export interface GedOptions {
  /** `1-iou` (default, Kohl et al.) or `1-dice`. */
  readonly distance?: "1-iou" | "1-dice";
  /** `v` (default): means over all pairs, a mask with itself included. `u`: without, unbiased, may be negative. */
  readonly statistic?: "v" | "u";
}

/**
 * Generalised energy distance (squared) between predicted samples and raters: 2·E d(S,Y) − E d(S,S′) − E d(Y,Y′).
 *
 * Lower is better, 0 when both sets are distributed alike. Two empty masks have distance 0. Papers differ in the
 * distance and in whether self-pairs count, so both are part of the convention (`1-iou, v`); some published code
 * has the opposite sign and still says lower is better.
 *
 * @param samples masks drawn from the model, ≥ 1 (≥ 2 for `u`)
 * @param raters  masks of the raters, ≥ 1 (≥ 2 for `u`)
 * @returns a number ≥ 0 for `v`; excluded (`too-few-masks`) where `u` is undefined
 * @throws ShapeMismatch, InvalidValue
 * @example ged([[1, 0]], [[1, 0], [1, 1]]) // 2·¼ − 0 − ¼ = 0.25
 * @see Kohl et al., NeurIPS 2018; Székely & Rizzo 2013
 */
export function ged(
  samples: readonly Mask[],
  raters: readonly Mask[],
  { distance = "1-iou", statistic = "v" }: GedOptions = {},
): CaseScore {
  if (statistic === "u" && (samples.length < 2 || raters.length < 2)) return excluded("too-few-masks");
  const kind = distance === "1-dice" ? "dice" : "iou";
  const across = 1 - average(overlapTable(samples, raters, kind).flat());
  const within = (set: readonly Mask[]): number => {
    const distances = overlapTable(set, set, kind)
      .flat()
      .reduce((sum, overlap) => sum + 1 - overlap, 0);
    return distances / (statistic === "u" ? set.length * (set.length - 1) : set.length ** 2);
  };
  return score(2 * across - within(samples) - within(raters));
}
