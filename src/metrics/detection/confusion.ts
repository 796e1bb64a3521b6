import { InvalidValue, type MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { splitByClass, type Labels, type Scores } from "./ranked.js";

/** The four counts of a decision. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export type DecisionMetric = "accuracy" | "balanced_accuracy" | "f1" | "precision" | "recall" | "specificity";

/**
 * Counts of the decision "positive when score ≥ threshold".
 * @throws ShapeMismatch, InvalidValue
 * @example confusionAt([0.2, 0.6, 0.6], [0, 0, 1], 0.6) // 1 true and 1 false positive, 1 true negative
 */
export function confusionAt(scores: Scores, labels: Labels, threshold: number): Confusion {
  if (Number.isNaN(threshold)) throw new InvalidValue("threshold", "a number is needed", threshold);
  const { positives, negatives } = splitByClass(scores, labels);
  const atOrAbove = (values: Float64Array): number => values.reduce((count, score) => count + (score >= threshold ? 1 : 0), 0);
  const truePositives = atOrAbove(positives);
  const falsePositives = atOrAbove(negatives);
  return {
    truePositives,
    falsePositives,
    trueNegatives: negatives.length - falsePositives,
    falseNegatives: positives.length - truePositives,
  };
}

/**
 * Accuracy, balanced accuracy, F1, precision, recall and specificity at a threshold.
 *
 * Convention `score>=threshold`: a case whose score equals the threshold is called positive. Precision and F1 are 0
 * when nothing is called positive (scikit-learn's `zero_division=0`), because a detector that never fires has not
 * earned an exclusion. A metric whose class is missing from the labels (recall without positives, specificity without
 * negatives) says nothing and is null, reason `one-class-only`.
 *
 * @returns the six metrics by id
 * @example decisionMetrics([0.2, 0.6, 0.6], [0, 0, 1], 0.6).f1.value // 0.667
 */
export function decisionMetrics(scores: Scores, labels: Labels, threshold: number): Record<DecisionMetric, MetricValue> {
  return decisionMetricsOf(confusionAt(scores, labels, threshold));
}

/** {@link decisionMetrics} of counts. */
export function decisionMetricsOf(counts: Confusion): Record<DecisionMetric, MetricValue> {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = counts;
  const n = tp + fp + tn + fn;
  const convention = "score>=threshold";
  const ratio = (id: DecisionMetric, top: number, bottom: number, defined: boolean): MetricValue =>
    defined
      ? metricValue(id, convention, bottom === 0 ? 0 : top / bottom, n)
      : undefinedMetric(id, convention, n === 0 ? "no-case" : "one-class-only");
  const hasPositives = tp + fn > 0;
  const hasNegatives = tn + fp > 0;
  const recall = ratio("recall", tp, tp + fn, hasPositives);
  const specificity = ratio("specificity", tn, tn + fp, hasNegatives);
  return {
    accuracy: ratio("accuracy", tp + tn, n, n > 0),
    balanced_accuracy: ratio(
      "balanced_accuracy",
      (recall.value ?? 0) + (specificity.value ?? 0),
      2,
      hasPositives && hasNegatives,
    ),
    f1: ratio("f1", 2 * tp, 2 * tp + fp + fn, hasPositives),
    precision: ratio("precision", tp, tp + fp, hasPositives),
    recall,
    specificity,
  };
}
