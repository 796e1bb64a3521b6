import { InvalidValue, type MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { descend, isOneClassOnly, rankScores, type Labels, type RankedScores, type Scores } from "./ranked.js";

/**
 * `mcclish`: ½·(1 + (A − p²/2)/(p − p²/2)); 0.5 is chance, 1 perfect. What scikit-learn's `max_fpr` returns, and what
 * the DCASE baseline and evaluators print although the papers define `dcase`.
 * `raw`: the area A itself, in [0, p], as pROC's `partial.auc` by default.
 * `dcase`: the share of pairs won outright (ties lose) between all positives and the ⌊p·n₀⌋ highest negatives.
 */
export type PaucConvention = "mcclish" | "raw" | "dcase";

export interface PaucOptions {
  /** p, the false-positive rate up to which the area counts, in (0, 1]. DCASE uses 0.1. */
  readonly maxFpr?: number;
  readonly convention?: PaucConvention;
}

/**
 * Partial area under the ROC curve for false-positive rates in [0, p].
 *
 * "Standardised" means two things in the literature and "pAUC" three, so the convention is part of the value; see
 * {@link PaucConvention}. `mcclish` is the default. `mcclish` and `raw` interpolate the curve linearly at p and count
 * ties as a slope; `dcase` does neither and is undefined (`too-few-negatives`) when p·n₀ < 1.
 *
 * @param scores one finite number a case, higher is more positive
 * @param labels 1 or true for positive
 * @throws ShapeMismatch, InvalidValue
 * @example pauc([0.1, 0.4, 0.4, 0.8, 0.4, 0.8, 0.8, 0.9], [0, 0, 0, 0, 1, 1, 1, 1]).value // 0.658, p = 0.1
 * @see McClish, Medical Decision Making 1989; Koizumi et al., DCASE 2020, eq. 2
 */
export function pauc(scores: Scores, labels: Labels, options: PaucOptions = {}): MetricValue {
  return paucOf(rankScores(scores, labels), options);
}

/** {@link pauc} of scores that are already ranked. */
export function paucOf(ranked: RankedScores, { maxFpr = 0.1, convention = "mcclish" }: PaucOptions = {}): MetricValue {
  if (!(maxFpr > 0 && maxFpr <= 1)) throw new InvalidValue("pauc", "maxFpr must lie in (0, 1]", maxFpr);
  const name = `${convention}@${maxFpr}`;
  if (isOneClassOnly(ranked)) return undefinedMetric("pauc", name, "one-class-only");
  const n = ranked.positives.length + ranked.negatives.length;
  if (convention === "dcase") {
    const top = topNegatives(maxFpr, ranked.negatives.length);
    return top === 0
      ? undefinedMetric("pauc", name, "too-few-negatives")
      : metricValue("pauc", name, wonAgainstTop(ranked, top), n);
  }
  const area = areaUpTo(ranked, maxFpr);
  return metricValue("pauc", name, convention === "raw" ? area : mcclish(area, maxFpr), n);
}

/** McClish's standardisation of an area over [0, p]: 0.5 for chance, 1 for a perfect curve. */
export function mcclish(area: number, p: number): number {
  const chance = (p * p) / 2;
  return (1 + (area - chance) / (p - chance)) / 2;
}

function areaUpTo(ranked: RankedScores, maxFpr: number): number {
  const { length: n1 } = ranked.positives;
  const { length: n0 } = ranked.negatives;
  const limit = maxFpr * n0;
  let area = 0; // in cells of one positive by one negative
  let tp = 0;
  let fp = 0;
  descend(ranked, (nextTp, nextFp) => {
    if (nextFp > limit) {
      const width = limit - fp;
      area += width * (tp + ((nextTp - tp) * width) / (nextFp - fp) / 2);
      return true;
    }
    area += ((nextFp - fp) * (tp + nextTp)) / 2;
    tp = nextTp;
    fp = nextFp;
    return false;
  });
  return area / n1 / n0;
}

// 0.1 · 30 is 3.0000000000000004 − in floating point; a product this close to a whole number is that number.
function topNegatives(maxFpr: number, negatives: number): number {
  const product = maxFpr * negatives;
  return Math.abs(product - Math.round(product)) < 1e-9 ? Math.round(product) : Math.floor(product);
}

function wonAgainstTop({ positives, negatives }: RankedScores, top: number): number {
  let won = 0;
  let below = negatives.length - top;
  for (const score of positives) {
    while (below < negatives.length && negatives[below] < score) below++;
    won += below - (negatives.length - top);
  }
  return won / top / positives.length;
}
