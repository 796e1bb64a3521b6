import { seededRandom, ShapeMismatch } from "../core/index.js";
import { planResamples } from "./resample.js";
import type { Numbers } from "./summary.js";

export interface PermutationOptions {
  /** Sign patterns drawn when there are more than this many; 10,000. */
  readonly permutations?: number;
  readonly seed?: number;
  /** One name a case: the differences of a patient change sign together. */
  readonly clusters?: ArrayLike<string | number>;
}

export interface PermutationResult {
  /** Mean of first − second. */
  readonly difference: number;
  /** Two-sided; with drawn patterns (b + 1)/(B + 1), so never 0. */
  readonly p: number;
  readonly method: "exact" | "monte-carlo";
  readonly permutations: number;
}

/**
 * Paired permutation test of the mean difference: under the null the two methods' values of a case (or of a whole
 * cluster) may be swapped, so each difference keeps its size and takes either sign.
 * All 2ⁿ patterns are tried where that is no more than `permutations`.
 *
 * @example permutationTest([1, 2, 3], [0, 0, 0]).p // 0.25: two of eight patterns are as far from 0
 * @see Good, Permutation, Parametric and Bootstrap Tests, 2005; Phipson & Smyth 2010 for the + 1
 */
export function permutationTest(first: Numbers, second: Numbers, options: PermutationOptions = {}): PermutationResult {
  const { permutations = 10_000, seed = 0, clusters } = options;
  const n = first.length;
  if (second.length !== n) throw new ShapeMismatch("second", [n], [second.length], "A paired test needs the same cases.");
  const { unitOf, units } = planResamples(n, { clusters });
  const sums = new Float64Array(units);
  for (let i = 0; i < n; i++) sums[unitOf ? unitOf[i] : i] += first[i] - second[i];
  const total = sums.reduce((sum, d) => sum + d, 0);
  // Rounding must not decide whether a pattern reaches the observed sum.
  const reach = Math.abs(total) - 1e-12 * sums.reduce((sum, d) => sum + Math.abs(d), 0);
  const difference = n === 0 ? 0 : total / n;
  if (2 ** units <= permutations) {
    let asFar = 0;
    for (let pattern = 0; pattern < 2 ** units; pattern++) {
      const sum = sums.reduce((s, d, unit) => s + ((pattern >> unit) & 1 ? -d : d), 0);
      if (Math.abs(sum) >= reach) asFar++;
    }
    return { difference, p: asFar / 2 ** units, method: "exact", permutations: 2 ** units };
  }
  const random = seededRandom(seed).stream("permutation");
  let asFar = 0;
  for (let k = 0; k < permutations; k++) {
    let sum = 0;
    let bits = 0;
    for (let unit = 0; unit < units; unit++) {
      if (unit % 32 === 0) bits = random.bits();
      sum += bits & 1 ? sums[unit] : -sums[unit];
      bits >>>= 1;
    }
    if (Math.abs(sum) >= reach) asFar++;
  }
  return { difference, p: (asFar + 1) / (permutations + 1), method: "monte-carlo", permutations };
}
