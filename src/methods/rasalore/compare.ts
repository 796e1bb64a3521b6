import { InvalidValue, type Interval } from "../../core/index.js";
import { bootstrap, weightedMean } from "../../stats/index.js";
import type { Evaluation } from "./evaluate.js";
import type { SliceMetric } from "./measure.js";

/** One system minus another on the same slices. */
export interface SliceComparison {
  readonly difference: number;
  /** Resamples patients; null with fewer than two. */
  readonly interval: Interval | null;
  /** The interval excludes 0. */
  readonly separated: boolean;
  readonly n: number;
}

/**
 * The mean paired difference of a measure, slice by slice.
 * @throws InvalidValue when the two were not measured on the same slices
 * @example compareSlices(rasalore, ddpt, "dice") // { difference: 0.15, interval: { low: 0.12, … }, separated: true, n: 60 }
 */
export function compareSlices(first: Pick<Evaluation, "rows">, second: Pick<Evaluation, "rows">, metric: SliceMetric, seed = 1): SliceComparison {
  const other = new Map(second.rows.map((row) => [row.case, row.scores[metric]]));
  const differences = first.rows.map((row) => {
    const value = other.get(row.case);
    if (value === undefined) throw new InvalidValue("compareSlices", "both systems must have been measured on every slice", row.case);
    return row.scores[metric] - value;
  });
  const difference = differences.reduce((sum, x) => sum + x, 0) / differences.length;
  const interval = bootstrap(differences.length, weightedMean(differences), { clusters: first.rows.map(({ patient }) => patient), clusterName: "patient", seed });
  return { difference, interval, separated: interval !== null && (interval.low > 0 || interval.high < 0), n: differences.length };
}
