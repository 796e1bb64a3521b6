import { ShapeMismatch } from "../core/index.js";
import { countMatrix } from "./confusion.js";
import type { Figure, FigureOptions } from "./figure.js";

export const imageZones = ["top left", "top right", "center", "bottom left", "bottom right"] as const;

export interface ZoneData {
  /** Where each finding is; null where the reference names no zone, which leaves the case out. */
  readonly truth: readonly (string | null)[];
  /** Where it was said to be; null where the answer names no zone. */
  readonly answer: readonly (string | null)[];
  /** Zones in the order they are shown; the four quadrants and the centre unless given. */
  readonly zones?: readonly string[];
}

/**
 * Position confusion matrix: the zone a finding lies in by the zone it was said to lie in, with a last column for answers
 * that name none. The description sets the accuracy beside what always naming the commonest zone would reach.
 *
 * @throws ShapeMismatch when there is not one answer a truth
 * @example zoneMatrix({ truth: ["top left", "center"], answer: ["top left", null] }, { id: "zones", generated: true })
 */
export function zoneMatrix({ truth, answer, zones = imageZones }: ZoneData, options: FigureOptions): Figure {
  if (truth.length !== answer.length) throw new ShapeMismatch(`figure ${options.id}: answers`, [truth.length], [answer.length], "Give one answer a case.");
  const columns = [...zones, "none named"];
  const counts = zones.map((zone) => columns.map((said) => truth.filter((where, i) => where === zone && (answer[i] ?? "none named") === said).length));
  const totals = counts.map((row) => row.reduce((sum, n) => sum + n, 0));
  const n = totals.reduce((sum, total) => sum + total, 0);
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  const share = (count: number): string => (n === 0 ? "no case" : `${Math.round((100 * count) / n)} %`);
  return countMatrix(
    {
      rows: zones, columns: columns.map((name) => name.replace(" ", "<br>")), counts, rowTitle: "Where it is", columnTitle: "Where it was said to be", height: 100 + 44 * zones.length,
      opening: `Zones of ${n} cases, true by said; ${share(right)} right, always the commonest zone would be right in ${share(Math.max(...totals))}.`,
    },
    { width: "text", ...options },
  );
}
