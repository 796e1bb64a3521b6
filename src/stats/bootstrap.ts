import { InvalidValue, type Interval } from "../core/index.js";
import { normalCdf, normalQuantile } from "./normal.js";
import { eachResample, planResamples, type ResampleDesign, type ResamplePlan } from "./resample.js";
import { quantileOfSorted, type Numbers } from "./summary.js";

/**
 * A statistic of a resample. `counts[i]` says how often case i was drawn (0, 1, 2 …), so a mean is
 * Σ counts·x / Σ counts and nothing needs to be copied or sorted again. Null where the resample leaves it undefined.
 */
export type ResampleStatistic = (counts: Int32Array) => number | null;

export interface BootstrapOptions extends ResampleDesign {
  /** `percentile` (default) or `bca`, bias-corrected and accelerated. */
  readonly method?: "percentile" | "bca";
  /** 2000 unless said otherwise; fewer make the ends of a 95 % interval shake. */
  readonly resamples?: number;
  readonly seed?: number;
  /** Coverage, 0.95. */
  readonly level?: number;
  /** What a cluster is, for the printed interval: `patient`, `recording` …; `cluster` when not said. */
  readonly clusterName?: string;
}

/**
 * Bootstrap interval of any statistic of cases.
 *
 * The convention: draw as many units (cases, or whole clusters) as there are, with replacement, within each stratum;
 * compute the statistic on each resample; take the quantiles of what came out (linear interpolation, as SciPy).
 * Resamples on which the statistic is undefined are left out and counted in `degenerate`, never redrawn silently.
 * `bca` moves the quantiles by the median bias and by the skew of the leave-one-unit-out values; where the bias
 * cannot be estimated (every resample on one side of the estimate) the percentile interval is returned and named so.
 *
 * @param cases number of cases, ≥ 2
 * @param statistic of resample counts, see {@link ResampleStatistic}
 * @returns the interval, or null where the statistic is undefined on more than half of the resamples
 * @example
 * const dice = [0.91, 0.88, 0.93, 0.75];
 * bootstrap(dice.length, weightedMean(dice), { seed: 1 }) // { low: 0.792…, high: 0.92…, level: 0.95, … }
 * @see Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13–14; Field & Welsh 2007 for clusters
 */
export function bootstrap(cases: number, statistic: ResampleStatistic, options: BootstrapOptions = {}): Interval | null {
  return bootstrapTogether(cases, [statistic], options)[0];
}

/** {@link bootstrap} of several statistics on the same resamples: the same intervals as one by one, drawn once. */
export function bootstrapTogether(
  cases: number,
  statistics: readonly ResampleStatistic[],
  options: BootstrapOptions = {},
): (Interval | null)[] {
  const { method = "percentile", resamples = 2000, seed = 0, level = 0.95, clusterName } = options;
  if (!(level > 0 && level < 1)) throw new InvalidValue("bootstrap", "the level must lie between 0 and 1", level);
  if (cases < 1) return statistics.map(() => null);
  const plan = planResamples(cases, options);
  if (plan.units < 2) return statistics.map(() => null);
  const replicates = statistics.map(() => new Float64Array(Math.max(0, resamples)));
  const defined = statistics.map(() => 0);
  eachResample(plan, resamples, seed, (counts) => {
    for (let s = 0; s < statistics.length; s++) {
      const value = statistics[s](counts);
      if (value !== null && !Number.isNaN(value)) replicates[s][defined[s]++] = value;
    }
  });
  return statistics.map((statistic, s) => {
    const degenerate = resamples - defined[s];
    if (defined[s] === 0 || degenerate > resamples / 2) return null;
    const sorted = replicates[s].slice(0, defined[s]).sort();
    const corrected = method === "bca" ? bca(plan, statistic, sorted, level) : null;
    const { low, high } = corrected ?? percentileLimits(sorted, level);
    return {
      low,
      high,
      level,
      method: corrected ? "bootstrap-bca" : "bootstrap-percentile",
      resamples,
      degenerate,
      seed,
      cluster: plan.unitOf ? (clusterName ?? "cluster") : "case",
    };
  });
}

function bca(plan: ResamplePlan, statistic: ResampleStatistic, sorted: Float64Array, level: number): Limits | null {
  const estimate = statistic(new Int32Array(plan.cases).fill(1));
  return estimate === null ? null : bcaLimits(sorted, estimate, jackknife(plan, statistic), level);
}

export interface Limits {
  readonly low: number;
  readonly high: number;
}

/** Percentile limits from sorted replicates. */
export function percentileLimits(sorted: Numbers, level = 0.95): Limits {
  const tail = (1 - level) / 2;
  return { low: quantileOfSorted(sorted, tail), high: quantileOfSorted(sorted, 1 - tail) };
}

/**
 * Bias-corrected and accelerated limits from sorted replicates, as `scipy.stats.bootstrap(method="BCa")`.
 * @param jackknifed the statistic with each unit left out once
 * @returns null when every replicate lies on one side of the estimate
 */
export function bcaLimits(sorted: Numbers, estimate: number, jackknifed: Numbers, level = 0.95): Limits | null {
  let below = 0;
  let equal = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (sorted[i] < estimate) below++;
    else if (sorted[i] === estimate) equal++;
  }
  const share = (below + equal / 2) / sorted.length;
  if (share === 0 || share === 1) return null;
  const bias = normalQuantile(share);
  const acceleration = accelerationOf(jackknifed);
  const at = (p: number): number => {
    const z = bias + normalQuantile(p);
    return quantileOfSorted(sorted, normalCdf(bias + z / (1 - acceleration * z)));
  };
  const tail = (1 - level) / 2;
  return { low: at(tail), high: at(1 - tail) };
}

function accelerationOf(jackknifed: Numbers): number {
  let mean = 0;
  for (let i = 0; i < jackknifed.length; i++) mean += jackknifed[i] / jackknifed.length;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < jackknifed.length; i++) {
    const pull = mean - jackknifed[i];
    squares += pull ** 2;
    cubes += pull ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** The statistic with each unit (case or cluster) left out once; units without which it is undefined are skipped. */
export function jackknife(plan: ResamplePlan, statistic: ResampleStatistic): Float64Array {
  const counts = new Int32Array(plan.cases).fill(1);
  const members: number[][] | null = plan.unitOf ? Array.from({ length: plan.units }, () => []) : null;
  if (members) plan.unitOf!.forEach((unit, i) => members[unit].push(i));
  const values: number[] = [];
  for (let unit = 0; unit < plan.units; unit++) {
    const left = members ? members[unit] : [unit];
    for (const i of left) counts[i] = 0;
    const value = statistic(counts);
    if (value !== null && !Number.isNaN(value)) values.push(value);
    for (const i of left) counts[i] = 1;
  }
  return Float64Array.from(values);
}

/** The mean as a {@link ResampleStatistic}: Σ counts·x / Σ counts. */
export function weightedMean(values: Numbers): ResampleStatistic {
  return (counts) => {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < counts.length; i++) {
      sum += counts[i] * values[i];
      n += counts[i];
    }
    return n === 0 ? null : sum / n;
  };
}
