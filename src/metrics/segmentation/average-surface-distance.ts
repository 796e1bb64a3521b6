import type { CaseScore } from "../../core/index.js";
import { mean } from "../../stats/index.js";
import { score } from "../value.js";
import { emptyDistance, type DistanceOptions } from "./empty.js";
import type { Grid, Mask } from "./mask.js";
import { surfaceDistances, type SurfaceDistances } from "./surface.js";

/**
 * Average symmetric surface distance in mm: the mean over the surface voxels of **both** masks together.
 *
 * Convention `pooled` (Metrics Reloaded, MONAI's symmetric distance, MedPy from 0.5): the larger surface weighs more.
 * MedPy before 0.5 called the mean of the two directed means `assd`; that is {@link masd} here.
 *
 * @returns mm, or an exclusion by the empty-mask policy
 * @example assd([1, 0, 0, 0], [1, 0, 0, 1], { shape: [1, 4], spacingMm: [1, 2] }) // (0 + 0 + 6) / 3 = 2
 */
export function assd(prediction: Mask, truth: Mask, grid: Grid, options: DistanceOptions = {}): CaseScore {
  return assdOf(surfaceDistances(prediction, truth, grid), options, grid);
}

/** {@link assd} of distances computed before. */
export function assdOf(distances: SurfaceDistances, options: DistanceOptions = {}, grid: Grid | null = null): CaseScore {
  const empty = emptyDistance(distances, options, grid);
  if (empty) return empty;
  const { predictionToTruth: p, truthToPrediction: t } = distances;
  return score((mean(p) * p.length + mean(t) * t.length) / (p.length + t.length));
}

/**
 * Mean average surface distance in mm: the mean of the two directed mean distances.
 *
 * Convention `mean-of-directed` (Metrics Reloaded's MASD, `assd` of MedPy before 0.5): both surfaces weigh the same.
 *
 * @example masd([1, 0, 0, 0], [1, 0, 0, 1], { shape: [1, 4], spacingMm: [1, 2] }) // (0 + 3) / 2 = 1.5
 */
export function masd(prediction: Mask, truth: Mask, grid: Grid, options: DistanceOptions = {}): CaseScore {
  return masdOf(surfaceDistances(prediction, truth, grid), options, grid);
}

/** {@link masd} of distances computed before. */
export function masdOf(distances: SurfaceDistances, options: DistanceOptions = {}, grid: Grid | null = null): CaseScore {
  const empty = emptyDistance(distances, options, grid);
  return empty ?? score((mean(distances.predictionToTruth) + mean(distances.truthToPrediction)) / 2);
}
