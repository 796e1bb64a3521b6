import { columnNames } from "./csv.js";
import { numberTexts } from "./format.js";
import type { Cell, TableModel } from "./model.js";

/**
 * The table as Markdown, with pipes as GitHub, Pandoc and Jupyter read it: the best in bold, the next best in italics, the notes
 * below. Names from files stay text.
 * @example tableMarkdown(table) // "| Machine | AUC, ours |\n|---|---|\n| fan | **0.81** [0.70, 0.90] |\n…"
 */
export function tableMarkdown(table: TableModel): string {
  const stubs = table.head.at(-1)!.slice(0, table.rowHeads).map(({ text }) => escapeMarkdown(text));
  const directions = table.head.map((row) => row.flatMap(({ arrow, span }) => Array.from({ length: span }, () => arrow)).slice(table.rowHeads));
  const names = columnNames(table).map((name, i) => [escapeMarkdown(name), directions.map((level) => level[i]).find((arrow) => arrow !== undefined)].filter(Boolean).join(" "));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const notes = [...table.notes.map((note) => note.replace("Underlined:", "In italics:")), ...(table.generated ? ["g: generated data, made by Folio’s own generator."] : [])];
  return [
    `**${escapeMarkdown(table.caption)}**`,
    "",
    line([...stubs, ...names]),
    line([...stubs.map(() => "---"), ...names.map(() => ":-:")]),
    ...table.rows.map(({ heads, cells }) => line([...heads.map(escapeMarkdown), ...cells.map(cellMarkdown)])),
    "",
    ...notes.map((note) => `${escapeMarkdown(note)}  `),
    "",
  ].join("\n");
}

function cellMarkdown(cell: Cell): string {
  if (cell.kind === "unpublished") return "*not published*";
  if (cell.kind === "missing") return "*no record*";
  const { value, uncertainty } = numberTexts(cell);
  const face = cell.emphasis === "best" ? "**" : cell.emphasis === "second" ? "*" : "";
  const marks = [...cell.marks, ...(cell.generated ? ["g"] : [])];
  return `${face}${value}${face}${marks.length ? `<sup>${marks.join(",")}</sup>` : ""}${uncertainty === undefined ? "" : ` ${escapeMarkdown(uncertainty)}`}`;
}

/** What Markdown or HTML would take for more than text. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(/[\\`*_[\]|~$#]/g, "\\$&");
}
