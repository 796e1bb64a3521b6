import { InvalidValue } from "../../core/index.js";
import { quantile, type QuantileMethod } from "../../stats/index.js";
import { descend, isOneClassOnly, rankScores, type Labels, type Scores } from "./ranked.js";

/**
 * The threshold that lets a target share of *normal* cases through: the (1 − fpr)-quantile of their scores.
 *
 * Convention `nearest` (default): the score at position (n − 1)·(1 − fpr), rounded half to even, as
 * `numpy.quantile(method="nearest")`; the threshold is then a score that occurred. `linear` interpolates. The decision
 * is score ≥ threshold, so on the very scores it was read from, the realised rate can be one case more than the target.
 *
 * @param normalScores scores of cases known to be negative, usually from training data
 * @param fpr target false-positive rate in [0, 1]; 0.05 as in ASTRA
 * @example thresholdAtFpr([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) // 10
 */
export function thresholdAtFpr(
  normalScores: Scores,
  { fpr = 0.05, method = "nearest" }: { fpr?: number; method?: QuantileMethod } = {},
): number {
  if (!(fpr >= 0 && fpr <= 1)) throw new InvalidValue("thresholdAtFpr", "fpr must lie in [0, 1]", fpr);
  return quantile(normalScores, 1 - fpr, { method });
}

export interface OperatingPoint {
  /** A case is called positive when its score ≥ this. */
  readonly threshold: number;
  readonly truePositiveRate: number;
  readonly falsePositiveRate: number;
}

/**
 * The point of the ROC curve with the largest true-positive minus false-positive rate (Youden's J); among equals the
 * one with the highest threshold. Chosen on the data it is then judged on, it flatters: choose it on other data.
 * @returns null with one class only
 * @see Youden, Cancer 1950
 */
export function youdenPoint(scores: Scores, labels: Labels): OperatingPoint | null {
  return bestPoint(scores, labels, (tpr, fpr) => tpr - fpr);
}

/**
 * The point of the ROC curve with the highest true-positive rate whose false-positive rate does not exceed the target.
 * @returns null with one class only
 */
export function pointAtFpr(scores: Scores, labels: Labels, targetFpr: number): OperatingPoint | null {
  if (!(targetFpr >= 0 && targetFpr <= 1)) throw new InvalidValue("pointAtFpr", "the target must lie in [0, 1]", targetFpr);
  return bestPoint(scores, labels, (tpr, fpr) => (fpr <= targetFpr ? tpr : -1));
}

function bestPoint(scores: Scores, labels: Labels, worth: (tpr: number, fpr: number) => number): OperatingPoint | null {
  const ranked = rankScores(scores, labels);
  if (isOneClassOnly(ranked)) return null;
  let best: OperatingPoint = { threshold: Infinity, truePositiveRate: 0, falsePositiveRate: 0 };
  let bestWorth = worth(0, 0);
  descend(ranked, (tp, fp, threshold) => {
    const truePositiveRate = tp / ranked.positives.length;
    const falsePositiveRate = fp / ranked.negatives.length;
    const value = worth(truePositiveRate, falsePositiveRate);
    if (value > bestWorth) {
      bestWorth = value;
      best = { threshold, truePositiveRate, falsePositiveRate };
    }
  });
  return best;
}
