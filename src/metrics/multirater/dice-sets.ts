import { InvalidValue, type CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import type { Mask } from "../segmentation/mask.js";
import { assign } from "./hungarian.js";
import { average, overlapTable, requireMasks } from "./set-overlap.js";

/**
 * Dice max: for each rater the best Dice that any sample reaches, averaged over raters.
 *
 * Convention `over-raters` (default); `symmetric` averages it with the mean over samples of the best rater. It never
 * falls when samples are added, so compare sets of one size.
 *
 * @throws ShapeMismatch, InvalidValue
 * @example diceMax([[1, 1, 0]], [[1, 0, 0], [1, 1, 1]]) // (2/3 + 4/5) / 2
 */
export function diceMax(
  samples: readonly Mask[],
  raters: readonly Mask[],
  { symmetric = false }: { symmetric?: boolean } = {},
): CaseScore {
  const table = overlapTable(samples, raters, "dice");
  const overRaters = average(raters.map((_, r) => Math.max(...table.map((row) => row[r]))));
  return score(symmetric ? (overRaters + average(table.map((row) => Math.max(...row)))) / 2 : overRaters);
}

/** What the matched sum is divided by: the number of raters, or the larger or smaller of raters and samples. */
export type MatchDivisor = "raters" | "larger" | "smaller";

/**
 * Dice match: samples and raters paired one to one so that the sum of Dice is largest (Hungarian), divided by the
 * number of raters.
 *
 * Convention `per-rater` (default): with fewer samples than raters the unmatched raters count 0, so a single sample
 * cannot exceed 1/R. `larger` and `smaller` divide by the larger or smaller set.
 *
 * @throws ShapeMismatch, InvalidValue
 */
export function diceMatch(
  samples: readonly Mask[],
  raters: readonly Mask[],
  { divisor = "raters" }: { divisor?: MatchDivisor } = {},
): CaseScore {
  const table = overlapTable(samples, raters, "dice");
  const matched = assign(table).reduce((sum, rater, sample) => (rater < 0 ? sum : sum + table[sample][rater]), 0);
  const [m, r] = [samples.length, raters.length];
  return score(matched / { raters: r, larger: Math.max(m, r), smaller: Math.min(m, r) }[divisor]);
}

/**
 * Soft Dice of a probability map against the raters' mean map: 2·Σ p·s / (Σp + Σs), both empty 1.
 * @param probabilities in [0, 1]; the mean of several samples is one
 * @throws ShapeMismatch, InvalidValue
 */
export function diceSoft(probabilities: ArrayLike<number>, raters: readonly Mask[]): CaseScore {
  requireMasks([probabilities], raters);
  let product = 0;
  let total = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i];
    if (!(p >= 0 && p <= 1))
      throw new InvalidValue(`probabilities[${i}]`, "a probability lies in [0, 1]", p, "Apply the sigmoid first.");
    const s = share(raters, i);
    product += p * s;
    total += p + s;
  }
  return score(total === 0 ? 1 : (2 * product) / total);
}

/** Mean Dice of one mask with each rater; both empty 1. */
export function dicePersonal(prediction: Mask, raters: readonly Mask[]): CaseScore {
  return score(average(overlapTable([prediction], raters, "dice")[0]));
}

/**
 * Dice over agreement levels: prediction and the raters' mean map are both cut at each threshold (> t), and the Dice
 * scores are averaged; both empty 1. With thresholds 0.1, 0.2 … this is the score of the QUBIQ challenge.
 * @param probabilities in [0, 1]
 */
export function diceAtThresholds(
  probabilities: ArrayLike<number>,
  raters: readonly Mask[],
  thresholds: readonly number[] = [0.1, 0.3, 0.5, 0.7, 0.9],
): CaseScore {
  requireMasks([probabilities], raters);
  if (thresholds.length === 0) throw new InvalidValue("diceAtThresholds", "at least one threshold is needed", thresholds);
  const scores = thresholds.map((threshold) => {
    let shared = 0;
    let total = 0;
    for (let i = 0; i < probabilities.length; i++) {
      const p = probabilities[i] > threshold ? 1 : 0;
      const s = share(raters, i) > threshold ? 1 : 0;
      shared += p & s;
      total += p + s;
    }
    return total === 0 ? 1 : (2 * shared) / total;
  });
  return score(average(scores));
}

function share(raters: readonly Mask[], i: number): number {
  let count = 0;
  for (const rater of raters) if (rater[i]) count++;
  return count / raters.length;
}
