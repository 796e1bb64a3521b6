import type { MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { descend, rankScores, type Labels, type Scores } from "./ranked.js";

/** Precision and recall at each distinct score, from the highest threshold down. */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly thresholds: Float64Array;
}

/** The precision–recall curve without an invented first point; null when no case is positive. */
export function precisionRecallCurve(scores: Scores, labels: Labels): PrecisionRecallCurve | null {
  const ranked = rankScores(scores, labels);
  if (ranked.positives.length === 0) return null;
  const precision: number[] = [];
  const recall: number[] = [];
  const thresholds: number[] = [];
  descend(ranked, (tp, fp, score) => {
    precision.push(tp / (tp + fp));
    recall.push(tp / ranked.positives.length);
    thresholds.push(score);
  });
  return {
    precision: Float64Array.from(precision),
    recall: Float64Array.from(recall),
    thresholds: Float64Array.from(thresholds),
  };
}

/**
 * Average precision, Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores.
 *
 * Convention `step`: no interpolation, as scikit-learn's `average_precision_score`. The trapezoid area of the same
 * curve is a different, more optimistic number: see {@link auprc}. Undefined (`no-positive`) without positive cases.
 *
 * @example averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).value // 0.833
 * @see Davis & Goadrich, ICML 2006
 */
export function averagePrecision(scores: Scores, labels: Labels): MetricValue {
  return area("ap", "step", scores, labels, (p) => p);
}

/**
 * Area under the precision–recall curve by the trapezoid rule.
 *
 * Convention `trapezoid`: straight lines between the points, starting at precision 1 for recall 0, as
 * `auc(*precision_recall_curve(…))` in scikit-learn. Straight lines are not attainable in this plane, so prefer
 * {@link averagePrecision}; this one is here to compare with papers that print it.
 *
 * @example auprc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).value // 0.792
 */
export function auprc(scores: Scores, labels: Labels): MetricValue {
  return area("auprc", "trapezoid", scores, labels, (p, before) => (p + before) / 2);
}

function area(
  id: string,
  convention: string,
  scores: Scores,
  labels: Labels,
  height: (p: number, before: number) => number,
): MetricValue {
  const curve = precisionRecallCurve(scores, labels);
  if (!curve) return undefinedMetric(id, convention, "no-positive");
  const { precision, recall } = curve;
  let sum = 0;
  for (let k = 0; k < precision.length; k++) {
    sum += (recall[k] - (k === 0 ? 0 : recall[k - 1])) * height(precision[k], k === 0 ? 1 : precision[k - 1]);
  }
  return metricValue(id, convention, sum, scores.length);
}
