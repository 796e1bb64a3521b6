import { InvalidValue, type CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { cropPair } from "./crop.js";
import { bothEmpty, type Grid, type Mask, type OverlapOptions } from "./mask.js";
import { surfaceDistancesOf, type SurfaceDistances } from "./surface.js";
import { surfelDistancesOf, type SurfelDistances } from "./surfel.js";

/**
 * `surfel`: subvoxel surface elements weighted by their area, exactly as DeepMind's surface-distance.
 * `surface-voxels`: voxels on the surface are counted, as MONAI and Metrics Reloaded do by default.
 */
export type SurfaceDiceConvention = "surfel" | "surface-voxels";

/**
 * Normalised surface distance (surface Dice): the share of both surfaces that lies within a tolerance of the other.
 *
 * The two conventions give other numbers, see {@link SurfaceDiceConvention}; `surfel` is the default. Both empty:
 * excluded by default; one empty: 0. The distance may equal the tolerance.
 *
 * @param toleranceMm what two observers would not argue about, in mm; it has no default
 * @returns a score in [0, 1], or an exclusion
 * @throws ShapeMismatch, InvalidValue
 * @example surfaceDice(prediction, truth, { shape: [155, 240, 240], spacingMm: [1, 1, 1] }, 2)
 * @see Nikolov et al., arXiv 1809.04430
 */
export function surfaceDice(
  prediction: Mask,
  truth: Mask,
  grid: Grid,
  toleranceMm: number,
  { whenBothEmpty = "skip", convention = "surfel" }: OverlapOptions & { convention?: SurfaceDiceConvention } = {},
): CaseScore {
  const pair = cropPair(prediction, truth, grid);
  if (pair.predictionEmpty && pair.truthEmpty) return bothEmpty(whenBothEmpty);
  if (pair.predictionEmpty || pair.truthEmpty) return score(0);
  return convention === "surfel" ? surfaceDiceOf(surfelDistancesOf(pair), toleranceMm) : voxelSurfaceDiceOf(surfaceDistancesOf(pair), toleranceMm);
}

/** {@link surfaceDice} of surfel distances computed before; at least one mask is not empty. */
export function surfaceDiceOf(distances: SurfelDistances, toleranceMm: number): CaseScore {
  requireTolerance(toleranceMm);
  let near = 0;
  let total = 0;
  const add = (values: Float64Array, areas: Float64Array): void => {
    for (let i = 0; i < values.length; i++) {
      total += areas[i];
      if (values[i] <= toleranceMm) near += areas[i];
    }
  };
  add(distances.predictionToTruth, distances.predictionAreas);
  add(distances.truthToPrediction, distances.truthAreas);
  return score(near / total);
}

/** {@link surfaceDice} (`surface-voxels`) of surface-voxel distances computed before; neither mask is empty. */
export function voxelSurfaceDiceOf({ predictionToTruth, truthToPrediction }: SurfaceDistances, toleranceMm: number): CaseScore {
  requireTolerance(toleranceMm);
  let near = 0;
  for (const distance of predictionToTruth) if (distance <= toleranceMm) near++;
  for (const distance of truthToPrediction) if (distance <= toleranceMm) near++;
  return score(near / (predictionToTruth.length + truthToPrediction.length));
}

function requireTolerance(toleranceMm: number): void {
  if (!(toleranceMm >= 0)) throw new InvalidValue("surfaceDice", "the tolerance must be 0 mm or more", toleranceMm);
}
