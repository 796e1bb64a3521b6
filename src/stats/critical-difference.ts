import { InvalidValue } from "../core/index.js";
import { midranks } from "./ranks.js";
import { chiSquareUpperTail } from "./special.js";

export interface CriticalDifference {
  readonly methods: readonly string[];
  /** Mean rank of each method over the cases; 1 is best. */
  readonly meanRanks: readonly number[];
  /** Friedman's χ² with tie correction, and its p-value. */
  readonly statistic: number;
  readonly p: number;
  /** Two mean ranks that differ by less are not separated (Nemenyi). */
  readonly criticalDifference: number;
  /** Maximal groups of methods that are not separated, best first: the bars of the diagram. */
  readonly groups: readonly (readonly string[])[];
}

/**
 * Mean ranks of several methods over the same cases, Friedman's test and Nemenyi's critical difference.
 *
 * @param table one row a case, one column a method; every cell must be there
 * @param options.better `higher` (default) or `lower` values get rank 1
 * @param options.alpha 0.05 (default) or 0.1
 * @throws InvalidValue for fewer than 2 or more than 20 methods, fewer than 2 cases, or a gap in the table
 * @see Demšar, JMLR 2006, §3.2.2
 */
export function criticalDifference(
  methods: readonly string[],
  table: readonly (readonly number[])[],
  { better = "higher", alpha = 0.05 }: { better?: "higher" | "lower"; alpha?: 0.05 | 0.1 } = {},
): CriticalDifference {
  const k = methods.length;
  const n = table.length;
  if (k < 2 || k > 20) throw new InvalidValue("criticalDifference", "2 to 20 methods are needed", k);
  if (n < 2) throw new InvalidValue("criticalDifference", "at least 2 cases are needed", n);
  const sums = Array.from<number>({ length: k }).fill(0);
  let tied = 0;
  table.forEach((row, index) => {
    if (row.length !== k || row.some((value) => !Number.isFinite(value))) {
      throw new InvalidValue(
        `criticalDifference row ${index}`,
        `${k} finite numbers are needed`,
        row,
        "Leave the case out for all methods.",
      );
    }
    midranks(better === "higher" ? row.map((value) => -value) : row).forEach((rank, j) => (sums[j] += rank));
    tied += tieTerm(row);
  });
  const squares = sums.reduce((sum, total) => sum + total * total, 0);
  const untied = (12 / (n * k * (k + 1))) * squares - 3 * n * (k + 1);
  const correction = 1 - tied / (n * (k ** 3 - k));
  const statistic = correction === 0 ? 0 : untied / correction;
  const meanRanks = sums.map((total) => total / n);
  const separation = (alpha === 0.1 ? nemenyi10 : nemenyi05)[k - 2] * Math.sqrt((k * (k + 1)) / (6 * n));
  return {
    methods,
    meanRanks,
    statistic,
    p: chiSquareUpperTail(statistic, k - 1),
    criticalDifference: separation,
    groups: maximalGroups(methods, meanRanks, separation),
  };
}

function tieTerm(row: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of row) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, t) => sum + t ** 3 - t, 0);
}

function maximalGroups(methods: readonly string[], ranks: readonly number[], separation: number): string[][] {
  const order = methods.map((_, i) => i).sort((a, b) => ranks[a] - ranks[b]);
  const groups: string[][] = [];
  let furthest = -1;
  order.forEach((start, position) => {
    let end = position;
    while (end + 1 < order.length && ranks[order[end + 1]] - ranks[start] < separation) end++;
    if (end > furthest && end > position) groups.push(order.slice(position, end + 1).map((i) => methods[i]));
    furthest = Math.max(furthest, end);
  });
  return groups;
}

// Studentised range quantiles with infinite degrees of freedom over √2, for 2 … 20 methods.
const nemenyi05 = [
  1.959964, 2.343701, 2.569032, 2.727774, 2.849705, 2.94832, 3.030878, 3.10173, 3.163684, 3.218654, 3.268004, 3.312739, 3.353618,
  3.39123, 3.426041, 3.458425, 3.488685, 3.517073, 3.543799,
];
const nemenyi10 = [
  1.644854, 2.052293, 2.291341, 2.459516, 2.588521, 2.692732, 2.779884, 2.854606, 2.919889, 2.977768, 3.029694, 3.076733,
  3.119693, 3.159199, 3.195743, 3.229723, 3.261461, 3.291224, 3.319233,
];
