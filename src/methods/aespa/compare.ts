import { InvalidValue, type Interval } from "../../core/index.js";
import { bootstrap, weightedMean } from "../../stats/index.js";
import type { Evaluation } from "./evaluate.js";
import type { RoundMetric } from "./measure.js";

/** One system minus another on the same sessions. */
export interface RoundComparison {
  readonly difference: number;
  /** Resamples patients; null with fewer than two. */
  readonly interval: Interval | null;
  /** The interval excludes 0. */
  readonly separated: boolean;
  readonly n: number;
}

/**
 * The mean paired difference of a metric after a round, session by session.
 * @throws InvalidValue when the two were not played on the same sessions
 * @example compareRounds(aespa, clickBlind, "dice_follow", 5) // { difference: 0.107, interval: { low: 0.09, … }, separated: true, n: 144 }
 */
export function compareRounds(first: Evaluation, second: Evaluation, metric: RoundMetric, round: number, seed = 1): RoundComparison {
  const key = ({ case: id, rater }: { case: string; rater: number }): string => `${id}/${rater}`;
  const other = new Map(second.rows.filter((row) => row.round === round).map((row) => [key(row), row.scores[metric]]));
  const rows = first.rows.filter((row) => row.round === round);
  const differences = rows.map((row) => {
    const value = other.get(key(row));
    if (value === undefined) throw new InvalidValue("compareRounds", "both systems must have played every session", key(row));
    return row.scores[metric] - value;
  });
  const difference = differences.reduce((sum, x) => sum + x, 0) / differences.length;
  const interval = bootstrap(differences.length, weightedMean(differences), { clusters: rows.map(({ patient }) => patient), clusterName: "patient", seed });
  return { difference, interval, separated: interval !== null && (interval.low > 0 || interval.high < 0), n: differences.length };
}
