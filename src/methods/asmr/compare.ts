import { InvalidValue, type Interval } from "../../core/index.js";
import { acdcStructures } from "../../datasets/index.js";
import { bootstrap, weightedMean } from "../../stats/index.js";
import type { Evaluation } from "./evaluate.js";

/** One system minus another on the same cases. */
export interface SystemComparison {
  readonly difference: number;
  /** Resamples patients; null with fewer than two. */
  readonly interval: Interval | null;
  /** The interval excludes 0. */
  readonly separated: boolean;
  readonly n: number;
}

/** Measures that compare case by case: `dice` and `dice_second` by volume, the others by slice. */
export type ComparedMetric = "dice" | "dice_second" | "ssim" | "psnr";

/**
 * The mean paired difference at a budget: first minus second.
 * @throws InvalidValue when the two were not measured on the same cases or at that budget
 * @example compareSystems(ppo, centre, "dice", 8) // { difference: 0.35, interval: { low: 0.31, … }, separated: true, n: 32 }
 */
export function compareSystems(first: Evaluation, second: Evaluation, metric: ComparedMetric, budget: number, seed = 0): SystemComparison {
  const [a, b] = [first, second].map((evaluation) => caseValues(evaluation, metric, budget));
  const other = new Map(b.map(({ id, value }) => [id, value]));
  const rows = a.flatMap(({ id, patient, value }) => {
    if (!other.has(id)) throw new InvalidValue("compareSystems", "both systems must be measured on the same cases", id);
    const against = other.get(id)!;
    return value === null || against === null ? [] : [{ patient, difference: value - against }];
  });
  const differences = rows.map(({ difference }) => difference);
  const interval = rows.length === 0 ? null : bootstrap(rows.length, weightedMean(differences), { clusters: rows.map(({ patient }) => patient), clusterName: "patient", resamples: 1000, seed });
  const difference = differences.reduce((sum, x) => sum + x, 0) / differences.length;
  return { difference, interval, separated: interval !== null && (interval.low > 0 || interval.high < 0), n: rows.length };
}

function caseValues(evaluation: Evaluation, metric: ComparedMetric, budget: number): { id: string; patient: string; value: number | null }[] {
  const measured = evaluation.budgets.find((each) => each.budget === budget);
  if (measured === undefined) throw new InvalidValue("compareSystems", `${evaluation.variant} was measured at ${evaluation.budgets.map((each) => each.budget).join(", ")} lines`, budget);
  if (metric === "ssim" || metric === "psnr") return measured.scores.slices.map((slice) => ({ id: slice.slice, patient: slice.patient, value: slice[metric] }));
  return measured.scores.volumes.map(({ volume, patient, dice, secondDice }) => {
    const values = acdcStructures.map((name) => (metric === "dice" ? dice : secondDice)?.[name] ?? null).filter((value) => value !== null);
    return { id: volume, patient, value: values.length === 0 ? null : values.reduce((sum, x) => sum + x, 0) / values.length };
  });
}
