import { ShapeMismatch, type Exclusion, type Interval } from "../core/index.js";
import { bootstrap, weightedMean, type BootstrapOptions, type ResampleStatistic } from "./bootstrap.js";
import { cohenDz } from "./effect-size.js";
import { holm } from "./holm.js";
import { permutationTest } from "./permutation.js";
import { wilcoxon } from "./wilcoxon.js";

/** Two methods on the same cases: what a table needs to decide what is bold. */
export interface Comparison {
  /** Metric id: `dice`, `auc` … */
  readonly metric: string;
  readonly first: string;
  readonly second: string;
  readonly values: readonly [number, number];
  /** First minus second. */
  readonly difference: number;
  /** Of the difference, from resamples of the pairs; null where it cannot be estimated. */
  readonly interval: Interval | null;
  /** True when the interval excludes 0. */
  readonly separated: boolean;
  /** Two-sided p-value of the named test; null without one. */
  readonly p: number | null;
  readonly test: "wilcoxon" | "permutation-clustered" | "delong" | "bootstrap" | "none";
  /** p after Holm over the comparisons made together; see {@link adjustComparisons}. */
  readonly adjustedP: number | null;
  readonly effect: { readonly name: "rank-biserial" | "cohen-dz"; readonly value: number } | null;
  /** Pairs that entered. */
  readonly n: number;
  readonly excluded: readonly Exclusion[];
}

/** A method's per-case values; null where the case has none. */
export interface MethodScores {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface ComparisonOptions extends Omit<BootstrapOptions, "strata"> {
  /** Case names for the exclusions; the index when not given. */
  readonly cases?: readonly string[];
}

/**
 * Compares the mean of a per-case metric between two methods on the same cases.
 *
 * A case that lacks a value in either method is left out of both and listed. The interval is a bootstrap of the pairs
 * (of whole clusters where given). The p-value is Wilcoxon's; with clusters, whose cases are not independent, it comes
 * from a permutation test that swaps whole clusters.
 */
export function comparePaired(
  metric: string,
  first: MethodScores,
  second: MethodScores,
  options: ComparisonOptions = {},
): Comparison {
  const { cases, clusters, ...rest } = options;
  const total = first.values.length;
  if (second.values.length !== total)
    throw new ShapeMismatch(`${second.name}`, [total], [second.values.length], "Compare the same cases.");
  const a: number[] = [];
  const b: number[] = [];
  const kept: (string | number)[] = [];
  const excluded: Exclusion[] = [];
  for (let i = 0; i < total; i++) {
    const [x, y] = [first.values[i], second.values[i]];
    if (x === null || y === null) {
      const missing = x === null && y === null ? "undefined-in-both" : `undefined-in-${x === null ? first.name : second.name}`;
      excluded.push({ case: cases?.[i] ?? String(i), reason: missing });
      continue;
    }
    a.push(x);
    b.push(y);
    if (clusters) kept.push(clusters[i]);
  }
  const n = a.length;
  const differences = a.map((x, i) => x - b[i]);
  const average = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
  const interval = bootstrap(n, weightedMean(differences), { ...rest, clusters: clusters ? kept : undefined });
  const signed = wilcoxon(a, b);
  const p = n === 0 ? null : clusters ? permutationTest(a, b, { clusters: kept, seed: options.seed }).p : signed.p;
  return {
    metric,
    first: first.name,
    second: second.name,
    values: [average(a), average(b)],
    difference: average(differences),
    interval,
    separated: excludesZero(interval),
    p,
    test: clusters ? "permutation-clustered" : "wilcoxon",
    adjustedP: p,
    effect: clusters ? { name: "cohen-dz", value: cohenDz(a, b) } : { name: "rank-biserial", value: signed.rankBiserial },
    n,
    excluded,
  };
}

/** Two statistics of the same cases, such as two methods' AUC, compared by the bootstrap of their difference. */
export function compareStatistics(
  names: { metric: string; first: string; second: string },
  cases: number,
  first: ResampleStatistic,
  second: ResampleStatistic,
  options: BootstrapOptions = {},
): Comparison {
  const whole = new Int32Array(cases).fill(1);
  const values: [number, number] = [first(whole) ?? NaN, second(whole) ?? NaN];
  const difference: ResampleStatistic = (counts) => {
    const [a, b] = [first(counts), second(counts)];
    return a === null || b === null ? null : a - b;
  };
  const interval = bootstrap(cases, difference, options);
  return {
    ...names,
    values,
    difference: values[0] - values[1],
    interval,
    separated: excludesZero(interval),
    p: null,
    test: "none",
    adjustedP: null,
    effect: null,
    n: cases,
    excluded: [],
  };
}

/** The same comparisons with Holm-adjusted p-values over all that have one. */
export function adjustComparisons(comparisons: readonly Comparison[]): Comparison[] {
  const tested = comparisons.filter((comparison) => comparison.p !== null);
  const adjusted = holm(tested.map((comparison) => comparison.p ?? 1));
  return comparisons.map((comparison) => {
    const index = tested.indexOf(comparison);
    return index < 0 ? comparison : { ...comparison, adjustedP: adjusted[index] };
  });
}

/** The paired interval leaves 0 outside. */
export function excludesZero(interval: Interval | null): boolean {
  return interval !== null && (interval.low > 0 || interval.high < 0);
}

/**
 * Which methods a table prints bold (DESIGN §6).
 *
 * The best value and every method whose paired interval against it includes 0 share the bold face, and only if at
 * least one method is left behind: where nothing is separated from the best, nothing is bold. A missing comparison
 * counts as not separated.
 *
 * @param values one a method, null where it has none
 * @param comparisons pairs in either order
 */
export function boldMethods(
  values: Readonly<Record<string, number | null>>,
  comparisons: readonly Pick<Comparison, "first" | "second" | "separated">[],
  better: "higher" | "lower" = "higher",
): Set<string> {
  const sign = better === "higher" ? 1 : -1;
  const ranked = Object.entries(values)
    .filter((entry): entry is [string, number] => entry[1] !== null)
    .sort(([, a], [, b]) => sign * (b - a))
    .map(([name]) => name);
  const [best] = ranked;
  const separated = (name: string): boolean => {
    return comparisons.some(
      ({ first, second, separated }) => separated && [first, second].includes(best) && [first, second].includes(name),
    );
  };
  const shared = ranked.filter((name) => name === best || !separated(name));
  return new Set(shared.length === ranked.length ? [] : shared);
}
