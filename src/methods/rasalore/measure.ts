import type { MetricValue } from "../../core/index.js";
import { auc, averagePrecision } from "../../metrics/index.js";
import { bootstrap, weightedMean } from "../../stats/index.js";

export type SliceMetric = (typeof sliceMetrics)[number]["id"];

/** What is measured on every slice, and by which convention (spec §5); means over slices. */
export const sliceMetrics = [
  { id: "dice", convention: "p > 0.5, both-empty 1" },
  { id: "auroc", convention: "pixels of the crop, ties-half" },
  { id: "auprc", convention: "pixels of the crop, step" },
  { id: "precision", convention: "p ≥ 0.5" },
  { id: "recall", convention: "p ≥ 0.5" },
  { id: "specificity", convention: "p ≥ 0.5" },
  { id: "jaccard", convention: "p ≥ 0.5" },
  { id: "fpr", convention: "p ≥ 0.5" },
] as const;

const epsilon = 1e-7;

/** (2Σbt + ε)/(Σb + Σt + ε) with b = p > ½, strictly; 1 where both are empty. */
export function hardDice(probability: ArrayLike<number>, truth: ArrayLike<number>): number {
  let [both, predicted, actual] = [0, 0, 0];
  for (let i = 0; i < probability.length; i++) {
    const [p, t] = [probability[i] > 0.5 ? 1 : 0, truth[i] > 0 ? 1 : 0];
    both += p * t;
    predicted += p;
    actual += t;
  }
  return (2 * both + epsilon) / (predicted + actual + epsilon);
}

/**
 * All measures of one slice. Where the reference holds only one class, all but Dice are 0 and averaged in, as published.
 * @example scoreSlice([.9, .8, .5, .5, .4, .35, .1, .05], [1, 0, 1, 0, 0, 1, 0, 0]).jaccard // 0.4
 */
export function scoreSlice(probability: ArrayLike<number>, truth: ArrayLike<number>): Record<SliceMetric, number> {
  const labels = Uint8Array.from(truth, (t) => (t > 0 ? 1 : 0));
  const dice = hardDice(probability, labels);
  const positives = labels.reduce((sum, t) => sum + t, 0);
  if (positives === 0 || positives === labels.length) return { dice, auroc: 0, auprc: 0, precision: 0, recall: 0, specificity: 0, jaccard: 0, fpr: 0 };
  const scores = Float64Array.from(probability);
  let [tp, fp] = [0, 0];
  for (const [i, p] of scores.entries()) {
    if (p < 0.5) continue;
    if (labels[i]) tp++;
    else fp++;
  }
  const [fn, tn] = [positives - tp, labels.length - positives - fp];
  return {
    dice,
    auroc: auc(scores, labels).value!,
    auprc: averagePrecision(scores, labels).value!,
    precision: tp / (tp + fp + epsilon),
    recall: tp / (tp + fn + epsilon),
    specificity: tn / (tn + fp + epsilon),
    jaccard: tp / (tp + fp + fn + epsilon),
    fpr: fp / (fp + tn + epsilon),
  };
}

/** A value of every case, and the patient it comes from. */
export interface CaseValue {
  readonly patient: string;
  readonly value: number;
}

/** The mean with an interval that resamples patients. */
export function meanOf(id: string, convention: string, cases: readonly CaseValue[], seed: number): MetricValue {
  if (cases.length === 0) return { id, convention, value: null, n: 0, excluded: [] };
  const values = cases.map(({ value }) => value);
  const interval = bootstrap(values.length, weightedMean(values), { clusters: cases.map(({ patient }) => patient), clusterName: "patient", seed });
  return { id, convention, value: values.reduce((sum, x) => sum + x, 0) / values.length, n: values.length, excluded: [], ...(interval && { interval }) };
}
