import { FolioError, show, type Exclusion, type Interval, type MetricValue } from "../core/index.js";
import type { ResultRecord } from "./record.js";

/** Which runs: a field that is left out matches everything. */
export interface RunQuery {
  readonly method?: string;
  readonly variant?: string;
  readonly dataset?: string;
  readonly split?: string;
  readonly preset?: string;
  readonly seed?: number;
}

/** Which number of those runs. `group` must be equal, not contained: `{}` asks for the value over all groups. */
export interface MetricQuery extends RunQuery {
  readonly metric: string;
  readonly convention?: string;
  readonly group?: Readonly<Record<string, string>>;
}

/** One run's contribution to a {@link Measurement}. */
export interface SeedValue {
  readonly seed: number;
  /** Which part of a cross-validation was held out. */
  readonly fold?: number;
  readonly record: string;
  readonly metric: MetricValue;
}

/** A number as a table prints it: over seeds where there are several, otherwise one run's with its interval. */
export interface Measurement {
  /** Mean over the seeds on which the metric is defined, of each the mean over its folds; null when it is defined on none. */
  readonly value: number | null;
  /** Every run: one a seed, or one a seed and fold. */
  readonly seeds: readonly SeedValue[];
  /** Sample standard deviation (n − 1) over what {@link over} says; only with two or more defined values. */
  readonly deviation?: number;
  /** What the deviation is over: repeated training, or, with one seed, the parts of a cross-validation. */
  readonly over?: "seeds" | "folds";
  /** One run only: that run's interval over its cases. */
  readonly interval?: Interval;
  /**
   * Several runs: the interval over test cases of a typical one, its bounds averaged over the runs. It is not an interval of the
   * mean: test cases cannot speak about retraining, nor seeds about other patients, so the two are never joined.
   */
  readonly caseInterval?: Interval;
  /** Cases of one run; of all parts together in a cross-validation. */
  readonly n: number;
  readonly excluded: readonly Exclusion[];
  readonly convention: string;
  readonly generated: boolean;
}

/** A query that several different things answer; averaging them would hide which. */
export class AmbiguousQuery extends FolioError {
  readonly code = "ambiguous-query";
  constructor(
    readonly query: RunQuery,
    readonly field: string,
    readonly found: readonly string[],
  ) {
    super(`query ${show(query)}: found several values of ${field} (${found.join(", ")}). Name one of them in the query.`);
  }
}

export function selectRecords(records: readonly ResultRecord[], query: RunQuery): ResultRecord[] {
  const { method, variant, dataset, split, preset, seed } = query;
  const agrees = <T>(wanted: T | undefined, found: T): boolean => wanted === undefined || wanted === found;
  return records.filter(
    (record) =>
      agrees(method, record.method) && agrees(variant, record.variant) && agrees(dataset, record.dataset.name) &&
      agrees(split, record.split) && agrees(preset, record.preset) && agrees(seed, record.seed),
  );
}

/**
 * The measurement that answers the query, or undefined when no record holds it.
 * Records that differ only in seed are averaged; conventions are never mixed.
 *
 * @example measure(records, { method: "astra", variant: "attention", metric: "auc", group: { machine: "fan", domain: "source" } })
 * // { value: 0.79, seeds: [{ seed: 1, … }, …], deviation: 0.02, n: 40, … }
 * @throws AmbiguousQuery when the runs found differ in more than their seed, or follow different conventions
 */
export function measure(records: readonly ResultRecord[], query: MetricQuery): Measurement | undefined {
  const { metric, convention, group = {}, ...runs } = query;
  const found = selectRecords(records, runs).flatMap((record) =>
    record.metrics
      .filter((m) => m.id === metric && (convention === undefined || m.convention === convention) && sameGroup(m.group ?? {}, group))
      .map((m) => ({ record, metric: m })),
  );
  if (found.length === 0) return undefined;
  requireOne("convention", found.map((item) => item.metric.convention), query);
  for (const field of ["method", "variant", "split", "preset"] as const) requireOne(field, found.map((item) => item.record[field]), query);
  requireOne("dataset", found.map((item) => item.record.dataset.name), query);
  if (new Set(found.map(({ record }) => `${record.seed} ${record.fold}`)).size !== found.length) {
    throw new AmbiguousQuery(query, "seed", found.map((item) => item.record.id));
  }
  found.sort((a, b) => a.record.seed - b.record.seed || (a.record.fold ?? 0) - (b.record.fold ?? 0));
  return combine(found);
}

function combine(found: readonly { record: ResultRecord; metric: MetricValue }[]): Measurement {
  const seeds = found.map(({ record, metric }) => ({ seed: record.seed, ...(record.fold !== undefined && { fold: record.fold }), record: record.id, metric }));
  const bySeed = [...new Set(seeds.map(({ seed }) => seed))].map((seed) => seeds.filter((run) => run.seed === seed));
  const perSeed = bySeed.map((runs) => meanOf(definedIn(runs))).filter((value) => value !== null);
  const overFolds = bySeed.length === 1 && seeds.length > 1;
  const spread = overFolds ? definedIn(seeds) : perSeed;
  const first = found[0]!.metric;
  const caseInterval = found.length > 1 ? typicalInterval(found.map(({ metric }) => metric)) : undefined;
  return {
    value: meanOf(perSeed),
    seeds,
    ...(spread.length > 1 && { deviation: deviation(spread, meanOf(spread)!), over: overFolds ? "folds" : "seeds" }),
    ...(found.length === 1 && first.interval !== undefined && { interval: first.interval }),
    ...(caseInterval !== undefined && { caseInterval }),
    n: bySeed[0].reduce((sum, { metric }) => sum + metric.n, 0),
    excluded: uniqueExclusions(found.flatMap(({ metric }) => metric.excluded)),
    convention: first.convention,
    generated: found.some(({ record }) => record.dataset.generated),
  };
}

const definedIn = (runs: readonly SeedValue[]): number[] => runs.map(({ metric }) => metric.value).filter((value) => value !== null);

const meanOf = (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);

/** Undefined unless every run has an interval of the same kind. */
function typicalInterval(metrics: readonly MetricValue[]): Interval | undefined {
  const intervals = metrics.flatMap(({ interval }) => interval ?? []);
  const [first] = intervals;
  if (intervals.length !== metrics.length || intervals.some(({ level, method }) => level !== first.level || method !== first.method)) return undefined;
  return { ...first, low: meanOf(intervals.map(({ low }) => low))!, high: meanOf(intervals.map(({ high }) => high))! };
}

function deviation(values: readonly number[], mean: number): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function uniqueExclusions(exclusions: readonly Exclusion[]): Exclusion[] {
  return [...new Map(exclusions.map((item) => [`${item.case}\0${item.reason}`, item])).values()];
}

/** Distinct values of one key of the metrics' groups, in the records' order: `groupValues(records, "machine")`. */
export function groupValues(records: readonly ResultRecord[], key: string): string[] {
  return [...new Set(records.flatMap((record) => record.metrics.flatMap((metric) => metric.group?.[key] ?? [])))];
}

export function sameGroup(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function requireOne(field: string, values: readonly string[], query: MetricQuery): void {
  const distinct = [...new Set(values)];
  if (distinct.length > 1) throw new AmbiguousQuery(query, field, distinct);
}
