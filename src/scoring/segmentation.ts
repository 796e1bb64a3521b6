import { stopIfAborted, silent, type CaseScore, type Exclusion, type MetricValue, type Progress } from "../core/index.js";
import { meanOverCases } from "../metrics/index.js";
import { adjustComparisons, bootstrap, comparePaired, weightedMean, type BootstrapOptions } from "../stats/index.js";
import { clustersByName } from "./clusters.js";
import { methodNames } from "./detection.js";
import { pairImages } from "./folders.js";
import { scorePairs } from "./pool.js";
import type { GroupedComparison, ScoreReport } from "./report.js";
import type { SegmentedCase } from "./segment-case.js";
import { describeConvention, parseMetrics, type EmptyPolicies, type MetricRequest } from "./segmentation-metrics.js";

export interface SegmentationScoring extends EmptyPolicies {
  /** Folders of predictions and truths with equal file names. */
  readonly predictions: string;
  readonly truths: string;
  /** Label values to score one by one; without them, everything that is not 0 is one foreground. */
  readonly labels?: readonly number[];
  /** `dice`, `hd95:pooled`, `nsd@2` …; Dice and HD95 unless given. */
  readonly metrics?: readonly string[];
  readonly clusterRegex?: string;
  readonly clusterName?: string;
  /** What to do about truths without a prediction. */
  readonly missing?: "error" | "exclude";
  /** mm, for PNG and NPY, last axis fastest. */
  readonly spacingMm?: readonly number[];
  /** Folders of other methods' predictions of the same cases. */
  readonly compare?: readonly string[];
  readonly workers?: number;
  readonly resamples?: number;
  readonly seed?: number;
  readonly level?: number;
  readonly method?: "percentile" | "bca";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

interface Scored {
  readonly name: string;
  readonly cases: readonly SegmentedCase[];
  readonly missing: readonly string[];
}

/**
 * Scores folders of segmentations (NIfTI, PNG, NPY) against their truths: the mean over cases of each metric and label,
 * with bootstrap intervals over cases or clusters, and paired comparisons with other folders.
 *
 * @throws BadFile naming the file that is missing, does not fit its truth, or holds a label that was not announced
 * @throws UsageError for an unknown metric
 */
export async function scoreSegmentation(options: SegmentationScoring): Promise<ScoreReport> {
  const requests = parseMetrics(options.metrics ?? ["dice", "hd95"]);
  const folders = [options.predictions, ...(options.compare ?? [])];
  const names = methodNames(folders);
  const scored: Scored[] = [];
  for (const [index, folder] of folders.entries()) scored.push(await scoreFolder(names[index], folder, requests, options));
  const clusters = new Map<string, string>();
  if (options.clusterRegex !== undefined) {
    const all = [...new Set(scored.flatMap(({ cases, missing }) => [...cases.map(({ name }) => name), ...missing]))];
    clustersByName(all, options.clusterRegex).forEach((cluster, i) => clusters.set(all[i], cluster));
  }
  const methods = scored.map((method) => ({
    name: method.name,
    metrics: metricsOf(method, requests, options, clusters),
    cases: casesOf(method, requests, options, clusters),
  }));
  const report: ScoreReport = { metrics: methods[0].metrics, cases: methods[0].cases, comparison: null };
  if (scored.length === 1) return report;
  return { ...report, comparison: comparisonsOf(scored, requests, options, clusters), methods };
}

async function scoreFolder(
  name: string,
  folder: string,
  requests: readonly MetricRequest[],
  options: SegmentationScoring,
): Promise<Scored> {
  stopIfAborted(options.signal);
  const { labels = null, whenBothEmpty, whenOneEmpty, spacingMm, workers, signal } = options;
  const { pairs, withoutPrediction } = await pairImages(folder, options.truths, options.missing);
  const task = (options.progress ?? silent).begin(`score ${name}`, pairs.length);
  const cases = await scorePairs(
    pairs,
    { requests, labels, policies: { whenBothEmpty, whenOneEmpty }, spacingMm },
    { workers, task, signal },
  );
  task.end(`${pairs.length} cases`);
  return { name, cases: cases.map(withLabelMean), missing: withoutPrediction };
}

/** One group a label; with several labels the cases' means over them come last. */
const groupsOf = ({ labels }: SegmentationScoring): ({ label: string } | undefined)[] => {
  if (!labels) return [undefined];
  const single = labels.map((label) => ({ label: String(label) }));
  return single.length > 1 ? [...single, { label: meanLabel }] : single;
};

const meanLabel = "mean-over-labels";

/** A case's scores by group and metric: its labels, and their mean where there are several. */
function withLabelMean(entry: SegmentedCase): SegmentedCase {
  if (entry.scores.length < 2) return entry;
  const means = entry.scores[0].map((_, at) => meanOfLabels(entry.scores.map((scores) => scores[at])));
  return { ...entry, scores: [...entry.scores, means] };
}

/** The mean over the labels that say something of the case, as nnU-Net and MONAI do; a label that is absent says nothing. */
function meanOfLabels(scores: readonly CaseScore[]): CaseScore {
  const values = scores.flatMap((score) => ("score" in score ? [score.score] : []));
  return values.length === 0 ? { excluded: "no-label-scored" } : { score: values.reduce((sum, value) => sum + value, 0) / values.length };
}

function metricsOf(
  { cases, missing }: Scored,
  requests: readonly MetricRequest[],
  options: SegmentationScoring,
  clusters: ReadonlyMap<string, string>,
): MetricValue[] {
  const lost = missing.map((name): Exclusion => ({ case: name, reason: "missing-prediction" }));
  return groupsOf(options).flatMap((group, label) =>
    requests.map((request, at) => {
      const scores = cases.map(({ name, scores }) => ({ case: name, score: scores[label][at] }));
      const mean = meanOverCases(request.id, describeConvention(request, options), scores);
      const values: number[] = [];
      const names: string[] = [];
      for (const { case: name, score } of scores) {
        if (!("score" in score)) continue;
        values.push(score.score);
        names.push(name);
      }
      const interval = bootstrap(values.length, weightedMean(values), resampling(options, names, clusters));
      return { ...mean, excluded: [...mean.excluded, ...lost], ...(interval && { interval }), ...(group && { group }) };
    }),
  );
}

function resampling(
  options: SegmentationScoring,
  names: readonly string[],
  clusters: ReadonlyMap<string, string>,
): BootstrapOptions {
  const { resamples, seed, level, method, clusterName = "patient" } = options;
  return {
    resamples,
    seed,
    level,
    method,
    ...(clusters.size > 0 && { clusters: names.map((name) => clusters.get(name) ?? name), clusterName }),
  };
}

function casesOf(
  { cases }: Scored,
  requests: readonly MetricRequest[],
  options: SegmentationScoring,
  clusters: ReadonlyMap<string, string>,
): Record<string, unknown>[] {
  const keys = requests.map(({ id, convention, parameter }) => {
    const alone = requests.filter((other) => other.id === id).length === 1;
    return alone ? id : `${id}:${convention}${parameter === null ? "" : `@${parameter}`}`;
  });
  return cases.flatMap(({ name, scores }) =>
    groupsOf(options).map((group, label) => {
      const excluded = Object.fromEntries(
        requests.flatMap((_, at) => ("excluded" in scores[label][at] ? [[keys[at], scores[label][at].excluded]] : [])),
      );
      return {
        case: name,
        ...group,
        ...(clusters.size > 0 && { cluster: clusters.get(name) }),
        ...Object.fromEntries(requests.map((_, at) => [keys[at], valueOf(scores[label][at])])),
        ...(Object.keys(excluded).length > 0 && { excluded }),
      };
    }),
  );
}

const valueOf = (score: CaseScore): number | null => ("score" in score ? score.score : null);

function comparisonsOf(
  [first, ...others]: readonly Scored[],
  requests: readonly MetricRequest[],
  options: SegmentationScoring,
  clusters: ReadonlyMap<string, string>,
): GroupedComparison[] {
  const names = [...new Set([first, ...others].flatMap(({ cases }) => cases.map(({ name }) => name)))].sort();
  const values = ({ name, cases }: Scored, label: number, at: number) => {
    const scores = new Map(cases.map((entry) => [entry.name, valueOf(entry.scores[label][at])]));
    return { name, values: names.map((name) => scores.get(name) ?? null) };
  };
  return groupsOf(options).flatMap((group, label) =>
    requests.flatMap((request, at) => {
      const pairs = others.map((other) =>
        comparePaired(request.id, values(first, label, at), values(other, label, at), {
          ...resampling(options, names, clusters),
          cases: names,
        }),
      );
      const convention = describeConvention(request, options);
      return adjustComparisons(pairs).map((pair) => ({ ...pair, convention, ...(group && { group }) }));
    }),
  );
}
