import { groupValues, measure, missingSiblings, runProblem, type Measurement, type ResultRecord, type StudyOutcome } from "../../results/index.js";
import { betterDirection } from "../../scoring/index.js";
import type { ReportConfig, SeriesName } from "../config.js";
import { emphasise } from "./best.js";
import { capital, decimalsFor, uncertaintyNote } from "./format.js";
import type { Cell, HeadCell, NumberCell, TableModel, TableRow } from "./model.js";

/** What a metric table shows. Rows are groups (machine × domain …) or series; columns are metric × the other. */
export interface MetricTableQuery {
  readonly id: string;
  readonly caption: string;
  readonly metrics: readonly string[];
  readonly series: readonly SeriesName[];
  /** Group keys, outermost first: `["machine", "domain"]`; empty for values over all groups. */
  readonly groups: readonly string[];
  readonly rows: "groups" | "series";
  /** A last row (or column) with the mean over all groups. */
  readonly mean: boolean;
  /** A column with what the method's paper published. */
  readonly published: boolean;
  readonly preset?: string;
  readonly dataset?: string;
}

const lowerIsBetter = (metric: string): boolean => betterDirection(metric) === "lower";

interface Slot {
  readonly label: readonly string[];
  readonly group?: Readonly<Record<string, string>>;
  readonly series?: SeriesName;
  readonly published?: boolean;
  readonly over?: "mean";
}

/** Builds the table from the records; a number no record holds becomes a visible gap and is told to `onMissing`. */
export function metricTable(
  query: MetricTableQuery,
  records: readonly ResultRecord[],
  config: ReportConfig,
  onMissing: (what: string) => void,
  outcome?: StudyOutcome,
): TableModel {
  const label = (key: string): string => config.labels[key] ?? key;
  const groups = groupSlots(query, records, label);
  const series = seriesSlots(query);
  const [rowSlots, columnSlots] = query.rows === "groups" ? [groups, series] : [series, groups];
  const cells = rowSlots.map((row) =>
    query.metrics.flatMap((metric) => columnSlots.map((column) => cellOf({ ...column, ...row, label: [] }, metric, query, records, config))),
  );
  for (const cell of cells.flat()) if (cell.kind === "missing") onMissing(cell.what);
  const marked = withDecimals(query, cells, columnSlots.length);
  const compared = emphasise(marked, {
    across: query.rows === "groups" ? "row" : "column",
    perMetric: columnSlots.length,
    lowerIsBetter: query.metrics.map(lowerIsBetter),
    where: (row, column) => ({
      metric: query.metrics[Math.floor(column / columnSlots.length)]!,
      group: { ...columnSlots[column % columnSlots.length]!, ...rowSlots[row]!, label: [] }.group,
    }),
    records,
  });
  const { rows: noted, notes: excludedNotes } = markLacks(compared.cells, outcome);
  const numbers = noted.flat().filter((cell) => cell.kind === "number");
  const rowHeadNames = query.rows === "groups" ? query.groups.map((key) => capital(label(key))) : ["Variant"];
  return {
    id: query.id,
    caption: query.caption,
    head: head(query, rowHeadNames, columnSlots, label),
    rowHeads: Math.max(1, rowHeadNames.length),
    rows: rowSlots.map((slot, i): TableRow => ({ heads: padHeads(slot.label, Math.max(1, rowHeadNames.length)), cells: noted[i]!, summary: slot.over === "mean" })),
    notes: [...notes(query, numbers, compared.note), ...excludedNotes],
    generated: numbers.some((cell) => cell.generated),
  };
}

function groupSlots(query: MetricTableQuery, records: readonly ResultRecord[], label: (key: string) => string): Slot[] {
  if (query.groups.length === 0) return [{ label: ["All"], group: {} }];
  const own = records.filter(({ method, variant }) => query.series.some((one) => one.method === method && one.variant === variant));
  const product = query.groups.reduce<readonly Readonly<Record<string, string>>[]>(
    (all, key) => all.flatMap((group) => groupValues(own, key).map((value) => ({ ...group, [key]: value }))),
    [{}],
  );
  const slots: Slot[] = product.map((group) => ({ label: query.groups.map((key) => label(group[key]!)), group }));
  return query.mean && slots.length > 0 ? [...slots, { label: ["Mean", ...query.groups.slice(1).map(() => "")], over: "mean" }] : slots;
}

function seriesSlots(query: MetricTableQuery): Slot[] {
  const slots: Slot[] = query.series.map((series) => ({ label: [series.label], series }));
  const first = query.series[0];
  return query.published && first ? [...slots, { label: ["Paper"], series: first, published: true }] : slots;
}

function cellOf(slot: Slot, metric: string, query: MetricTableQuery, records: readonly ResultRecord[], config: ReportConfig): Cell {
  const { series, group, published, over } = slot;
  if (!series) return { kind: "missing", what: "no series" };
  if (published) return publishedCell(config, series.method, metric, over ? undefined : group);
  const runs = {
    method: series.method,
    variant: series.variant,
    ...(query.preset !== undefined && { preset: query.preset }),
    ...(query.dataset !== undefined && { dataset: query.dataset }),
  };
  const found = over ? meanOf(query, records, metric, runs) : measure(records, { ...runs, metric, group: group ?? {} });
  const where = over ? "mean" : Object.values(group ?? {}).join(" ");
  return found ? numberCell(found) : { kind: "missing", what: `${series.method}/${series.variant} ${metric} ${where}`.trim() };
}

function publishedCell(config: ReportConfig, method: string, metric: string, group: Readonly<Record<string, string>> | undefined): Cell {
  const key = JSON.stringify(group ?? {});
  const found = config.published.find((item) => item.method === method && item.metric === metric && JSON.stringify(item.group ?? {}) === key);
  if (!found) return { kind: "unpublished" };
  return { kind: "number", value: found.value, decimals: 2, n: 0, seeds: 0, excluded: [], generated: false, records: [], marks: [], source: found.source };
}

/** The mean the record itself gives, with its interval; otherwise it is made here. */
function meanOf(query: MetricTableQuery, records: readonly ResultRecord[], metric: string, runs: object): Measurement | undefined {
  const own = measure(records, { ...runs, metric });
  return own && /\bmean of cells\b/.test(own.convention) ? own : meanOverGroups(query, records, metric, runs);
}

/** Per seed the plain mean over the groups, then mean and deviation over seeds; undefined when a group is missing. */
function meanOverGroups(query: MetricTableQuery, records: readonly ResultRecord[], metric: string, runs: object): Measurement | undefined {
  const groups = groupSlots({ ...query, mean: false }, records, (key) => key).map((slot) => slot.group!);
  const found = groups.map((group) => measure(records, { ...runs, metric, group }));
  if (found.length === 0 || found.some((item) => item === undefined || item.value === null)) return undefined;
  const all = found as Measurement[];
  const perSeed = all[0]!.seeds.map((first) => {
    const values = all.map((item) => item.seeds.find((one) => one.seed === first.seed)?.metric.value ?? null);
    const value = values.includes(null) ? null : (values as number[]).reduce((sum, one) => sum + one, 0) / values.length;
    const { interval: _, group: __, ...rest } = first.metric;
    return { seed: first.seed, record: first.record, metric: { ...rest, value } };
  });
  const defined = perSeed.flatMap(({ metric: m }) => (m.value === null ? [] : [m.value]));
  if (defined.length === 0) return undefined;
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length;
  const variance = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (defined.length - 1);
  return {
    value: mean,
    seeds: perSeed,
    ...(defined.length > 1 && { deviation: Math.sqrt(variance) }),
    n: all.reduce((sum, item) => sum + item.n, 0),
    excluded: [],
    convention: all[0]!.convention,
    generated: all.some((item) => item.generated),
  };
}

function numberCell(found: Measurement): NumberCell {
  const interval = found.interval ?? found.caseInterval;
  return {
    kind: "number",
    value: found.value,
    decimals: 2,
    ...(found.deviation !== undefined && { deviation: found.deviation }),
    ...(found.over !== undefined && { over: found.over }),
    ...(interval !== undefined && { interval }),
    n: found.n,
    seeds: found.seeds.length,
    excluded: found.excluded,
    generated: found.generated,
    records: found.seeds.map((seed) => seed.record),
    marks: [],
  };
}

/** One number of decimals a metric, by the middle uncertainty of its cells. */
function withDecimals(query: MetricTableQuery, cells: readonly (readonly Cell[])[], perMetric: number): Cell[][] {
  const decimals = query.metrics.map((_, m) => {
    const ofMetric = cells.flatMap((row) => row.slice(m * perMetric, (m + 1) * perMetric)).filter((cell) => cell.kind === "number");
    return decimalsFor(ofMetric.flatMap(({ deviation, interval }) => deviation ?? (interval ? (interval.high - interval.low) / 2 : [])));
  });
  return cells.map((row) => row.map((cell, c) => (cell.kind === "number" ? { ...cell, decimals: decimals[Math.floor(c / perMetric)]! } : cell)));
}

function head(query: MetricTableQuery, rowHeads: readonly string[], columns: readonly Slot[], label: (key: string) => string): HeadCell[][] {
  const metricHead = (metric: string, span: number): HeadCell => ({ text: label(metric), span, arrow: lowerIsBetter(metric) ? "↓" : "↑" });
  const blanks = rowHeads.map((text) => ({ text, span: 1 }));
  if (columns.length === 1) return [[...blanks, ...query.metrics.map((metric) => metricHead(metric, 1))]];
  const top = [...rowHeads.map(() => ({ text: "", span: 1 })), ...query.metrics.map((metric) => metricHead(metric, columns.length))];
  const below = [...blanks, ...query.metrics.flatMap(() => columns.map((slot) => ({ text: slot.label.filter(Boolean).join(", "), span: 1 })))];
  return [top, below];
}

function padHeads(labels: readonly string[], width: number): string[] {
  return Array.from({ length: width }, (_, i) => labels[i] ?? "");
}

function notes(query: MetricTableQuery, numbers: readonly NumberCell[], emphasis: string | undefined): string[] {
  const measured = numbers.filter((cell) => cell.source === undefined);
  const uncertainty = uncertaintyNote(measured);
  const counts = [...new Set(measured.map((cell) => cell.n))].sort((a, b) => a - b);
  const n = counts.length === 0 ? [] : [counts.length === 1 ? `n = ${counts[0]} cases a cell.` : `n = ${counts[0]} to ${counts.at(-1)} cases a cell.`];
  const sources = [...new Set(numbers.flatMap((cell) => cell.source ?? []))].map((source) => `Paper: ${source}.`);
  const unpublished = query.published && sources.length === 0 ? ["Paper: no numbers are published for this method."] : [];
  return [...(uncertainty ? [uncertainty] : []), ...n, ...(emphasis ? [emphasis] : []), ...sources, ...unpublished];
}

/** Gives each distinct set of excluded cases and missing runs a letter and a footnote. */
function markLacks(cells: readonly (readonly Cell[])[], outcome: StudyOutcome | undefined): { rows: Cell[][]; notes: string[] } {
  const letters = new Map<string, string>();
  const rows = cells.map((row) =>
    row.map((cell) => {
      if (cell.kind !== "number") return cell;
      const reasons = [...new Set(cell.excluded.map((item) => item.reason))];
      const left = reasons.map((reason) => leftOut(reason, cell.excluded.filter((item) => item.reason === reason).map((item) => item.case)));
      const text = [...left, ...missingRuns(cell, outcome)].join("; ");
      if (text === "") return cell;
      const letter = letters.get(text) ?? String.fromCharCode(97 + letters.size);
      letters.set(text, letter);
      return { ...cell, marks: [...cell.marks, letter] };
    }),
  );
  return { rows, notes: [...letters].map(([text, letter]) => `(${letter}) ${capital(text)}.`) };
}

function missingRuns(cell: NumberCell, outcome: StudyOutcome | undefined): string[] {
  const missing = outcome === undefined ? [] : missingSiblings(outcome, cell.records);
  return missing.length === 0 ? [] : [`${cell.seeds} of ${cell.seeds + missing.length} runs; ${missing.map(runProblem).join("; ")}`];
}

function leftOut(reason: string, cases: readonly string[]): string {
  const names = cases.length <= 3 ? cases.join(", ") : `${cases.slice(0, 3).join(", ")} and ${cases.length - 3} more`;
  return `${cases.length} left out, ${reason.replaceAll("-", " ")} (${names})`;
}
