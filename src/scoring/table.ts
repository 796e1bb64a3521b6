import type { MetricValue } from "../core/index.js";
import { boldMethods } from "../stats/index.js";
import { betterDirection, columnNames, groupName, type ScoreReport } from "./report.js";

/** Rows are methods (within groups), columns metrics. */
export interface ScoreTable {
  readonly columns: readonly string[];
  readonly rows: readonly ScoreRow[];
  /** How the intervals were made, which conventions hold, what was left out. */
  readonly notes: readonly string[];
}

export interface ScoreRow {
  readonly group: string;
  readonly method: string;
  /** Cases of the row; the most any of its metrics has. */
  readonly n: number;
  readonly cells: readonly (ScoreCell | null)[];
}

export interface ScoreCell {
  readonly value: MetricValue;
  readonly bold: boolean;
}

/**
 * The table of a report. Bold by the paired intervals (see `boldMethods`): with a single method nothing is bold.
 * @param title what the only method is called when there is no comparison
 */
export function scoreTable(report: ScoreReport, title = "score"): ScoreTable {
  const methods = report.methods ?? [{ name: title, metrics: report.metrics }];
  const nameOf = columnNames(methods.flatMap(({ metrics }) => metrics));
  const columns = [...new Set(methods.flatMap(({ metrics }) => metrics.map(nameOf)))];
  const groups = [...new Set(methods[0].metrics.map(({ group }) => groupName(group)))];
  const rows = groups.flatMap((group) => {
    const cellOf = (metrics: readonly MetricValue[], column: string): MetricValue | undefined =>
      metrics.find((metric) => nameOf(metric) === column && groupName(metric.group) === group);
    const bold = new Map(
      columns.map((column) => {
        const values = Object.fromEntries(methods.map(({ name, metrics }) => [name, cellOf(metrics, column)?.value ?? null]));
        const pairs = (report.comparison ?? []).filter(
          (pair) => nameOf({ id: pair.metric, convention: pair.convention }) === column && groupName(pair.group) === group,
        );
        return [column, boldMethods(values, pairs, betterDirection(column.split(" ")[0]))];
      }),
    );
    return methods.map(({ name, metrics }) => {
      const cells = columns.map((id) => {
        const value = cellOf(metrics, id);
        return value ? { value, bold: bold.get(id)?.has(name) ?? false } : null;
      });
      return { group, method: name, n: Math.max(0, ...cells.map((cell) => cell?.value.n ?? 0)), cells };
    });
  });
  return { columns, rows, notes: notesOf(methods) };
}

function notesOf(methods: readonly { readonly name: string; readonly metrics: readonly MetricValue[] }[]): string[] {
  const all = methods.flatMap(({ metrics }) => metrics);
  const conventions = [...new Set(all.map(({ id, convention }) => `${id} ${convention}`))];
  const intervals = [...new Set(all.flatMap(({ interval }) => (interval ? [describeInterval(interval)] : [])))];
  const left = methods.flatMap(({ name, metrics }) =>
    metrics
      .filter(({ excluded }) => excluded.length > 0)
      .map((metric) => {
        const where = [methods.length > 1 ? name : "", metric.group ? groupName(metric.group) : ""].filter(Boolean).join(", ");
        return `${metric.id}${where && ` (${where})`}: ${countReasons(metric)}`;
      }),
  );
  return [
    `Conventions: ${conventions.join("; ")}.`,
    ...(intervals.length > 0 ? [`Intervals: ${intervals.join("; ")}.`] : []),
    ...(left.length > 0 ? [`Left out: ${left.join("; ")}.`] : []),
  ];
}

function describeInterval({ level, method, resamples, degenerate, seed, cluster }: NonNullable<MetricValue["interval"]>): string {
  const drawn = resamples === undefined ? "" : `, ${resamples} resamples of ${cluster ?? "case"}s, seed ${seed}`;
  return `${+(level * 100).toFixed(1)} % ${method}${drawn}${degenerate ? `, ${degenerate} degenerate` : ""}`;
}

function countReasons({ excluded }: MetricValue): string {
  const counts = new Map<string, number>();
  for (const { reason } of excluded) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(", ");
}

/** Three decimals below 10, else two, and always a dash for what is undefined. */
export function formatNumber(value: number | null): string {
  if (value === null) return "–";
  return Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(2);
}

export function formatCell({ value, interval }: MetricValue): string {
  return interval
    ? `${formatNumber(value)} [${formatNumber(interval.low)}, ${formatNumber(interval.high)}]`
    : formatNumber(value);
}

/** The table as aligned text; bold cells carry a star. */
export function tableAsText({ columns, rows, notes }: ScoreTable): string {
  const lines = [
    ["group", "method", ...columns, "n"],
    ...rows.map(({ group, method, cells, n }) => {
      return [group, method, ...cells.map((cell) => (cell ? formatCell(cell.value) + (cell.bold ? " *" : "") : "–")), String(n)];
    }),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
  return [text[0], widths.map((width) => "─".repeat(width)).join("  "), ...text.slice(1), ...notes].join("\n");
}
