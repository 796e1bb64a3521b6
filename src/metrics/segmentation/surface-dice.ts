import { InvalidValue, type CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { cropPair } from "./crop.js";
import { bothEmpty, type Grid, type Mask, type OverlapOptions } from "./mask.js";
import { surfelDistancesOf, type SurfelDistances } from "./surfel.js";

/**
 * Normalised surface distance (surface Dice): the share of both surfaces that lies within a tolerance of the other.
 *
 * Convention `surfel`: subvoxel surface elements weighted by their area, exactly as DeepMind's surface-distance;
 * counting surface voxels instead (MONAI's default, Metrics Reloaded) gives other numbers. Both empty: excluded by
 * default; one empty: 0. The distance may equal the tolerance.
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
  { whenBothEmpty = "skip" }: OverlapOptions = {},
): CaseScore {
  const pair = cropPair(prediction, truth, grid);
  if (pair.predictionEmpty && pair.truthEmpty) return bothEmpty(whenBothEmpty);
  return surfaceDiceOf(surfelDistancesOf(pair), toleranceMm);
}

/** {@link surfaceDice} of surfel distances computed before; at least one mask is not empty. */
export function surfaceDiceOf(distances: SurfelDistances, toleranceMm: number): CaseScore {
  if (!(toleranceMm >= 0)) throw new InvalidValue("surfaceDice", "the tolerance must be 0 mm or more", toleranceMm);
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
