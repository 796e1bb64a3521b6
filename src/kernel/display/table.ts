import { bundle, type MimeBundle } from "./bundle.js";
import { escapeHtml } from "./html.js";
import { formatNumber } from "./numbers.js";

type Cell = string | number | bigint | boolean | null | undefined | Date;
export type Row = Readonly<Record<string, Cell>>;

const mostRows = 60;
const mostColumns = 30;

/** A list of plain objects whose fields are all simple values. */
export function isTable(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRow) && Object.keys(value[0] as Row).length > 0;
}

function isRow(value: unknown): value is Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isCell);
}

const isCell = (value: unknown): value is Cell =>
  value === null || value instanceof Date || ["string", "number", "bigint", "boolean", "undefined"].includes(typeof value);

/** A table as HTML and as aligned text; a long one shows its beginning and end and says how many rows it has. */
export function describeTable(rows: readonly Row[]): MimeBundle {
  const all = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = all.slice(0, mostColumns);
  const shown = rows.length <= mostRows ? [...rows] : [...rows.slice(0, mostRows - 10), undefined, ...rows.slice(-10)];
  const cells = shown.map((row) => columns.map((column) => (row === undefined ? "…" : cellText(row[column]))));
  const right = columns.map((column) =>
    rows.every((row) => row[column] === null || row[column] === undefined || typeof row[column] === "number"),
  );
  const cut = [rows.length > mostRows ? `${rows.length} rows` : "", all.length > mostColumns ? `${all.length} columns` : ""]
    .filter(Boolean)
    .join(", ");
  return bundle(asText(columns, cells, right, cut), { "text/html": asHtml(columns, cells, right, cut) });
}

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatNumber(value);
  return value instanceof Date ? value.toISOString() : String(value);
}

function asText(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  right: readonly boolean[],
  cut: string,
): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => (right[i] ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  return [
    line(columns),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...cells.map(line),
    ...(cut ? [cut] : []),
  ].join("\n");
}

function asHtml(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  right: readonly boolean[],
  cut: string,
): string {
  const style = (i: number): string => (right[i] ? ' style="text-align:right"' : ' style="text-align:left"');
  const head = columns.map((column, i) => `<th scope="col"${style(i)}>${escapeHtml(column)}</th>`).join("");
  const body = cells
    .map((row) => `<tr>${row.map((text, i) => `<td${style(i)}>${escapeHtml(text)}</td>`).join("")}</tr>`)
    .join("\n");
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${cut && `\n<p>${cut}</p>`}`;
}
