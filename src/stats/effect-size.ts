import { ShapeMismatch } from "../core/index.js";
import { mean, standardDeviation, type Numbers } from "./summary.js";

/**
 * Cohen's d_z of paired values: mean difference over the standard deviation of the differences.
 * @returns 0 when all differences are 0, ±Infinity when they are all the same other number
 * @example cohenDz([2, 4, 6], [1, 2, 3]) // 2
 */
export function cohenDz(first: Numbers, second: Numbers): number {
  if (first.length !== second.length) throw new ShapeMismatch("second", [first.length], [second.length]);
  const differences = Float64Array.from({ length: first.length }, (_, i) => first[i] - second[i]);
  const centre = mean(differences);
  const spread = standardDeviation(differences);
  return centre === 0 ? 0 : centre / spread;
}

/**
 * Cliff's δ of two independent groups: P(a > b) − P(a < b), in [−1, 1]; by sorting, O(n log n).
 * @example cliffDelta([3, 4], [1, 2]) // 1
 * @see Cliff, Psychological Bulletin 1993
 */
export function cliffDelta(first: Numbers, second: Numbers): number {
  const a = Float64Array.from(first).sort();
  const b = Float64Array.from(second).sort();
  let below = 0;
  let notAbove = 0;
  let balance = 0;
  for (const value of a) {
    while (below < b.length && b[below] < value) below++;
    while (notAbove < b.length && b[notAbove] <= value) notAbove++;
    balance += below - (b.length - notAbove);
  }
  return balance / (a.length * b.length);
}
