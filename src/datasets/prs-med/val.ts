import { seededRandom } from "../../core/index.js";
import type { PrsRow, PrsSplit } from "./row.js";

/**
 * The rows of one split. Where a table has no validation rows, a tenth of its training groups (patients, source pictures) is set
 * apart, always the same; the original validates on random rows it also trains on.
 * @see PRS-Med spec §8.10
 */
export function rowsOfSplit(rows: readonly PrsRow[], split: PrsSplit): PrsRow[] {
  const tasks = new Map<string, PrsRow[]>();
  for (const row of rows) tasks.set(row.task, [...(tasks.get(row.task) ?? []), row]);
  return [...tasks].flatMap(([task, own]) => {
    if (split === "test" || own.some((row) => row.split === "val")) return own.filter((row) => row.split === split);
    const groups = [...new Set(own.filter((row) => row.split === "train").map(({ group }) => group))].sort();
    const apart = new Set(seededRandom(0).stream("prs-med-val").stream(task).shuffled(groups).slice(0, Math.floor(groups.length / 10)));
    return own.filter((row) => row.split === "train" && apart.has(row.group) === (split === "val"));
  });
}
