import { InvalidValue } from "../../core/index.js";
import { compareStatistics, type Comparison } from "../../stats/index.js";
import type { ScoredClip } from "./detect.js";
import { labelledCells, meanStatistic } from "./measure.js";

/** One system's name and its scored clips. */
export interface ScoredSystem {
  readonly name: string;
  readonly clips: readonly ScoredClip[];
}

/**
 * Two systems on the same test clips: the difference of their mean AUC (or pAUC) over machines and domains, with the interval of
 * paired resamples within machine, domain and label. `separated` is true when that interval excludes 0.
 *
 * @param domain leaves the other domains out
 * @throws InvalidValue when the systems did not score the same clips
 * @example compareSystems(astra, untrained, "auc").difference // 0.08
 */
export function compareSystems(first: ScoredSystem, second: ScoredSystem, metric: "auc" | "pauc", { domain, seed = 1, resamples = 2000 }: { domain?: string; seed?: number; resamples?: number } = {}): Comparison {
  const other = new Map(second.clips.map((clip) => [clip.case, clip]));
  const cells = labelledCells(first.clips).filter(([clip]) => domain === undefined || clip.domain === domain);
  const pairs = cells.map((cell) => cell.map((clip) => other.get(clip.case)));
  const missing = cells.flat().find((clip) => !other.has(clip.case));
  if (missing !== undefined || other.size !== first.clips.length) {
    throw new InvalidValue("compareSystems", `${first.name} and ${second.name} must have scored the same clips`, missing?.case ?? other.size);
  }
  const clips = cells.flat();
  const strata = clips.map(({ machine, domain, label }) => `${machine}\u0000${domain}\u0000${label}`);
  const matched = pairs.map((cell, i) => cells[i].map((clip, j) => ({ ...clip, score: cell[j]!.score })));
  return compareStatistics({ metric, first: first.name, second: second.name }, clips.length, meanStatistic(cells, metric), meanStatistic(matched, metric), { seed, resamples, strata });
}
