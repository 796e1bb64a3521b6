import { InvalidValue, type Interval } from "../core/index.js";
import { normalQuantile, normalUpperTail } from "./normal.js";
import { midranks } from "./ranks.js";
import type { Numbers } from "./summary.js";

/** The AUC with DeLong's variance and the placement values behind it. */
export interface DeLongEstimate {
  readonly auc: number;
  readonly variance: number;
  /** V₁₀: for each positive, the share of negatives it beats (ties ½), in the order given. */
  readonly positivePlacements: Float64Array;
  /** V₀₁: for each negative, the share of positives that beat it (ties ½). */
  readonly negativePlacements: Float64Array;
}

/**
 * DeLong's variance of an ROC AUC by the midrank form, O(n log n).
 *
 * Placements come from midranks: V₁₀ = (rank among all − rank among positives) / n₀. The variance is
 * S₁₀/n₁ + S₀₁/n₀ with n − 1 in both sample variances. Only the full AUC has this form: for a partial area use the
 * paired bootstrap (`bootstrap`, `comparePaired`).
 *
 * @param positives scores of the positive cases, ≥ 1
 * @param negatives scores of the negative cases, ≥ 1
 * @example delong([0.9, 0.7, 0.4], [0.1, 0.5, 0.3]).auc // 0.889
 * @see DeLong, DeLong & Clarke-Pearson, Biometrics 1988; Sun & Xu, IEEE SPL 2014
 */
export function delong(positives: Numbers, negatives: Numbers): DeLongEstimate {
  const n1 = positives.length;
  const n0 = negatives.length;
  if (n1 === 0 || n0 === 0)
    throw new InvalidValue("delong", "both classes need at least one score", { positives: n1, negatives: n0 });
  const all = new Float64Array(n1 + n0);
  all.set(positives, 0);
  all.set(negatives, n1);
  const ranks = midranks(all);
  const ranksAmongPositives = midranks(positives);
  const ranksAmongNegatives = midranks(negatives);
  const positivePlacements = Float64Array.from({ length: n1 }, (_, i) => (ranks[i] - ranksAmongPositives[i]) / n0);
  const negativePlacements = Float64Array.from({ length: n0 }, (_, j) => 1 - (ranks[n1 + j] - ranksAmongNegatives[j]) / n1);
  const auc = positivePlacements.reduce((sum, v) => sum + v, 0) / n1;
  const variance =
    covariance(positivePlacements, positivePlacements) / n1 + covariance(negativePlacements, negativePlacements) / n0;
  return { auc, variance, positivePlacements, negativePlacements };
}

/**
 * Normal-theory interval of an AUC from DeLong's variance, cut at 0 and 1 as pROC does.
 * @returns null when a class has a single case, because its variance is then unknown
 */
export function delongInterval(
  positives: Numbers,
  negatives: Numbers,
  { level = 0.95 }: { level?: number } = {},
): Interval | null {
  if (positives.length < 2 || negatives.length < 2) return null;
  const { auc, variance } = delong(positives, negatives);
  const half = normalQuantile(1 - (1 - level) / 2) * Math.sqrt(variance);
  return { low: Math.max(0, auc - half), high: Math.min(1, auc + half), level, method: "delong" };
}

export interface DeLongTest {
  readonly aucs: readonly [number, number];
  /** First minus second. */
  readonly difference: number;
  readonly interval: Interval;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * DeLong's paired test that two scores of the *same* cases have equal AUC.
 *
 * Two identical rankings have difference 0 and standard error 0; then z = 0 and p = 1, as pROC says.
 *
 * @param first  scores of method A: positives and negatives
 * @param second scores of method B for the same cases in the same order
 */
export function delongTest(first: ScoresByClass, second: ScoresByClass, { level = 0.95 }: { level?: number } = {}): DeLongTest {
  if (first.positives.length !== second.positives.length || first.negatives.length !== second.negatives.length) {
    const sizes = [first, second].map(({ positives, negatives }) => [positives.length, negatives.length]);
    throw new InvalidValue("delongTest", "both methods must score the same cases in the same order", sizes);
  }
  const a = delong(first.positives, first.negatives);
  const b = delong(second.positives, second.negatives);
  const shared =
    covariance(a.positivePlacements, b.positivePlacements) / first.positives.length +
    covariance(a.negativePlacements, b.negativePlacements) / first.negatives.length;
  const difference = a.auc - b.auc;
  const variance = Math.max(0, a.variance + b.variance - 2 * shared);
  const error = variance < 1e-18 ? 0 : Math.sqrt(variance);
  const z = error === 0 ? (Math.abs(difference) < 1e-12 ? 0 : Math.sign(difference) * Infinity) : difference / error;
  const half = normalQuantile(1 - (1 - level) / 2) * error;
  const interval: Interval = { low: difference - half, high: difference + half, level, method: "delong" };
  return { aucs: [a.auc, b.auc], difference, interval, z, p: Math.min(1, 2 * normalUpperTail(Math.abs(z))) };
}

export interface ScoresByClass {
  readonly positives: Numbers;
  readonly negatives: Numbers;
}

// With a single case the variance is unknown; 0 keeps the formula defined and `delongInterval` refuses it.
function covariance(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  if (n < 2) return 0;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < n; i++) {
    meanA += a[i] / n;
    meanB += b[i] / n;
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (n - 1);
}
