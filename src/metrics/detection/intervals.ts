import { UsageError, type Interval, type MetricValue } from "../../core/index.js";
import { bootstrapTogether, delongInterval, type BootstrapOptions, type ResampleStatistic } from "../../stats/index.js";
import { auc } from "./auc.js";
import { pauc, type PaucOptions } from "./pauc.js";
import { averagePrecision } from "./precision-recall.js";
import { splitByClass, type Labels, type Scores } from "./ranked.js";
import { resampledAuc, resampledAveragePrecision, resampledPauc, sortCases, type SortedCases } from "./weighted.js";

/** `delong` for the full AUC only; a bootstrap for both. */
export interface DetectionIntervalOptions extends Omit<BootstrapOptions, "method" | "strata"> {
  readonly method?: "delong" | "percentile" | "bca";
  /** `label` (default): positives and negatives keep their numbers in every resample; `none`: they vary. */
  readonly stratify?: "label" | "none";
}

/**
 * {@link auc} with its interval.
 *
 * Default: percentile bootstrap, 2000 resamples, stratified by label; with `clusters` whole patients or recordings
 * are drawn. `delong` is faster and smooth but assumes independent cases, so it is refused together with clusters.
 *
 * @example aucWithInterval(scores, labels, { clusters: patients, clusterName: "patient", seed: 1 }).interval
 */
export function aucWithInterval(scores: Scores, labels: Labels, options: DetectionIntervalOptions = {}): MetricValue {
  const value = auc(scores, labels);
  if (value.value === null) return value;
  if (options.method === "delong") {
    if (options.clusters) throw new UsageError("DeLong's interval treats cases as independent. Use the bootstrap with clusters.");
    const { positives, negatives } = splitByClass(scores, labels);
    return withInterval(value, delongInterval(positives, negatives, options));
  }
  const sorted = sortCases(scores, labels);
  return withInterval(value, resample(sorted, [resampledAuc(sorted)], options)[0]);
}

/** {@link pauc} with its bootstrap interval; DeLong is not defined for a partial area. */
export function paucWithInterval(
  scores: Scores,
  labels: Labels,
  options: DetectionIntervalOptions & PaucOptions = {},
): MetricValue {
  const { maxFpr = 0.1, convention = "mcclish" } = options;
  if (options.method === "delong") throw new UsageError("DeLong's variance is not defined for a partial AUC. Use the bootstrap.");
  if (convention === "dcase") throw new UsageError("The dcase pAUC has no interval here. Use the mcclish or raw convention.");
  const value = pauc(scores, labels, { maxFpr, convention });
  if (value.value === null) return value;
  const sorted = sortCases(scores, labels);
  return withInterval(value, resample(sorted, [resampledPauc(sorted, maxFpr, convention)], options)[0]);
}

/** {@link averagePrecision} with its bootstrap interval. */
export function averagePrecisionWithInterval(
  scores: Scores,
  labels: Labels,
  options: DetectionIntervalOptions = {},
): MetricValue {
  if (options.method === "delong")
    throw new UsageError("DeLong's variance is not defined for average precision. Use the bootstrap.");
  const value = averagePrecision(scores, labels);
  if (value.value === null) return value;
  const sorted = sortCases(scores, labels);
  return withInterval(value, resample(sorted, [resampledAveragePrecision(sorted)], options)[0]);
}

/**
 * AUC, pAUC and average precision with their intervals, sorted once and resampled together: the values that the three
 * functions above give one by one. With `delong` the AUC has DeLong's interval and the others the bootstrap's; a `dcase`
 * pAUC has none.
 */
export function rankingMetrics(
  scores: Scores,
  labels: Labels,
  options: DetectionIntervalOptions & PaucOptions = {},
): [MetricValue, MetricValue, MetricValue] {
  const { maxFpr = 0.1, convention = "mcclish", method } = options;
  const values = [auc(scores, labels), pauc(scores, labels, { maxFpr, convention }), averagePrecision(scores, labels)] as const;
  if (values[0].value === null) return [...values];
  const byDeLong = method === "delong" ? aucWithInterval(scores, labels, options) : null;
  const sorted = sortCases(scores, labels);
  const statistics = [
    ...(byDeLong ? [] : [resampledAuc(sorted)]),
    resampledAveragePrecision(sorted),
    ...(convention === "dcase" ? [] : [resampledPauc(sorted, maxFpr, convention)]),
  ];
  const intervals = resample(sorted, statistics, byDeLong ? { ...options, method: "percentile" } : options);
  const wholeArea = byDeLong ?? withInterval(values[0], intervals.shift() ?? null);
  return [wholeArea, withInterval(values[1], intervals[1] ?? null), withInterval(values[2], intervals[0])];
}

function resample(
  sorted: SortedCases,
  statistics: readonly ResampleStatistic[],
  options: DetectionIntervalOptions,
): (Interval | null)[] {
  const { clusters, method, stratify = "label", ...rest } = options;
  return bootstrapTogether(sorted.order.length, statistics, {
    ...rest,
    method: method === "bca" ? "bca" : "percentile",
    strata: stratify === "label" ? sorted.positive : undefined,
    clusters: clusters && Array.from(sorted.order, (i) => clusters[i]),
  });
}

const withInterval = (value: MetricValue, interval: Interval | null): MetricValue => (interval ? { ...value, interval } : value);
