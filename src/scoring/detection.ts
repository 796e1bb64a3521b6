import { basename, extname } from "node:path";
import { UsageError, type MetricValue, type Progress } from "../core/index.js";
import {
  auc,
  averagePrecision,
  dcaseScore,
  decisionMetrics,
  inCaseOrder,
  pauc,
  rankingMetrics,
  resampledAuc,
  resampledAveragePrecision,
  resampledPauc,
  sortCases,
  type DcaseOptions,
} from "../metrics/index.js";
import { adjustComparisons, compareStatistics, delongTest, type Comparison, type ResampleStatistic } from "../stats/index.js";
import type { GroupedComparison, ScoreReport } from "./report.js";
import { alignScores, readScoreFile, type ScoreColumns, type ScoreFile } from "./score-file.js";

export interface DetectionScoring extends ScoreColumns {
  readonly maxFpr?: number;
  readonly pauc?: "mcclish" | "raw" | "dcase";
  /** Adds accuracy, F1, precision, recall and specificity of the decision score ≥ threshold. */
  readonly threshold?: number;
  /** Adds the official DCASE score of this year, from the columns `machine`, `domain` and, where present, `section`. */
  readonly dcase?: DcaseOptions["year"];
  readonly interval?: "percentile" | "bca" | "delong" | "none";
  readonly resamples?: number;
  readonly seed?: number;
  readonly level?: number;
  /** Score files of other methods on the same cases. */
  readonly compare?: readonly string[];
  readonly progress?: Progress;
}

interface Part {
  readonly group?: Readonly<Record<string, string>>;
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
  readonly clusters: readonly string[] | null;
}

/**
 * Scores a CSV file of a detector: AUC, pAUC, average precision, for all cases and for each group, with intervals,
 * and paired comparisons with other files.
 *
 * Comparisons resample both methods together (whole clusters where given); for the AUC of independent cases the
 * p-value is DeLong's, otherwise there is none and the interval speaks.
 *
 * @throws BadFile, UsageError
 * @example (await scoreDetection("scores.csv", { score: "score", label: "label" })).metrics[0] // the AUC
 */
export async function scoreDetection(file: string, options: DetectionScoring): Promise<ScoreReport> {
  const forDcase = { groups: [...new Set([...(options.groups ?? []), "machine", "domain"])], optional: ["section"] };
  const wanted = options.dcase ? { ...options, ...forDcase } : options;
  const base = await readScoreFile(file, wanted);
  const metrics = metricsOf(base, base.scores, options);
  const cases = casesOf(base, base.scores, options);
  if (!options.compare?.length) return { metrics, cases, comparison: null };
  const names = methodNames([file, ...options.compare]);
  const methods = [{ name: names[0], metrics, cases }];
  const comparison: GroupedComparison[] = [];
  for (const [index, other] of options.compare.entries()) {
    const scores = alignScores(base, await readScoreFile(other, wanted));
    methods.push({ name: names[index + 1], metrics: metricsOf(base, scores, options), cases: casesOf(base, scores, options) });
    comparison.push(...comparisonsOf(base, scores, names[0], names[index + 1], options));
  }
  return { metrics, cases, comparison: adjusted(comparison), methods };
}

function casesOf(base: ScoreFile, scores: Float64Array, { groups = [] }: DetectionScoring): Record<string, unknown>[] {
  return base.cases.map((name, i) => ({
    case: name,
    score: scores[i],
    label: base.labels[i],
    ...(base.clusters && { cluster: base.clusters[i] }),
    ...(groups.length > 0 && { group: Object.fromEntries(groups.map((column) => [column, base.groups[column][i]])) }),
  }));
}

function metricsOf(base: ScoreFile, scores: Float64Array, options: DetectionScoring): MetricValue[] {
  const { maxFpr = 0.1, pauc: convention = "mcclish", interval = "percentile", resamples, seed, level, cluster } = options;
  const values = partsOf(base, scores, options.groups ?? []).flatMap(({ group, scores, labels, clusters }) => {
    const ranking =
      interval === "none"
        ? [auc(scores, labels), pauc(scores, labels, { maxFpr, convention }), averagePrecision(scores, labels)]
        : rankingMetrics(scores, labels, {
            maxFpr,
            convention,
            resamples,
            seed,
            level,
            method: interval,
            clusters: clusters ?? undefined,
            clusterName: cluster,
          });
    const decided = options.threshold === undefined ? [] : Object.values(decisionMetrics(scores, labels, options.threshold));
    return [...ranking, ...decided].map((metric) => (group ? { ...metric, group } : metric));
  });
  return options.dcase ? [...values, officialScore(base, scores, options)] : values;
}

function officialScore(base: ScoreFile, scores: Float64Array, { dcase: year, maxFpr }: DetectionScoring): MetricValue {
  const { machine, domain, section } = base.groups;
  const clips = Array.from(scores, (score, i) => ({
    score,
    label: base.labels[i],
    machine: machine[i],
    domain: domain[i],
    section: section?.[i],
  }));
  return dcaseScore(clips, { year, maxFpr }).official;
}

function comparisonsOf(
  base: ScoreFile,
  other: Float64Array,
  first: string,
  second: string,
  options: DetectionScoring,
): GroupedComparison[] {
  const { maxFpr = 0.1, pauc: convention = "mcclish", resamples, seed, level, cluster } = options;
  const ours = partsOf(base, base.scores, options.groups ?? []);
  const theirs = partsOf(base, other, options.groups ?? []);
  return ours.flatMap(({ group, labels, clusters, scores }, index) => {
    if (labels.every((label) => label === labels[0])) return [];
    const [a, b] = [sortCases(scores, labels), sortCases(theirs[index].scores, labels)];
    const pair = (metric: string, statistic: (cases: typeof a) => ResampleStatistic): Comparison =>
      compareStatistics({ metric, first, second }, labels.length, inCaseOrder(a, statistic(a)), inCaseOrder(b, statistic(b)), {
        resamples,
        seed,
        level,
        strata: labels,
        clusters: clusters ?? undefined,
        clusterName: cluster,
      });
    const whole = pair("auc", resampledAuc);
    const byDeLong = clusters ? null : delongTest(byClass(scores, labels), byClass(theirs[index].scores, labels));
    const found: Comparison[] = [
      byDeLong ? { ...whole, p: byDeLong.p, adjustedP: byDeLong.p, test: "delong" } : whole,
      ...(convention === "dcase" ? [] : [pair("pauc", (cases) => resampledPauc(cases, maxFpr, convention))]),
      pair("ap", resampledAveragePrecision),
    ];
    return found.map((comparison) => (group ? { ...comparison, group } : comparison));
  });
}

function partsOf(base: ScoreFile, scores: Float64Array, columns: readonly string[]): Part[] {
  const whole: Part = { scores, labels: base.labels, clusters: base.clusters };
  if (columns.length === 0) return [whole];
  const members = new Map<string, number[]>();
  for (let i = 0; i < scores.length; i++) {
    const key = JSON.stringify(columns.map((column) => base.groups[column][i]));
    const list = members.get(key);
    if (list) list.push(i);
    else members.set(key, [i]);
  }
  const parts = [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, rows]): Part => ({
      group: Object.fromEntries((JSON.parse(key) as string[]).map((value, i) => [columns[i], value])),
      scores: Float64Array.from(rows, (i) => scores[i]),
      labels: Uint8Array.from(rows, (i) => base.labels[i]),
      clusters: base.clusters && rows.map((i) => base.clusters?.[i] ?? ""),
    }));
  return [whole, ...parts];
}

const byClass = (scores: Float64Array, labels: Uint8Array) => ({
  positives: scores.filter((_, i) => labels[i] === 1),
  negatives: scores.filter((_, i) => labels[i] === 0),
});

// Holm runs over the comparisons of one metric.
function adjusted(comparisons: readonly GroupedComparison[]): GroupedComparison[] {
  const byMetric = new Map(
    ["auc", "pauc", "ap"].map((id) => [id, adjustComparisons(comparisons.filter(({ metric }) => metric === id))]),
  );
  return comparisons.map((comparison) => {
    const same = comparisons.filter(({ metric }) => metric === comparison.metric);
    return { ...comparison, adjustedP: byMetric.get(comparison.metric)?.[same.indexOf(comparison)].adjustedP ?? null };
  });
}

/** Short names for files or folders: the last part of the path without its extension, or the whole path where that is not unique. */
export function methodNames(paths: readonly string[]): string[] {
  const short = paths.map((path) => basename(path, extname(path)));
  const names = new Set(short).size === short.length ? short : [...paths];
  if (new Set(names).size !== names.length) throw new UsageError(`A method cannot be compared with itself: ${paths.join(", ")}.`);
  return names;
}
