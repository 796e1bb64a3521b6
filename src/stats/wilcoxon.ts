import { ShapeMismatch } from "../core/index.js";
import { normalUpperTail } from "./normal.js";
import { midranks } from "./ranks.js";
import type { Numbers } from "./summary.js";

export interface WilcoxonResult {
  /** Sum of the ranks of the positive differences. */
  readonly positiveRanks: number;
  readonly negativeRanks: number;
  /** Pairs that differ; equal pairs carry no sign and are left out (`wilcox` rule). */
  readonly n: number;
  readonly zeros: number;
  /** Two-sided. */
  readonly p: number;
  /** `exact` up to 50 pairs, else `normal` with tie correction and no continuity correction. */
  readonly method: "exact" | "normal";
  /** Matched-pairs rank-biserial correlation, (W⁺ − W⁻)/(W⁺ + W⁻), in [−1, 1]. */
  readonly rankBiserial: number;
}

/**
 * Wilcoxon signed-rank test that paired differences are symmetric about 0.
 *
 * Equal pairs are dropped, tied differences get midranks. Up to 50 pairs the p-value is exact, also with ties: the
 * distribution of W⁺ over all 2ⁿ signs of these very ranks. SciPy uses the exact table only without ties.
 *
 * @param first  values of method A, one a case
 * @param second values of method B for the same cases
 * @returns p = 1 when no pair differs
 * @throws ShapeMismatch
 * @example wilcoxon([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]).p // 0.0625, the smallest five pairs can give
 * @see Wilcoxon 1945; Kerby 2014 for the rank-biserial correlation
 */
export function wilcoxon(first: Numbers, second: Numbers): WilcoxonResult {
  if (first.length !== second.length)
    throw new ShapeMismatch("second", [first.length], [second.length], "A paired test needs the same cases.");
  const differences: number[] = [];
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) differences.push(first[i] - second[i]);
  const n = differences.length;
  const zeros = first.length - n;
  if (n === 0) return { positiveRanks: 0, negativeRanks: 0, n, zeros, p: 1, method: "exact", rankBiserial: 0 };
  const ranks = midranks(differences.map(Math.abs));
  const positiveRanks = differences.reduce((sum, d, i) => (d > 0 ? sum + ranks[i] : sum), 0);
  const total = (n * (n + 1)) / 2;
  const negativeRanks = total - positiveRanks;
  const rankBiserial = (positiveRanks - negativeRanks) / total;
  const method = n <= 50 ? "exact" : "normal";
  const p = method === "exact" ? exactP(ranks, positiveRanks) : normalP(ranks, positiveRanks);
  return { positiveRanks, negativeRanks, n, zeros, p, method, rankBiserial };
}

// Midranks are halves, so twice a rank sum is a whole number: count the sign patterns that reach each sum.
function exactP(ranks: Float64Array, positiveRanks: number): number {
  const doubled = ranks.map((rank) => 2 * rank);
  const most = doubled.reduce((sum, rank) => sum + rank, 0);
  const patterns = new Float64Array(most + 1);
  patterns[0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    reached += rank;
    for (let sum = reached; sum >= rank; sum--) patterns[sum] += patterns[sum - rank];
  }
  const smaller = Math.min(2 * positiveRanks, most - 2 * positiveRanks);
  let tail = 0;
  for (let sum = 0; sum <= smaller; sum++) tail += patterns[sum];
  return Math.min(1, (2 * tail) / 2 ** ranks.length);
}

function normalP(ranks: Float64Array, positiveRanks: number): number {
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const variance = ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4;
  return Math.min(1, 2 * normalUpperTail(Math.abs(positiveRanks - mean) / Math.sqrt(variance)));
}
