import { InvalidValue, ShapeMismatch } from "../../core/index.js";

/** One number a case; larger means "more likely positive" (more anomalous, more diseased). */
export type Scores = ArrayLike<number>;
/** One label a case: 1 or true is positive, 0 or false negative. */
export type Labels = ArrayLike<number | boolean>;

/** The scores of both classes in ascending order: all that a ranking metric needs. */
export interface RankedScores {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/**
 * Checks scores and labels, splits them by class and sorts each class.
 * @throws ShapeMismatch when the lengths differ
 * @throws InvalidValue for a score that is not finite or a label that is not 0, 1, true or false
 */
export function rankScores(scores: Scores, labels: Labels): RankedScores {
  const { positives, negatives } = splitByClass(scores, labels);
  return { positives: positives.sort(), negatives: negatives.sort() };
}

/** The scores of each class in the order given. Throws as {@link rankScores} does. */
export function splitByClass(scores: Scores, labels: Labels): RankedScores {
  const n = scores.length;
  if (labels.length !== n) throw new ShapeMismatch("labels", [n], [labels.length], "Give one label a score.");
  const sorted = new Float64Array(n);
  let first = 0;
  let last = n;
  for (let i = 0; i < n; i++) {
    const score = scores[i];
    if (!Number.isFinite(score)) {
      throw new InvalidValue(`scores[${i}]`, "a score must be a finite number", score, "Remove the case or repair its score.");
    }
    const label = labels[i];
    if (label === 1 || label === true) sorted[first++] = score;
    else if (label === 0 || label === false) sorted[--last] = score;
    else throw new InvalidValue(`labels[${i}]`, "a label must be 0, 1, true or false", label);
  }
  return { positives: sorted.subarray(0, first), negatives: sorted.subarray(first).reverse() };
}

export const isOneClassOnly = ({ positives, negatives }: RankedScores): boolean =>
  positives.length === 0 || negatives.length === 0;

/**
 * Walks the distinct scores from the highest down, telling how many positives and negatives lie at or above each.
 * Return true from `visit` to stop.
 */
export function descend(
  { positives, negatives }: RankedScores,
  visit: (truePositives: number, falsePositives: number, score: number) => boolean | void,
): void {
  let i = positives.length - 1;
  let j = negatives.length - 1;
  while (i >= 0 || j >= 0) {
    const score = i < 0 ? negatives[j] : j < 0 || positives[i] >= negatives[j] ? positives[i] : negatives[j];
    while (i >= 0 && positives[i] === score) i--;
    while (j >= 0 && negatives[j] === score) j--;
    if (visit(positives.length - 1 - i, negatives.length - 1 - j, score)) return;
  }
}
