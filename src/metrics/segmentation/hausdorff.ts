import type { CaseScore } from "../../core/index.js";
import { quantile } from "../../stats/index.js";
import { score } from "../value.js";
import { cropPair } from "./crop.js";
import { emptyDistance, type DistanceOptions } from "./empty.js";
import type { Grid, Mask } from "./mask.js";
import { surfaceDistancesOf, type SurfaceDistances } from "./surface.js";
import { robustHausdorff, surfelDistancesOf } from "./surfel.js";

/**
 * `directed-max`: the larger of the two directed 95th percentiles (MONAI, Metrics Reloaded).
 * `pooled`: the 95th percentile of both directions' distances together (MedPy); never larger, by up to 10 mm smaller.
 * `surfel-weighted`: as `directed-max`, but on subvoxel surfaces weighted by their area (surface-distance).
 */
export type Hd95Convention = "directed-max" | "pooled" | "surfel-weighted";

/**
 * Hausdorff distance in mm: the largest distance from a surface voxel of either mask to the other's surface.
 *
 * Convention `surface-voxels`, see `surfaceDistances`. One stray voxel decides it; prefer {@link hd95}.
 *
 * @param grid shape and spacing in mm; there is no default spacing, because a distance in voxels is not one
 * @returns mm, or an exclusion by the empty-mask policy
 * @throws ShapeMismatch, InvalidValue
 * @example hausdorff([1, 0, 0, 0], [1, 0, 0, 1], { shape: [1, 4], spacingMm: [1, 2] }) // 6
 */
export function hausdorff(prediction: Mask, truth: Mask, grid: Grid, options: DistanceOptions = {}): CaseScore {
  return hausdorffOf(surfaceDistancesOf(cropPair(prediction, truth, grid)), options, grid);
}

/** {@link hausdorff} of distances computed before. */
export function hausdorffOf(distances: SurfaceDistances, options: DistanceOptions = {}, grid: Grid | null = null): CaseScore {
  return (
    emptyDistance(distances, options, grid) ??
    score(Math.max(largest(distances.predictionToTruth), largest(distances.truthToPrediction)))
  );
}

/**
 * 95th-percentile Hausdorff distance in mm.
 *
 * "HD95" names three different numbers, see {@link Hd95Convention}; `directed-max` is the default. Percentiles
 * interpolate linearly, as NumPy; the surfel-weighted one takes the first distance whose cumulated area reaches 95 %.
 *
 * @example hd95(prediction, truth, { shape: [155, 240, 240], spacingMm: [1, 1, 1] }, { convention: "pooled" }) // as MedPy
 * @see Huttenlocher et al. 1993; Nikolov et al., arXiv 1809.04430 (surfel-weighted)
 */
export function hd95(
  prediction: Mask,
  truth: Mask,
  grid: Grid,
  options: DistanceOptions & { convention?: Hd95Convention } = {},
): CaseScore {
  const pair = cropPair(prediction, truth, grid);
  if (options.convention === "surfel-weighted") {
    return emptyDistance(pair, options, grid) ?? score(robustHausdorff(surfelDistancesOf(pair), 0.95));
  }
  return hd95Of(surfaceDistancesOf(pair), { ...options, convention: options.convention }, grid);
}

/** {@link hd95} of surface-voxel distances computed before. */
export function hd95Of(
  distances: SurfaceDistances,
  options: DistanceOptions & { convention?: "directed-max" | "pooled" } = {},
  grid: Grid | null = null,
): CaseScore {
  const empty = emptyDistance(distances, options, grid);
  if (empty) return empty;
  const { predictionToTruth, truthToPrediction } = distances;
  if (options.convention === "pooled") {
    const both = new Float64Array(predictionToTruth.length + truthToPrediction.length);
    both.set(predictionToTruth);
    both.set(truthToPrediction, predictionToTruth.length);
    return score(quantile(both, 0.95));
  }
  return score(Math.max(quantile(predictionToTruth, 0.95), quantile(truthToPrediction, 0.95)));
}

function largest(values: Float64Array): number {
  let max = 0;
  for (const value of values) if (value > max) max = value;
  return max;
}
