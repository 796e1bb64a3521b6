import { InvalidValue } from "../core/index.js";
import { normalQuantile } from "./normal.js";

export interface SampleSizeOptions {
  /** Two-sided level, 0.05. */
  readonly alpha?: number;
  /** Probability of seeing the gap if it is there, 0.8. */
  readonly power?: number;
}

/**
 * Cases needed to see a claimed mean gap between two methods on the same cases:
 * n = ⌈((z₁₋α/₂ + z_power)·sd/gap)²⌉ with the standard deviation of the paired differences.
 *
 * @example casesForGap(0.01, 0.05) // 197: a Dice gain of 0.01 when differences scatter by 0.05
 */
export function casesForGap(gap: number, differenceSd: number, { alpha = 0.05, power = 0.8 }: SampleSizeOptions = {}): number {
  if (!(Math.abs(gap) > 0)) throw new InvalidValue("casesForGap", "the gap must not be 0", gap);
  if (!(differenceSd >= 0)) throw new InvalidValue("casesForGap", "the standard deviation must be 0 or more", differenceSd);
  return Math.max(2, Math.ceil((((normalQuantile(1 - alpha / 2) + normalQuantile(power)) * differenceSd) / gap) ** 2));
}

/**
 * Cases needed for an interval of a mean no wider than ± `halfWidth`: n = ⌈(z·sd/halfWidth)²⌉.
 * @example casesForHalfWidth(0.005, 0.03) // 139
 * @see El Jurdi et al., arXiv 2307.10926
 */
export function casesForHalfWidth(halfWidth: number, sd: number, { level = 0.95 }: { level?: number } = {}): number {
  if (!(halfWidth > 0)) throw new InvalidValue("casesForHalfWidth", "the half-width must be above 0", halfWidth);
  return Math.max(2, Math.ceil(((normalQuantile(1 - (1 - level) / 2) * sd) / halfWidth) ** 2));
}
