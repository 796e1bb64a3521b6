import { InvalidValue, type Random } from "../../core/index.js";

/** 1 for an acquired column of k-space. */
export type ColumnMask = Float32Array;

/** First and last column that may be acquired, inclusive. */
export type ColumnRange = readonly [first: number, last: number];

/** Half to even, as Python rounds; Math.round takes halves up. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/**
 * The block of columns about the middle of a range that a mask always has.
 * @param fraction of the range's columns
 * @returns the first column and how many
 * @example centreBlock([33, 367], 0.05) // { first: 192, count: 17 }
 * @see ASMR-seg spec §4.1, vector 3
 */
export function centreBlock([first, last]: ColumnRange, fraction: number): { first: number; count: number } {
  const length = last - first + 1;
  const count = roundHalfEven(length * fraction);
  return { first: first + Math.floor((length - count + 1) / 2), count };
}

/**
 * Chances of the columns outside the centre, by their rank: a triangle, 1, 2, …, n/2, n/2, …, 2, 1, that sums to 1. For odd n the
 * published code is lopsided.
 * @example vdsPrior(5) // [1, 2, 3, 3, 2] / 11
 */
export function vdsPrior(n: number): Float64Array {
  const up = Math.ceil(n / 2);
  const weights = Float64Array.from({ length: n }, (_, i) => (i < up ? i + 1 : n % 2 === 0 ? n - i : n - i + 1));
  const sum = weights.reduce((total, x) => total + x, 0);
  return weights.map((x) => x / sum);
}

/**
 * Variable-density sampling: a centre block, and other columns drawn without replacement, nearer ones more often.
 *
 * @param rate share of the range's columns that are acquired, in (0, 1]
 * @param centreFraction share that the centre block takes; rate / 2 unless given, as the published training does
 * @throws InvalidValue for a rate outside (0, 1]
 * @example vdsMask(48, [0, 47], 8 / 48, random) // 4 columns in the middle and 4 others
 * @see ASMR-seg spec §4.1; kspace_segmentor/masks/vds.py
 */
export function vdsMask(width: number, range: ColumnRange, rate: number, random: Random, centreFraction = rate / 2): ColumnMask {
  if (!(rate > 0 && rate <= 1)) throw new InvalidValue("vdsMask", "the rate must lie in (0, 1]", rate);
  const [from, to] = range;
  const { first, count } = centreBlock(range, centreFraction);
  const mask = new Float32Array(width).fill(0).fill(1, first, first + count);
  const others = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((column) => mask[column] === 0);
  const wanted = Math.max(0, roundHalfEven((to - from + 1) * rate) - count);
  for (const at of drawWithoutReplacement(vdsPrior(others.length), wanted, random)) mask[others[at]] = 1;
  return mask;
}

/** Positions drawn one after another with chances proportional to the weights of those that are left. */
export function drawWithoutReplacement(weights: Float64Array, count: number, random: Random): number[] {
  const left = weights.slice();
  return Array.from({ length: Math.min(count, weights.length) }, () => {
    const at = drawIndex(left, random);
    left[at] = 0;
    return at;
  });
}

/** A position with a chance proportional to its weight. */
export function drawIndex(weights: ArrayLike<number>, random: Random): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i];
  let left = random.uniform(0, total);
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] <= 0) continue;
    last = i;
    left -= weights[i];
    if (left < 0) return i;
  }
  return last; // rounding
}

/**
 * A centre block of 3–9 columns and one or two blocks of 1–7 further out, each mirrored side kept with a chance of 3 in 4: what an agent's masks may look
 * like, which {@link vdsMask} hardly ever draws.
 * @see ASMR-seg spec §9.3, pitfall 15
 */
export function blocksMask(width: number, [from, to]: ColumnRange, random: Random): ColumnMask {
  const mask = new Float32Array(width);
  const middle = width >> 1;
  const acquire = (centre: number, half: number): void => {
    for (let column = Math.max(from, centre - half); column <= Math.min(to, centre + half); column++) mask[column] = 1;
  };
  const n = 1 + random.integer(4);
  acquire(middle, n);
  const furthest = middle - 3;
  for (let block = 1 + random.integer(2); block > 0; block--) {
    const offset = n + random.integer(Math.max(1, furthest - n + 1));
    const half = random.integer(4);
    for (const side of [-1, 1]) if (random.chance(0.75)) acquire(middle + side * offset, half);
  }
  return mask;
}
