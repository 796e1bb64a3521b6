import { InvalidValue, type Interval } from "../core/index.js";
import { studentTQuantile } from "./special.js";
import { mean, standardDeviation, type Numbers } from "./summary.js";

/** How much a number changes when training is repeated; says nothing about the test set. */
export interface SeedSpread {
  readonly mean: number;
  /** n − 1 in the denominator; what is printed after ±. */
  readonly sd: number;
  readonly seeds: number;
  /** Student's t interval of the mean over seeds; null for a single seed. */
  readonly interval: Interval | null;
}

/**
 * Mean ± standard deviation over training seeds, kept apart from the test-set interval: a bootstrap over test cases
 * cannot speak about retraining, and repeated training cannot speak about other patients.
 * @example seedSpread([0.81, 0.83, 0.82]) // mean 0.82, sd 0.01
 */
export function seedSpread(values: Numbers, { level = 0.95 }: { level?: number } = {}): SeedSpread {
  if (values.length === 0) throw new InvalidValue("seedSpread", "at least one run is needed", []);
  const centre = mean(values);
  const sd = standardDeviation(values);
  const seeds = values.length;
  if (seeds < 2) return { mean: centre, sd, seeds, interval: null };
  const half = (studentTQuantile(1 - (1 - level) / 2, seeds - 1) * sd) / Math.sqrt(seeds);
  return {
    mean: centre,
    sd,
    seeds,
    interval: { low: centre - half, high: centre + half, level, method: "student-t-over-seeds" },
  };
}
