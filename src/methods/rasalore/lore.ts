import { InvalidValue, seededRandom, sha256 } from "../../core/index.js";
import type { LoreKind } from "./config.js";

/** Embeddings of the candidate points, [K, d] row by row. */
export interface LocationEmbeddings {
  readonly kind: LoreKind;
  readonly points: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Side of the image on which the points are laid out; only ratios matter. */
const nominal = 256;

/**
 * Place k = (x, y) of the g×g candidate points on a nominal 256-pixel image, in lexicographic order.
 * @example gridPoints(32)[33] // [8, 8]
 */
export function gridPoints(grid: number): [x: number, y: number][] {
  const gap = nominal / grid;
  return Array.from({ length: grid * grid }, (_, k) => [gap * Math.floor(k / grid), gap * (k % grid)]);
}

/**
 * Random Fourier features of places: c = 2(x, y)/256 − 1, e = [sin 2πcG, cos 2πcG] + b.
 * @param matrix G, [2, d/2] row by row
 * @param shift b, [d]
 * @returns [places, d]
 * @see RASALoRE spec §3.4, §10 vector 6
 */
export function locationFeatures(places: readonly (readonly [number, number])[], matrix: ArrayLike<number>, shift: ArrayLike<number>): Float32Array {
  const half = shift.length / 2;
  const out = new Float32Array(places.length * 2 * half);
  for (const [k, [x, y]] of places.entries()) {
    const [cx, cy] = [(2 * x) / nominal - 1, (2 * y) / nominal - 1];
    for (let i = 0; i < half; i++) {
      const phase = 2 * Math.PI * (cx * matrix[i] + cy * matrix[half + i]);
      out[k * 2 * half + i] = Math.sin(phase) + shift[i];
      out[k * 2 * half + half + i] = Math.cos(phase) + shift[half + i];
    }
  }
  return out;
}

/**
 * Location-based random embeddings (LoRE): fixed, drawn once, the same in training and test.
 *
 * * `aliased`: as published, where `randn * 256 // 2` floors G to whole numbers, so that points 16 steps apart (of 32) are alike
 * * `clean`: the same draw without the floor
 * * `zero`: no place at all; `learnable` starts as `clean` and is trained
 */
export function locationEmbeddings(kind: LoreKind, { grid, width, seed }: { readonly grid: number; readonly width: number; readonly seed: number }): LocationEmbeddings {
  if (width % 2 !== 0) throw new InvalidValue("locationEmbeddings", "the width must be even", width);
  const points = grid * grid;
  if (kind === "zero") return { kind, points, width, values: new Float32Array(points * width) };
  const random = seededRandom(seed).stream("lore");
  const [matrices, shifts] = [random.stream("matrix"), random.stream("shift")];
  const draw = Float64Array.from({ length: width }, () => matrices.normal() * (nominal / 2));
  const shift = Float64Array.from({ length: width }, () => shifts.normal());
  const matrix = kind === "aliased" ? draw.map(Math.floor) : draw;
  return { kind, points, width, values: locationFeatures(gridPoints(grid), matrix, shift) };
}

/** Identifies embeddings by content: kept in a checkpoint, compared when it is used. */
export function embeddingHash({ values }: LocationEmbeddings): string {
  return sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/**
 * Cosine similarity of every two points, [K, K], after what all have in common is taken off; 1 off the diagonal means that the
 * network cannot tell two places apart.
 */
export function similarityMatrix({ values, points, width }: LocationEmbeddings): Float32Array {
  const mean = Float64Array.from({ length: width }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < points; k++) sum += values[k * width + i];
    return sum / points;
  });
  const rows = Array.from({ length: points }, (_, k) => unit(Float64Array.from({ length: width }, (_, i) => values[k * width + i] - mean[i])));
  const out = new Float32Array(points * points);
  for (let a = 0; a < points; a++) for (let b = 0; b < points; b++) out[a * points + b] = rows[a].reduce((sum, x, i) => sum + x * rows[b][i], 0);
  return out;
}

function unit(row: Float64Array): Float64Array {
  const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
  return norm === 0 ? row : row.map((x) => x / norm);
}

/** How many points have an embedding that no other has nearly the same of. @example distinctRows(aliased) // 256 of 1,024 */
export function distinctRows({ values, points, width }: LocationEmbeddings, tolerance = 1e-2): number {
  const kept: number[] = [];
  for (let k = 0; k < points; k++) {
    const alike = kept.some((other) => {
      for (let i = 0; i < width; i++) if (Math.abs(values[k * width + i] - values[other * width + i]) > tolerance) return false;
      return true;
    });
    if (!alike) kept.push(k);
  }
  return kept.length;
}
