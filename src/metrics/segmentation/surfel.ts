import type { CroppedPair } from "./crop.js";
import { distancesAt } from "./distance-transform.js";

/**
 * Subvoxel surfaces: one surface element (surfel) for each 2×2×2 block of voxel centres that is neither all inside
 * nor all outside, with its area (2×2 and length for images) and its distance to the other mask's nearest surfel.
 */
export interface SurfelDistances {
  readonly predictionToTruth: Float64Array;
  readonly predictionAreas: Float64Array;
  readonly truthToPrediction: Float64Array;
  readonly truthAreas: Float64Array;
}

/**
 * Surfel distances and areas as DeepMind's surface-distance defines them. When one mask is empty the other's distances
 * are Infinity.
 * @see Nikolov et al., arXiv 1809.04430; Lorensen & Cline 1987 for the fifteen configurations
 */
export function surfelDistancesOf(pair: CroppedPair): SurfelDistances {
  const { spacing, dimensions } = pair;
  const areas = dimensions === 2 ? contourLengths(spacing) : surfelAreas(spacing);
  const predicted = surfels(pair.prediction, pair, areas);
  const actual = surfels(pair.truth, pair, areas);
  const size = cornerSize(pair);
  return {
    predictionToTruth: distancesAt(predicted.places, actual.flags, size, spacing),
    predictionAreas: predicted.areas,
    truthToPrediction: distancesAt(actual.places, predicted.flags, size, spacing),
    truthAreas: actual.areas,
  };
}

/** The larger of the directed distances at which the cumulated area reaches the share. */
export function robustHausdorff(distances: SurfelDistances, share: number): number {
  return Math.max(
    areaPercentile(distances.predictionToTruth, distances.predictionAreas, share),
    areaPercentile(distances.truthToPrediction, distances.truthAreas, share),
  );
}

function areaPercentile(distances: Float64Array, areas: Float64Array, share: number): number {
  // On a grid few distances differ, so areas are added up by distance before anything is sorted.
  const areaAt = new Map<number, number>();
  let total = 0;
  for (let i = 0; i < distances.length; i++) {
    areaAt.set(distances[i], (areaAt.get(distances[i]) ?? 0) + areas[i]);
    total += areas[i];
  }
  const distinct = Float64Array.from(areaAt.keys()).sort();
  let sum = 0;
  for (const distance of distinct) {
    sum += areaAt.get(distance) ?? 0;
    if (sum / total >= share) return distance;
  }
  return distinct[distinct.length - 1];
}

function cornerSize({ size, dimensions }: CroppedPair): [number, number, number] {
  return [dimensions === 2 ? 1 : size[0] - 1, size[1] - 1, size[2] - 1];
}

function surfels(
  mask: Uint8Array,
  pair: CroppedPair,
  areaOf: Float64Array,
): { flags: Uint8Array; places: Int32Array; areas: Float64Array } {
  const { flags, places, codes } = pair.dimensions === 2 ? imageSurfels(mask, pair) : volumeSurfels(mask, pair);
  const areas = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i++) areas[i] = areaOf[codes[i]];
  return { flags, places, areas };
}

interface CodedSurfels {
  readonly flags: Uint8Array;
  readonly places: Int32Array;
  readonly codes: Uint8Array;
}

function volumeSurfels(mask: Uint8Array, pair: CroppedPair): CodedSurfels {
  const [, rows, columns] = pair.size;
  const [slices, cornerRows, cornerColumns] = cornerSize(pair);
  const flags = new Uint8Array(slices * cornerRows * cornerColumns);
  const places = new Int32Array(flags.length);
  const codes = new Uint8Array(flags.length);
  let found = 0;
  let place = 0;
  for (let z = 0; z < slices; z++) {
    for (let y = 0; y < cornerRows; y++) {
      const a = (z * rows + y) * columns;
      const b = a + columns;
      const c = a + rows * columns;
      const d = c + columns;
      let left = (mask[a] << 3) | (mask[b] << 2) | (mask[c] << 1) | mask[d];
      for (let x = 1; x <= cornerColumns; x++, place++) {
        const right = (mask[a + x] << 3) | (mask[b + x] << 2) | (mask[c + x] << 1) | mask[d + x];
        const code = (left << 4) | right;
        left = right;
        if (code === 0 || code === 255) continue;
        flags[place] = 1;
        places[found] = place;
        codes[found++] = code;
      }
    }
  }
  return { flags, places: places.subarray(0, found), codes: codes.subarray(0, found) };
}

function imageSurfels(mask: Uint8Array, pair: CroppedPair): CodedSurfels {
  const columns = pair.size[2];
  const [, cornerRows, cornerColumns] = cornerSize(pair);
  const flags = new Uint8Array(cornerRows * cornerColumns);
  const places: number[] = [];
  const codes: number[] = [];
  for (let y = 0, place = 0; y < cornerRows; y++) {
    for (let x = 0; x < cornerColumns; x++, place++) {
      const at = y * columns + x;
      const code = (mask[at] << 3) | (mask[at + columns] << 2) | (mask[at + 1] << 1) | mask[at + columns + 1];
      if (code === 0 || code === 15) continue;
      flags[place] = 1;
      places.push(place);
      codes.push(code);
    }
  }
  return { flags, places: Int32Array.from(places), codes: Uint8Array.from(codes) };
}

/** Contour length for each of the 16 codes (x₀y₀ x₀y₁ x₁y₀ x₁y₁, from the high bit). */
function contourLengths([, sy, sx]: readonly [number, number, number]): Float64Array {
  const diagonal = Math.hypot(sx, sy) / 2;
  return Float64Array.from({ length: 16 }, (_, code) => {
    if (code === 0 || code === 15) return 0;
    if (code === 0b0011 || code === 0b1100) return sy;
    if (code === 0b0101 || code === 0b1010) return sx;
    return code === 0b0110 || code === 0b1001 ? 2 * diagonal : diagonal;
  });
}

type Normal = readonly [number, number, number];

/**
 * The configurations of eight corners that differ by more than a rotation, a reflection or swapping inside with
 * outside, and the patches that separate inside from outside: area-weighted normals along z, y, x, in eighths of a
 * voxel face. Corners are bits zyx: corner (z, y, x) is bit 4z + 2y + x.
 */
const configurations: readonly (readonly [corners: number, patches: readonly Normal[]])[] = [
  [0b00000001, [[1, 1, 1]]],
  [0b00000011, [[2, 2, 0], [2, 2, 0]]],
  [0b00000110, [[1, 1, 1], [1, 1, 1]]],
  [0b00000111, [[4, 0, 0], [2, 2, 2], [1, 1, 1]]],
  [0b00001111, [[4, 0, 0], [4, 0, 0]]],
  [0b00010110, [[1, 1, 1], [1, 1, 1], [1, 1, 1]]],
  [0b00010111, [[1, 1, 1], [2, 2, 2], [2, 2, 2], [1, 1, 1]]],
  [0b00011000, [[1, 1, 1], [1, 1, 1]]],
  [0b00011001, [[0, 2, 2], [0, 2, 2], [1, 1, 1]]],
  [0b00011011, [[1, 1, 1], [3, 3, 3], [0, 2, 2], [2, 0, 2]]],
  [0b00011110, [[4, 0, 0], [1, 1, 1], [2, 2, 2], [1, 1, 1]]],
  [0b00111100, [[2, 2, 0], [2, 2, 0], [2, 2, 0], [2, 2, 0]]],
  [0b01101001, [[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]]],
];
const axisOrders: readonly Normal[] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/** Area in mm² for each of the 256 codes: x₀ then x₁, each (z, y) = 00, 01, 10, 11 from the high bit. */
function surfelAreas([sz, sy, sx]: readonly [number, number, number]): Float64Array {
  const areas = new Float64Array(256);
  const faces = [sy * sx, sz * sx, sz * sy];
  for (const [corners, patches] of configurations) {
    for (const order of axisOrders) {
      const area = patches.reduce(
        (sum, normal) => sum + Math.hypot(...order.map((from, axis) => (normal[from] / 8) * faces[axis])),
        0,
      );
      for (let flips = 0; flips < 8; flips++) {
        let code = 0;
        for (let corner = 0; corner < 8; corner++) {
          if (!((corners >> corner) & 1)) continue;
          const at = order.map((from, axis) => ((corner >> (2 - from)) & 1) ^ ((flips >> axis) & 1));
          code |= 1 << (7 - (at[2] * 4 + at[0] * 2 + at[1]));
        }
        areas[code] = area;
        areas[255 - code] = area;
      }
    }
  }
  return areas;
}
