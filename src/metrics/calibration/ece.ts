import { InvalidValue, type MetricValue } from "../../core/index.js";
import { argsort, type ResampleStatistic } from "../../stats/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { splitByClass, type Labels } from "../detection/ranked.js";
import { requireProbabilities } from "./probabilities.js";

export interface EceOptions {
  /** 15 unless said otherwise. */
  readonly bins?: number;
  /** `equal-width` (default): bins [k/B, (k+1)/B), the last one closed. `equal-mass`: as many cases in each. */
  readonly binning?: "equal-width" | "equal-mass";
}

/** One bin of the reliability diagram. */
export interface ReliabilityBin {
  readonly count: number;
  /** Mean predicted probability. */
  readonly predicted: number;
  /** Share of positives. */
  readonly observed: number;
}

/**
 * Expected calibration error: Σ (n_b/n)·|observed_b − predicted_b| over bins of the predicted probability.
 *
 * Convention `positive-class`: the probability of the positive class against the share of positives (TorchMetrics'
 * binary form); the multi-class form, which bins the confidence of the winning class, is another number. Depends on
 * the number of bins, which is therefore printed with it.
 *
 * @throws ShapeMismatch, InvalidValue
 * @example ece([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], { bins: 2 }).value // ½·|0.5 − 0.9| + ½·|0 − 0.1| = 0.25
 * @see Guo et al., ICML 2017
 */
export function ece(probabilities: ArrayLike<number>, labels: Labels, options: EceOptions = {}): MetricValue {
  const { bins = 15, binning = "equal-width" } = options;
  const convention = `positive-class, ${bins} ${binning} bins`;
  const n = probabilities.length;
  const curve = reliability(probabilities, labels, options);
  if (n === 0) return undefinedMetric("ece", convention, "no-case");
  const value = curve.reduce((sum, { count, predicted, observed }) => sum + (count / n) * Math.abs(observed - predicted), 0);
  return metricValue("ece", convention, value, n);
}

/** The bins behind {@link ece} that hold a case, from low to high. */
export function reliability(probabilities: ArrayLike<number>, labels: Labels, options: EceOptions = {}): ReliabilityBin[] {
  const binOf = bin(probabilities, labels, options);
  const sums = Array.from({ length: options.bins ?? 15 }, () => ({ count: 0, predicted: 0, observed: 0 }));
  binOf.forEach((b, i) => {
    sums[b].count++;
    sums[b].predicted += probabilities[i];
    sums[b].observed += Number(labels[i]);
  });
  return sums
    .filter(({ count }) => count > 0)
    .map(({ count, predicted, observed }) => ({ count, predicted: predicted / count, observed: observed / count }));
}

/** ECE of a resample; the bins stay those of the whole set. */
export function resampledEce(probabilities: ArrayLike<number>, labels: Labels, options: EceOptions = {}): ResampleStatistic {
  const binOf = bin(probabilities, labels, options);
  const gap = Float64Array.from(binOf, (_, i) => Number(labels[i]) - probabilities[i]);
  const sums = new Float64Array(options.bins ?? 15);
  return (counts) => {
    sums.fill(0);
    let n = 0;
    for (let i = 0; i < gap.length; i++) {
      sums[binOf[i]] += counts[i] * gap[i];
      n += counts[i];
    }
    return n === 0 ? null : sums.reduce((sum, value) => sum + Math.abs(value), 0) / n;
  };
}

function bin(probabilities: ArrayLike<number>, labels: Labels, { bins = 15, binning = "equal-width" }: EceOptions): Int32Array {
  if (!Number.isInteger(bins) || bins < 1) throw new InvalidValue("ece", "bins must be a whole number from 1", bins);
  splitByClass(probabilities, labels);
  requireProbabilities(probabilities);
  const n = probabilities.length;
  if (binning === "equal-width")
    return Int32Array.from({ length: n }, (_, i) => Math.min(bins - 1, Math.floor(probabilities[i] * bins)));
  const binOf = new Int32Array(n);
  argsort(probabilities).forEach((i, rank) => (binOf[i] = Math.floor((rank * bins) / n)));
  return binOf;
}
