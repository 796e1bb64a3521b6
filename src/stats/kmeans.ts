import { InvalidValue, type Random } from "../core/index.js";
import { columnMeans, type Rows } from "./pca.js";

export interface Clusters {
  readonly centres: readonly Float64Array[];
  /** The cluster of each row. A cluster may be empty when there are fewer distinct rows than clusters. */
  readonly labels: Int32Array;
  /** Sum of the squared distances of the rows to their centres. */
  readonly inertia: number;
  readonly iterations: number;
}

/**
 * K-means by Lloyd's iterations from one greedy k-means++ start, as scikit-learn's `KMeans(n_init="auto")` runs it:
 * 2 + ⌊ln k⌋ candidates a step, each drawn with probability ∝ squared distance to the nearest centre, the one that lowers
 * the total most is kept; it stops when no label changes or the centres' summed squared shift is at most
 * `tolerance` × the mean variance of a column. Labels are numbered in no meaningful order.
 *
 * @param rows   at least k rows of one length
 * @param random drawn from; the same state gives the same clusters
 * @throws InvalidValue when k is not a whole number from 1 to the number of rows
 * @example kMeans([[0], [1], [9], [10]].map((row) => Float64Array.from(row)), 2, seededRandom(1)).inertia // 1
 * @see Arthur & Vassilvitskii, k-means++, 2007
 */
export function kMeans(rows: Rows, k: number, random: Random, { maxIterations = 300, tolerance = 1e-4 } = {}): Clusters {
  if (!Number.isInteger(k) || k < 1 || k > rows.length)
    throw new InvalidValue("kMeans", `k must be a whole number from 1 to the ${rows.length} rows`, k);
  let centres = greedyStart(rows, k, random);
  let { labels, distances } = assign(rows, centres);
  const smallShift = tolerance * meanVariance(rows);
  let iterations = 0;
  while (iterations < maxIterations) {
    iterations++;
    const moved = recentre(rows, labels, distances, k);
    const shift = moved.reduce((sum, centre, c) => sum + squaredDistance(centre, centres[c]), 0);
    centres = moved;
    const next = assign(rows, centres);
    const settled = next.labels.every((label, i) => label === labels[i]);
    ({ labels, distances } = next);
    if (settled || shift <= smallShift) break;
  }
  return { centres, labels, inertia: sum(distances), iterations };
}

function greedyStart(rows: Rows, k: number, random: Random): Float64Array[] {
  const candidatesPerStep = 2 + Math.floor(Math.log(k));
  const centres = [rows[random.integer(rows.length)]];
  let nearest = Float64Array.from(rows, (row) => squaredDistance(row, centres[0]));
  while (centres.length < k) {
    const tried = Array.from({ length: candidatesPerStep }, () => {
      const row = rows[drawProportional(nearest, random)];
      const closer = nearest.map((distance, i) => Math.min(distance, squaredDistance(rows[i], row)));
      return { row, closer, potential: sum(closer) };
    });
    const best = tried.reduce((a, b) => (b.potential < a.potential ? b : a));
    centres.push(best.row);
    nearest = best.closer;
  }
  return centres.map((centre) => centre.slice());
}

function drawProportional(weights: Float64Array, random: Random): number {
  const total = sum(weights);
  if (total === 0) return random.integer(weights.length);
  let left = random.uniform(0, total);
  for (let i = 0; i < weights.length; i++) if ((left -= weights[i]) < 0) return i;
  return weights.length - 1;
}

function assign(rows: Rows, centres: readonly Float64Array[]): { labels: Int32Array; distances: Float64Array } {
  const labels = new Int32Array(rows.length);
  const distances = new Float64Array(rows.length).fill(Infinity);
  rows.forEach((row, i) =>
    centres.forEach((centre, c) => {
      const distance = squaredDistance(row, centre);
      if (distance < distances[i]) [labels[i], distances[i]] = [c, distance];
    }),
  );
  return { labels, distances };
}

/** The mean of each cluster; one left without rows takes over the row farthest from its centre, as scikit-learn does. */
function recentre(rows: Rows, labels: Int32Array, distances: Float64Array, k: number): Float64Array[] {
  const owner = labels.slice();
  const counts = new Int32Array(k);
  for (const label of owner) counts[label]++;
  const farthestFirst = [...distances.keys()].sort((a, b) => distances[b] - distances[a]);
  for (let c = 0; c < k; c++) {
    if (counts[c] > 0) continue;
    const giver = farthestFirst.find((i) => counts[owner[i]] > 1)!;
    counts[owner[giver]]--;
    counts[c]++;
    owner[giver] = c;
  }
  return Array.from({ length: k }, (_, c) => columnMeans(rows.filter((_, i) => owner[i] === c)));
}

function meanVariance(rows: Rows): number {
  const mean = columnMeans(rows);
  return rows.reduce((total, row) => total + squaredDistance(row, mean), 0) / (rows.length * mean.length);
}

/** ‖a − b‖². */
export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let j = 0; j < a.length; j++) total += (a[j] - b[j]) ** 2;
  return total;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
