import type { MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { isOneClassOnly, rankScores, type Labels, type RankedScores, type Scores } from "./ranked.js";

/**
 * Area under the ROC curve: the probability that a positive case scores higher than a negative one.
 *
 * Convention `ties-half`: a positive and a negative with the same score count ½, which is the trapezoid area that
 * scikit-learn's `roc_auc_score` gives and the Mann–Whitney U divided by n₁·n₀. With one class only the area is
 * undefined: `value` is null and the reason is `one-class-only` (scikit-learn warns and gives NaN; some code gives 0).
 *
 * @param scores one finite number a case, higher is more positive
 * @param labels 1 or true for positive
 * @returns a value in [0, 1]; 0.5 is chance
 * @throws ShapeMismatch, InvalidValue
 * @example auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).value // 0.75
 * @example auc([0.5, 0.5], [0, 1]).value                  // 0.5: a tie
 * @see Hanley & McNeil, Radiology 1982
 */
export function auc(scores: Scores, labels: Labels): MetricValue {
  return aucOf(rankScores(scores, labels));
}

/** {@link auc} of scores that are already ranked. */
export function aucOf(ranked: RankedScores): MetricValue {
  if (isOneClassOnly(ranked)) return undefinedMetric("auc", "ties-half", "one-class-only");
  const { positives, negatives } = ranked;
  // Twice the number of won pairs, so that ties stay whole numbers and the sum exact.
  let doubled = 0;
  let below = 0;
  let notAbove = 0;
  for (let i = 0; i < positives.length; i++) {
    const score = positives[i];
    while (below < negatives.length && negatives[below] < score) below++;
    if (notAbove < below) notAbove = below;
    while (notAbove < negatives.length && negatives[notAbove] === score) notAbove++;
    doubled += below + notAbove;
  }
  const pairs = positives.length * negatives.length;
  return metricValue("auc", "ties-half", doubled / 2 / pairs, positives.length + negatives.length);
}
