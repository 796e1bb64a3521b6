import { resampledAuc, resampledPauc, sortCases } from "../../metrics/index.js";
import { scoredCases, type ResultRecord } from "../../results/index.js";
import { boldMethods, compareStatistics, delongTest, excludesZero, seedSpread, type ResampleStatistic } from "../../stats/index.js";
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
  if (runsA.length !== 1 || runsB.length !== 1) return null;
  const cells = group === undefined || isMeanOfCells(runsA[0], metric, group) ? finestGroups(runsA[0], metric) : [group];
  return caseInterval(runsA[0], runsB[0], metric, cells);
}

function runs(cell: NumberCell, records: readonly ResultRecord[]): ResultRecord[] {
  return records.filter((record) => cell.records.includes(record.id));
}

function difference(a: ResultRecord, b: ResultRecord, metric: string, group: Readonly<Record<string, string>> | undefined): number | null {
  const [first, second] = [a, b].map((record) => meanValue(record, metric, group));
  return first === null || second === null ? null : first - second;
}

/** The value in that group, or, where none is named, the record's own mean over cells or the mean of its finest groups. */
function meanValue(record: ResultRecord, metric: string, group: Readonly<Record<string, string>> | undefined): number | null {
  const key = (of: Readonly<Record<string, string>> = {}): string => JSON.stringify(Object.entries(of).sort());
  const all = record.metrics.filter((m) => m.id === metric);
  const own = all.find((m) => m.group === undefined && group === undefined);
  const finest = Math.max(0, ...all.map((m) => Object.keys(m.group ?? {}).length));
  const chosen = own ? [own] : all.filter((m) => (group === undefined ? Object.keys(m.group ?? {}).length === finest : key(m.group) === key(group)));
  const values = chosen.map((m) => m.value);
  return values.length === 0 || values.includes(null) ? null : (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
}

/** Over all cases a metric is either of the cases together, or a mean over cells, which its convention says. */
function isMeanOfCells(record: ResultRecord, metric: string, group: Readonly<Record<string, string>>): boolean {
  const over = record.metrics.find((m) => m.id === metric && Object.keys(m.group ?? {}).length === 0);
  return Object.keys(group).length === 0 && over !== undefined && /\bmean of cells\b/.test(over.convention);
}

/** The groups whose plain mean stands for all: machine × domain, not domain alone. */
function finestGroups(record: ResultRecord, metric: string): Readonly<Record<string, string>>[] {
  const groups = record.metrics.filter((m) => m.id === metric).map((m) => m.group ?? {});
  const finest = Math.max(0, ...groups.map((group) => Object.keys(group).length));
  return groups.filter((group) => Object.keys(group).length === finest);
}

/** One cell's cases as both methods scored them. */
interface PairedCases {
  readonly labels: readonly number[];
  readonly scores: readonly [readonly number[], readonly number[]];
}

function pairedCases(a: ResultRecord, b: ResultRecord, group: Readonly<Record<string, string>>): PairedCases | null {
  const [first, second] = [scoredCases(a, group), scoredCases(b, group)];
  const other = new Map(second.cases.map((id, i) => [id, i]));
  const labels = first.labels;
  if (first.cases.some((id) => !other.has(id)) || new Set(labels).size < 2) return null;
  return { labels, scores: [first.scores, first.cases.map((id) => second.scores[other.get(id)!])] };
}

/** Of one cell's area: DeLong where it is defined. Of a mean over cells, or a partial area: the bootstrap of the pairs. */
function caseInterval(a: ResultRecord, b: ResultRecord, metric: string, groups: readonly Readonly<Record<string, string>>[]): ReturnType<typeof pairedInterval> {
  if (metric !== "auc" && metric !== "pauc") return null;
  const cells = groups.map((group) => pairedCases(a, b, group)).filter((cell) => cell !== null);
  if (cells.length === 0 || cells.length < groups.length) return null;
  if (metric === "auc" && cells.length === 1) {
    const [{ labels, scores }] = cells;
    const [one, two] = scores.map((list) => ({ positives: list.filter((_, i) => labels[i] === 1), negatives: list.filter((_, i) => labels[i] === 0) }));
    return delongTest(one, two).interval;
  }
  const strata = cells.flatMap(({ labels }, c) => labels.map((label) => `${c}/${label}`));
  const [one, two] = [0, 1].map((side) => meanArea(cells.map(({ labels, scores }) => ({ labels, scores: scores[side] })), metric));
  return compareStatistics({ metric, first: a.id, second: b.id }, strata.length, one, two, { resamples: 1000, seed: 1, strata }).interval;
}

/** Both methods must see one resample of the cases; each sorts them its own way. */
function meanArea(cells: readonly { readonly labels: readonly number[]; readonly scores: readonly number[] }[], metric: "auc" | "pauc"): ResampleStatistic {
  let before = 0;
  const parts = cells.map(({ labels, scores }) => {
    const sorted = sortCases(scores, labels);
    const from = before;
    before += scores.length;
    const area = metric === "auc" ? resampledAuc(sorted) : resampledPauc(sorted, 0.1);
    return { area, order: sorted.order.map((i) => from + i), drawn: new Int32Array(scores.length) };
  });
  return (counts) => {
    let sum = 0;
    for (const { area, order, drawn } of parts) {
      for (let k = 0; k < order.length; k++) drawn[k] = counts[order[k]];
      const value = area(drawn);
      if (value === null) return null;
      sum += value;
    }
    return sum / parts.length;
  };
}

function note(cells: readonly (readonly Cell[])[], compared: boolean): string {
  if (!compared) return "Nothing is bold: no paired interval could be computed.";
  if (!cells.flat().some((cell) => cell.kind === "number" && cell.emphasis === "best")) return "Nothing is bold: no paired 95 % interval of a difference excludes 0.";
  return "Bold: best, and those whose paired 95 % interval with the best includes 0; nothing is bold where none is left behind. Underlined: next best.";
}
