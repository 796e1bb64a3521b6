import { resampledAuc, resampledPauc, sortCases } from "../../metrics/index.js";
import { caseRows, scoredCases, type CaseRow, type ResultRecord } from "../../results/index.js";
import { boldMethods, bootstrapTogether, comparePaired, delongTest, excludesZero, seedSpread, type ResampleStatistic } from "../../stats/index.js";
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
 * interval of the difference decides, over seeds where three or more are shared, over cases (DeLong for the AUC, a bootstrap
 * for the partial AUC and for means of the cases' own values) where there is one run each. Numbers from papers take no part.
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
    const others = ranked.slice(1);
    const intervals = pairedIntervals(best, others, plan);
    const differences = others.map((entry, i) => ({ entry, interval: intervals[i] }));
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

type Limits = { low: number; high: number; level: number; method: string } | null;

/** Of the best and each of the others: over seeds where three or more are shared, otherwise over the cases of one run each. */
function pairedIntervals(best: Entry, others: readonly Entry[], plan: EmphasisPlan): Limits[] {
  const { metric, group } = plan.where(best.row, best.column);
  const ours = runs(best.cell, plan.records);
  const bySeed = others.map((entry): Limits | undefined => {
    const own = plan.where(entry.row, entry.column).group;
    const shared = ours.flatMap((one) => runs(entry.cell, plan.records).filter((other) => other.seed === one.seed).map((other) => [one, other] as const));
    if (shared.length < 3) return undefined;
    const differences = shared.map(([one, other]) => difference(one, other, metric, own)).filter((value) => value !== null);
    return differences.length >= 3 ? seedSpread(differences).interval : null;
  });
  const single = others.map((entry, i) => (bySeed[i] === undefined && ours.length === 1 ? runs(entry.cell, plan.records) : [])).map((found) => (found.length === 1 ? found[0] : undefined));
  const compared = single.filter((record) => record !== undefined);
  const cells = ours.length !== 1 || compared.length === 0 ? [] : group === undefined || isMeanOfCells(ours[0], metric, group) ? finestGroups(ours[0], metric) : [group];
  const byCase = compared.length ? caseIntervals(ours[0], compared, metric, cells) : [];
  return others.map((_, i) => {
    const record = single[i];
    return bySeed[i] ?? (record ? byCase[compared.indexOf(record)] : null);
  });
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

/**
 * Of one cell's AUC: DeLong. Of a mean over cells, or a partial area: the bootstrap of the pairs. Of a mean of the cases'
 * own values (a column of the case table by the metric's name): the bootstrap of their differences, of whole patients where
 * the cases say whose they are.
 */
function caseIntervals(best: ResultRecord, others: readonly ResultRecord[], metric: string, groups: readonly Readonly<Record<string, string>>[]): Limits[] {
  if (metric !== "auc" && metric !== "pauc") return others.map((other) => (groups.length === 1 ? meanInterval(best, other, metric, groups[0]) : null));
  const cellsOf = others.map((other) => {
    const cells = groups.map((group) => pairedCases(best, other, group)).filter((cell) => cell !== null);
    return cells.length === 0 || cells.length < groups.length ? null : cells;
  });
  if (metric === "auc" && groups.length === 1) return cellsOf.map((cells) => (cells ? delongOf(cells[0]) : null));
  const first = cellsOf.find((cells) => cells !== null);
  if (!first) return others.map(() => null);
  const strata = first.flatMap(({ labels }, c) => labels.map((label) => `${c}/${label}`));
  const area = (cells: readonly PairedCases[], side: 0 | 1): ResampleStatistic => meanArea(cells.map(({ labels, scores }) => ({ labels, scores: scores[side] })), metric);
  const ours = area(first, 0);
  // Every difference sees the same resample, so the best one's area is computed once for all of them.
  let value: number | null = null;
  const statistics = cellsOf.flatMap((cells) => (cells ? [area(cells, 1)] : [])).map((theirs, i): ResampleStatistic => (counts) => {
    if (i === 0) value = ours(counts);
    const other = theirs(counts);
    return value === null || other === null ? null : value - other;
  });
  const intervals = bootstrapTogether(strata.length, statistics, { resamples: 1000, seed: 1, strata });
  let next = 0;
  return cellsOf.map((cells) => (cells ? intervals[next++] : null));
}

function delongOf({ labels, scores }: PairedCases): Limits {
  const [one, two] = scores.map((list) => ({ positives: list.filter((_, i) => labels[i] === 1), negatives: list.filter((_, i) => labels[i] === 0) }));
  return delongTest(one, two).interval;
}

/** Columns that say which cases belong together, the first that is there. */
const clusterColumns = ["patient", "patient_id", "cluster", "recording", "subject"];

/** Two records' rows of one group, matched by everything that names a row: case, rater, round … */
function meanInterval(best: ResultRecord, other: ResultRecord, metric: string, group: Readonly<Record<string, string>>): Limits {
  if (![best, other].every(({ cases }) => [metric, ...Object.keys(group)].every((column) => cases.columns.includes(column)))) return null;
  const names = namingColumns(best).filter((column) => other.cases.columns.includes(column));
  const rowsOf = (record: ResultRecord): Map<string, CaseRow> =>
    new Map(caseRows(record).filter((row) => Object.entries(group).every(([key, value]) => String(row[key]) === value)).map((row) => [JSON.stringify(names.map((column) => row[column])), row]));
  const [ours, theirs] = [rowsOf(best), rowsOf(other)];
  const shared = [...ours.keys()].filter((name) => theirs.has(name));
  if (shared.length < 2) return null;
  const value = (row: CaseRow | undefined): number | null => (typeof row?.[metric] === "number" ? row[metric] : null);
  const cluster = clusterColumns.find((column) => best.cases.columns.includes(column));
  return comparePaired(
    metric,
    { name: best.id, values: shared.map((name) => value(ours.get(name))) },
    { name: other.id, values: shared.map((name) => value(theirs.get(name))) },
    { resamples: 2000, seed: 1, cases: shared, ...(cluster !== undefined && { clusters: shared.map((name) => String(ours.get(name)![cluster])) }) },
  ).interval;
}

/** Text and whole numbers name a row; what a metric measured does not. */
function namingColumns({ cases: { columns, rows }, metrics }: ResultRecord): string[] {
  const measured = new Set(metrics.map(({ id }) => id));
  return columns.filter((name, i) => !measured.has(name) && rows.every((row) => typeof row[i] === "string" || Number.isInteger(row[i])));
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
