import type { CroppedPair } from "./crop.js";
import { cropPair } from "./crop.js";
import { distancesAt } from "./distance-transform.js";
import type { Grid, Mask } from "./mask.js";

/** Distances in mm between the surfaces of two masks, one a surface voxel; empty lists where a mask is empty. */
export interface SurfaceDistances {
  readonly predictionToTruth: Float64Array;
  readonly truthToPrediction: Float64Array;
  readonly predictionEmpty: boolean;
  readonly truthEmpty: boolean;
}

/**
 * Distance of every surface voxel of each mask to the nearest surface voxel of the other.
 *
 * A surface voxel is a foreground voxel with a background voxel among its face neighbours (6 in 3-D, 4 in 2-D);
 * outside the image is background. MedPy and MONAI use the same surfaces.
 *
 * @example surfaceDistances([1, 0, 0], [0, 0, 1], { shape: [1, 3], spacingMm: [1, 0.5] }).predictionToTruth // [1]
 */
export function surfaceDistances(prediction: Mask, truth: Mask, grid: Grid): SurfaceDistances {
  return surfaceDistancesOf(cropPair(prediction, truth, grid));
}

/** {@link surfaceDistances} of masks that are already cropped. */
export function surfaceDistancesOf(pair: CroppedPair): SurfaceDistances {
  const { predictionEmpty, truthEmpty, size, spacing } = pair;
  if (predictionEmpty || truthEmpty) {
    return { predictionToTruth: new Float64Array(0), truthToPrediction: new Float64Array(0), predictionEmpty, truthEmpty };
  }
  const predicted = surfaceVoxels(pair.prediction, pair);
  const actual = surfaceVoxels(pair.truth, pair);
  return {
    predictionToTruth: distancesAt(predicted.voxels, actual.flags, size, spacing),
    truthToPrediction: distancesAt(actual.voxels, predicted.flags, size, spacing),
    predictionEmpty,
    truthEmpty,
  };
}

function surfaceVoxels(mask: Uint8Array, { size, dimensions }: CroppedPair): { flags: Uint8Array; voxels: Int32Array } {
  const columns = size[2];
  const plane = size[1] * columns;
  const flags = new Uint8Array(mask.length);
  const voxels = new Int32Array(mask.length);
  let found = 0;
  const flat = dimensions === 2;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const inside =
      mask[i - 1] & mask[i + 1] & mask[i - columns] & mask[i + columns] & (flat ? 1 : mask[i - plane] & mask[i + plane]);
    if (inside) continue;
    flags[i] = 1;
    voxels[found++] = i;
  }
  return { flags, voxels: voxels.subarray(0, found) };
}
