import { resampledPauc, sortCases } from "../../metrics/index.js";
import { scoredCases, type ResultRecord } from "../../results/index.js";
import { boldMethods, compareStatistics, delongTest, excludesZero, seedSpread } from "../../stats/index.js";
import type { Cell, NumberCell } from "./model.js";

export interface EmphasisPlan {
  /** `row`: the series stand in columns and compete within a row; `column`: the other way round. */
  readonly across: "row" | "column";
  /** Columns of one metric. */
  readonly perMetric: number;
  /** One a metric. */
  readonly lowerIsBetter: readonly boolean[];
  /** Metric and group of a cell, to find its cases. */
  readonly where: (row: number, column: number) => { readonly metric: string; readonly group: Readonly<Record<string, string>> | undefined };
  readonly records: readonly ResultRecord[];
}

/**
 * Marks the best value of every contest, and those that share it, by the rule of `boldMethods`: the paired 95 %
 * interval of the difference decides, over seeds where three or more are shared, over cases (DeLong for the AUC, a
 * bootstrap for the partial AUC) where there is one run each. Numbers from papers take no part.
 */
export function emphasise(cells: readonly (readonly Cell[])[], plan: EmphasisPlan): { cells: Cell[][]; note: string | undefined } {
  const result = cells.map((row) => [...row]);
  const contests = plan.across === "row" ? rowContests(cells, plan) : columnContests(cells, plan);
  let compared = false;
  let contested = false;
  for (const contest of contests) {
    const entries = contest.positions.flatMap(([row, column]) => {
      const cell = cells[row][column];
      return cell.kind === "number" && cell.source === undefined && cell.value !== null ? [{ row, column, cell }] : [];
    });
    if (entries.length < 2) continue;
    contested = true;
    const sign = contest.lower ? -1 : 1;
    const ranked = entries.toSorted((a, b) => sign * (b.cell.value! - a.cell.value!));
    const best = ranked[0];
    const differences = ranked.slice(1).map((entry) => ({ entry, interval: pairedInterval(best, entry, plan) }));
    compared ||= differences.some(({ interval }) => interval !== null);
    const bold = boldMethods(
      Object.fromEntries(ranked.map((entry) => [name(entry), entry.cell.value])),
      differences.map(({ entry, interval }) => ({ first: name(best), second: name(entry), separated: excludesZero(interval) })),
      contest.lower ? "lower" : "higher",
    );
    const runnerUp = ranked.find((entry) => !bold.has(name(entry)));
    for (const { row, column, cell } of ranked) {
      const emphasis = bold.has(name({ row, column })) ? "best" : bold.size > 0 && runnerUp?.row === row && runnerUp.column === column ? "second" : undefined;
      if (emphasis) result[row][column] = { ...cell, emphasis };
    }
  }
  return { cells: result, note: contested ? note(result, compared) : undefined };
}

interface Position {
  readonly row: number;
  readonly column: number;
}

interface Contest {
  readonly positions: readonly (readonly [row: number, column: number])[];
  readonly lower: boolean;
}

const name = ({ row, column }: Position): string => `${row}/${column}`;

function rowContests(cells: readonly (readonly Cell[])[], { perMetric, lowerIsBetter }: EmphasisPlan): Contest[] {
  return cells.flatMap((_, row) =>
    lowerIsBetter.map((lower, m) => ({ lower, positions: Array.from({ length: perMetric }, (__, i) => [row, m * perMetric + i] as const) })),
  );
}

function columnContests(cells: readonly (readonly Cell[])[], { perMetric, lowerIsBetter }: EmphasisPlan): Contest[] {
  const columns = cells[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, column) => ({
    lower: lowerIsBetter[Math.floor(column / perMetric)],
    positions: cells.map((__, row) => [row, column] as const),
  }));
}

type Entry = Position & { readonly cell: NumberCell };

function pairedInterval(a: Entry, b: Entry, plan: EmphasisPlan): { low: number; high: number; level: number; method: string } | null {
  const { metric, group } = plan.where(a.row, a.column);
  const [runsA, runsB] = [runs(a.cell, plan.records), runs(b.cell, plan.records)];
  const shared = runsA.flatMap((one) => runsB.filter((other) => other.seed === one.seed).map((other) => [one, other] as const));
  if (shared.length >= 3) {
    const differences = shared.map(([one, other]) => difference(one, other, metric, group)).filter((value) => value !== null);
    return differences.length >= 3 ? seedSpread(differences).interval : null;
  }
  if (runsA.length !== 1 || runsB.length !== 1 || group === undefined) return null;
  return caseInterval(runsA[0], runsB[0], metric, group);
}

function runs(cell: NumberCell, records: readonly ResultRecord[]): ResultRecord[] {
  return records.filter((record) => cell.records.includes(record.id));
}

function difference(a: ResultRecord, b: ResultRecord, metric: string, group: Readonly<Record<string, string>> | undefined): number | null {
  const [first, second] = [a, b].map((record) => meanValue(record, metric, group));
  return first === null || second === null ? null : first - second;
}

/** The value in that group, or the mean over all groups where none is named. */
function meanValue(record: ResultRecord, metric: string, group: Readonly<Record<string, string>> | undefined): number | null {
  const wanted = group === undefined ? undefined : JSON.stringify(Object.entries(group).sort());
  const values = record.metrics
    .filter((m) => m.id === metric && (wanted === undefined ? m.group !== undefined : JSON.stringify(Object.entries(m.group ?? {}).sort()) === wanted))
    .map((m) => m.value);
  return values.length === 0 || values.includes(null) ? null : (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
}

function caseInterval(a: ResultRecord, b: ResultRecord, metric: string, group: Readonly<Record<string, string>>): ReturnType<typeof pairedInterval> {
  const [first, second] = [scoredCases(a, group), scoredCases(b, group)];
  const other = new Map(second.cases.map((id, i) => [id, i]));
  const shared = first.cases.flatMap((id, i) => (other.has(id) ? [[i, other.get(id)!] as const] : []));
  const labels = shared.map(([i]) => first.labels[i]);
  if (shared.length < first.cases.length || new Set(labels).size < 2) return null;
  const scores = [shared.map(([i]) => first.scores[i]), shared.map(([, j]) => second.scores[j])] as const;
  if (metric === "auc") {
    const [one, two] = scores.map((list) => ({
      positives: list.filter((_, i) => labels[i] === 1),
      negatives: list.filter((_, i) => labels[i] === 0),
    }));
    return delongTest(one, two).interval;
  }
  if (metric !== "pauc") return null;
  const [one, two] = scores.map((list) => paucOfResample(list, labels));
  return compareStatistics({ metric, first: a.id, second: b.id }, labels.length, one, two, { resamples: 1000, seed: 1, strata: labels }).interval;
}

/** Both methods must see one resample of the cases; each sorts them its own way. */
function paucOfResample(scores: readonly number[], labels: readonly number[]): (counts: Int32Array) => number | null {
  const sorted = sortCases(scores, labels);
  const statistic = resampledPauc(sorted, 0.1);
  return (counts) => statistic(Int32Array.from(sorted.order, (i) => counts[i]));
}

function note(cells: readonly (readonly Cell[])[], compared: boolean): string {
  if (!compared) return "Nothing is bold: no paired interval could be computed.";
  if (!cells.flat().some((cell) => cell.kind === "number" && cell.emphasis === "best")) return "Nothing is bold: no paired 95 % interval of a difference excludes 0.";
  return "Bold: best, and those whose paired 95 % interval with the best includes 0; nothing is bold where none is left behind. Underlined: next best.";
}
