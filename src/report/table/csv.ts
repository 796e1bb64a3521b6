import type { Cell, TableModel } from "./model.js";

/** The table as CSV: one header line; numbers at full precision with their interval, deviation, n and records beside them. */
export function tableCsv(table: TableModel): string {
  const names = columnNames(table);
  const rowNames = table.head.at(-1)!.slice(0, table.rowHeads).map((cell) => cell.text || "row");
  const lines = [[...rowNames, "column", "value", "low", "high", "deviation", "seeds", "n", "excluded", "generated", "records"]];
  for (const row of table.rows) {
    row.cells.forEach((cell, i) => lines.push([...row.heads, names[i], ...csvCells(cell)]));
  }
  return `${lines.map((line) => line.map(csvField).join(",")).join("\n")}\n`;
}

function csvCells(cell: Cell): string[] {
  if (cell.kind !== "number") return [cell.kind === "unpublished" ? "not published" : "no record", "", "", "", "", "", "", "", ""];
  const text = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));
  return [
    text(cell.value), text(cell.interval?.low), text(cell.interval?.high), text(cell.deviation), String(cell.seeds), String(cell.n),
    String(cell.excluded.length), cell.generated ? "yes" : "no", cell.records.join(" "),
  ];
}

/** Quoted where needed; a leading =, +, - or @ is kept a text, so that a spreadsheet runs nothing. */
export function csvField(text: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** "AUC, ASTRA" for each column right of the row heads. */
export function columnNames(table: TableModel): string[] {
  const levels = table.head.map((row) => row.flatMap((cell) => Array.from({ length: cell.span }, () => cell.text)).slice(table.rowHeads));
  return levels[0].map((_, i) => levels.map((level) => level[i]).filter(Boolean).join(", "));
}
