import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import { overlap, type Grid, type Mask, type Overlap } from "./mask.js";

/**
 * `relative`: |V_P − V_T| / V_T, undefined for an empty truth. `signed-relative`: (V_P − V_T) / V_T.
 * `absolute-mm3`: |V_P − V_T| in mm³ (mm² for an image). `signed-mm3`: V_P − V_T.
 */
export type VolumeConvention = "relative" | "signed-relative" | "absolute-mm3" | "signed-mm3";

/**
 * Difference of the segmented volumes. Says nothing about where they are.
 *
 * @returns by default |V_P − V_T| / V_T; excluded (`truth-empty`) where the relative form is undefined
 * @example volumeDifference([1, 1, 1], [1, 1, 0], { shape: [1, 3], spacingMm: [1, 1] }) // 0.5
 */
export function volumeDifference(
  prediction: Mask,
  truth: Mask,
  grid: Grid,
  options: { convention?: VolumeConvention } = {},
): CaseScore {
  return volumeDifferenceOf(overlap(prediction, truth), grid, options);
}

/** {@link volumeDifference} of voxel counts. */
export function volumeDifferenceOf(
  { predicted, actual }: Pick<Overlap, "predicted" | "actual">,
  { spacingMm }: Pick<Grid, "spacingMm">,
  { convention = "relative" }: { convention?: VolumeConvention } = {},
): CaseScore {
  const difference = predicted - actual;
  if (convention === "relative" || convention === "signed-relative") {
    if (actual === 0) return excluded("truth-empty");
    return score((convention === "relative" ? Math.abs(difference) : difference) / actual);
  }
  const voxel = spacingMm.reduce((product, mm) => product * mm, 1);
  return score(voxel * (convention === "absolute-mm3" ? Math.abs(difference) : difference));
}
