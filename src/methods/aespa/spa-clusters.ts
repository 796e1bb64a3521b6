import { InvalidValue, type Random } from "../../core/index.js";
import { kMeans, squaredDistance } from "../../stats/index.js";

/** Candidate masks split into what the user picked and the rest. */
export interface Selection {
  /** Positions of the picked group's candidates. */
  readonly chosen: readonly number[];
  /** Mean of the picked group. */
  readonly picked: Float32Array;
  /** Mean of all others; of everything when there are none. */
  readonly rest: Float32Array;
}

/**
 * Groups candidates by K-means and picks the group whose centre is nearest to what the user wants (SPA's
 * sample–cluster–select). Where candidates coincide there may be fewer groups; with one group nothing is left over and
 * the rest is the whole (spec §8.14).
 * @param candidates probability maps of one length
 * @param wanted the user's mask, same length
 */
export function selectCluster(candidates: readonly Float32Array[], wanted: ArrayLike<number>, clusters: number, random: Random): Selection {
  if (candidates.length === 0) throw new InvalidValue("selectCluster", "there must be a candidate", candidates.length);
  const rows = candidates.map((map) => Float64Array.from(map));
  const { labels, centres } = kMeans(rows, Math.min(clusters, rows.length), random);
  const target = Float64Array.from(wanted);
  const distances = centres.map((centre) => squaredDistance(centre, target));
  const nearest = [...new Set(labels)].reduce((best, cluster) => (distances[cluster] < distances[best] ? cluster : best)); // empty groups left out
  const chosen = candidates.flatMap((_, i) => (labels[i] === nearest ? [i] : []));
  const others = candidates.filter((_, i) => labels[i] !== nearest);
  return { chosen, picked: meanOf(chosen.map((i) => candidates[i])), rest: meanOf(others.length > 0 ? others : candidates) };
}

export function meanOf(maps: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(maps[0].length);
  for (const map of maps) for (let i = 0; i < mean.length; i++) mean[i] += map[i] / maps.length;
  return mean;
}
