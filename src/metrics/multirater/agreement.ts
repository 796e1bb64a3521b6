import { InvalidValue, type CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import type { Mask } from "../segmentation/mask.js";
import { average, overlapTable, requireMasks, type OverlapKind } from "./set-overlap.js";

/**
 * Mean overlap over all pairs of raters: how far people agree, and so how far a model can be expected to.
 * Two empty masks agree (1).
 * @returns a score in [0, 1]; excluded (`one-rater`) with fewer than two
 * @example pairwiseAgreement([[1, 1], [1, 0], [0, 0]]) // Dice (2/3 + 0 + 0) / 3
 */
export function pairwiseAgreement(raters: readonly Mask[], { overlap = "dice" }: { overlap?: OverlapKind } = {}): CaseScore {
  if (raters.length < 2) return excluded("one-rater");
  const table = overlapTable(raters, raters, overlap);
  return score(average(raters.flatMap((_, i) => raters.slice(i + 1).map((__, k) => table[i][i + 1 + k]))));
}

/**
 * Fleiss' κ of several raters' masks: agreement beyond chance, every voxel a subject.
 * With much background the value depends on how much of it is in the image; crop alike before comparing.
 * @returns κ ≤ 1; excluded (`one-rater`) with fewer than two, (`one-category`) when nobody ever used a second category
 * @see Fleiss, Psychological Bulletin 1971
 */
export function fleissKappa(raters: readonly Mask[]): CaseScore {
  const voxels = requireMasks(raters);
  const marked = new Uint16Array(voxels);
  for (const rater of raters) for (let i = 0; i < voxels; i++) if (rater[i]) marked[i]++;
  const levels = new Float64Array(raters.length + 1);
  for (const count of marked) levels[count]++;
  const table = Array.from(levels, (times, positive) => ({ counts: [raters.length - positive, positive], times }));
  return kappa(table, raters.length);
}

/**
 * {@link fleissKappa} of a table of counts: one row a subject, one column a category, each row summing to the raters.
 * @throws InvalidValue when rows have different sums
 */
export function fleissKappaOfCounts(table: readonly (readonly number[])[]): CaseScore {
  const raters = table[0]?.reduce((sum, count) => sum + count, 0) ?? 0;
  const odd = table.find((row) => row.reduce((sum, count) => sum + count, 0) !== raters);
  if (odd) throw new InvalidValue("fleissKappaOfCounts", `every row must sum to ${raters} raters`, odd);
  return kappa(
    table.map((counts) => ({ counts, times: 1 })),
    raters,
  );
}

function kappa(rows: readonly { readonly counts: readonly number[]; readonly times: number }[], raters: number): CaseScore {
  if (raters < 2) return excluded("one-rater");
  const subjects = rows.reduce((sum, { times }) => sum + times, 0);
  let observed = 0;
  const totals = rows[0].counts.map(() => 0);
  for (const { counts, times } of rows) {
    const pairs = counts.reduce((sum, count) => sum + count * (count - 1), 0);
    observed += (times * pairs) / (raters * (raters - 1)) / subjects;
    counts.forEach((count, category) => (totals[category] += (times * count) / (raters * subjects)));
  }
  const chance = totals.reduce((sum, share) => sum + share * share, 0);
  return 1 - chance < 1e-15 ? excluded("one-category") : score((observed - chance) / (1 - chance));
}
