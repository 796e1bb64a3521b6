import type { DataArray } from "./dtype.js";

export interface Statistics {
  /** Of the finite numbers; null when there are none. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Square root of the mean of squares. */
  readonly rms: number | null;
  readonly nan: number;
  readonly infinite: number;
}

/** A partial sum this long keeps the rounding of a sum over 10⁹ numbers near 10⁻¹³ of it. */
const block = 4096;

/**
 * What an array holds, in one pass and without a copy. Numbers that are not finite are counted and left out.
 * @param lane every `step`-th number from `from`: one channel of interleaved data
 * @example statistics(Float32Array.of(1, 3, NaN)) // { min: 1, max: 3, mean: 2, rms: 2.236, nan: 1, infinite: 0 }
 */
export function statistics(
  data: DataArray,
  { from = 0, step = 1 }: { readonly from?: number; readonly step?: number } = {},
): Statistics {
  let [min, max, sum, squares, nan, infinite, finite] = [Infinity, -Infinity, 0, 0, 0, 0, 0];
  for (let start = from; start < data.length; start += block * step) {
    const end = Math.min(data.length, start + block * step);
    let [blockSum, blockSquares] = [0, 0];
    for (let i = start; i < end; i += step) {
      const value = Number(data[i]);
      if (value - value !== 0) {
        if (Number.isNaN(value)) nan++;
        else infinite++;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      blockSum += value;
      blockSquares += value * value;
      finite++;
    }
    sum += blockSum;
    squares += blockSquares;
  }
  if (finite === 0) return { min: null, max: null, mean: null, rms: null, nan, infinite };
  return { min, max, mean: sum / finite, rms: Math.sqrt(squares / finite), nan, infinite };
}

/** The statistics of slope · value + inter, from those of the values. */
export function rescaled(of: Statistics, slope: number, inter: number): Statistics {
  if (of.min === null || of.max === null || of.mean === null || of.rms === null) return of;
  const ends = [slope * of.min + inter, slope * of.max + inter];
  const mean = slope * of.mean + inter;
  const rms = Math.sqrt(Math.max(0, slope * slope * of.rms * of.rms + 2 * slope * inter * of.mean + inter * inter));
  return { ...of, min: Math.min(...ends), max: Math.max(...ends), mean, rms };
}
