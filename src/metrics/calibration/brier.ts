import type { MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { splitByClass, type Labels } from "../detection/ranked.js";
import { requireProbabilities } from "./probabilities.js";

/**
 * Brier score: the mean squared distance between a predicted probability and what happened, (1/n)·Σ (p − y)².
 *
 * Convention `binary`: one probability a case, range [0, 1]; the original two-class sum is twice as large. Lower is better.
 *
 * @throws ShapeMismatch, InvalidValue for a probability outside [0, 1]
 * @example brier([0.9, 0.2], [1, 0]).value // 0.025
 * @see Brier 1950; scikit-learn's brier_score_loss
 */
export function brier(probabilities: ArrayLike<number>, labels: Labels): MetricValue {
  splitByClass(probabilities, labels);
  requireProbabilities(probabilities);
  const n = probabilities.length;
  if (n === 0) return undefinedMetric("brier", "binary", "no-case");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (probabilities[i] - Number(labels[i])) ** 2;
  return metricValue("brier", "binary", sum / n, n);
}
