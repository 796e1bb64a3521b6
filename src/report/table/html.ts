import { escapeHtml } from "../html-text.js";
import { numberTexts } from "./format.js";
import type { Cell, NumberCell, TableModel } from "./model.js";

/** Tables up to this long are not split over pages. */
const wholeRows = 12;

/** The table as accessible HTML: scoped heads, caption, notes, every number with its records in `data-records`. */
export function tableHtml(table: TableModel, number: number): string {
  const head = table.head.map((row, level) => {
    const last = level === table.head.length - 1;
    const cells = row.map(({ text, span, arrow }, i) => {
      if (text === "") return `<td${span > 1 ? ` colspan="${span}"` : ""}></td>`;
      const scope = span > 1 ? ` colspan="${span}" scope="colgroup"` : ' scope="col"';
      const direction = arrow ? ` <span class="arrow" title="${arrow === "↑" ? "higher" : "lower"} is better">${arrow}</span>` : "";
      return `<th${scope}${last && i < table.rowHeads ? ' class="stub"' : ""}>${escapeHtml(text)}${direction}</th>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const body = spannedHeads(table).map(
    ({ heads, cells, summary, opens }) => `<tr class="${[summary ? "summary" : "", opens ? "opens" : ""].filter(Boolean).join(" ")}">${heads}${cells.map(cellHtml).join("")}</tr>`,
  );
  const notes = table.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("");
  const generated = table.generated ? '<li class="generated-note"><sup class="gen">g</sup> Generated data: made by Folio’s own generator, not recorded.</li>' : "";
  const whole = table.rows.length <= wholeRows ? " whole" : "";
  return `<figure class="table${whole}" id="${table.id}" data-table="${table.id}">
<figcaption><span class="label">Table ${number}.</span> ${escapeHtml(table.caption)}</figcaption>
<div class="scroll" tabindex="0" role="group" aria-label="Table ${number}, scrolls sideways where it is wider than the page">
<table><thead>${head.join("")}</thead><tbody>${body.join("\n")}</tbody></table></div>
${notes || generated ? `<ul class="notes">${notes}${generated}</ul>` : ""}
</figure>`;
}

/** Equal row heads above each other become one head that spans them. */
function spannedHeads(table: TableModel): { heads: string; cells: readonly Cell[]; summary: boolean; opens: boolean }[] {
  const grouped = table.rowHeads > 1;
  return table.rows.map((row, i) => {
    const sameAsAbove = grouped && i > 0 && table.rows[i - 1].heads[0] === row.heads[0];
    const span = grouped ? table.rows.slice(i).findIndex((later) => later.heads[0] !== row.heads[0]) : 1;
    const height = span === -1 ? table.rows.length - i : span;
    const heads = row.heads.map((text, level) => {
      if (level === 0 && sameAsAbove) return "";
      if (level > 0 && text === "") return "";
      const wide = level === 0 && row.heads.slice(1).every((rest) => rest === "") && row.heads.length > 1 ? ` colspan="${row.heads.length}"` : "";
      const tall = level === 0 && height > 1 ? ` rowspan="${height}"` : "";
      return `<th scope="${tall ? "rowgroup" : "row"}"${level === 0 ? ' class="edge"' : ""}${wide}${tall}>${escapeHtml(text)}</th>`;
    });
    return { heads: heads.join(""), cells: row.cells, summary: row.summary, opens: grouped && i > 0 && !sameAsAbove };
  });
}

function cellHtml(cell: Cell): string {
  if (cell.kind === "unpublished") return '<td class="none">not published</td>';
  if (cell.kind === "missing") return `<td class="missing" title="${escapeHtml(cell.what)}">no record</td>`;
  return `<td class="number">${numberHtml(cell)}</td>`;
}

/** One number with its uncertainty and marks, also used in running text. */
export function numberHtml(cell: NumberCell): string {
  const { value, uncertainty } = numberTexts(cell);
  const face = cell.emphasis === "best" ? "strong" : cell.emphasis === "second" ? "u" : "span";
  const marks = cell.marks.length ? `<sup class="mark">${cell.marks.join(",")}</sup>` : "";
  const generated = cell.generated ? '<sup class="gen" title="generated data"><span aria-hidden="true">g</span><span class="sr">generated data</span></sup>' : "";
  const spread = uncertainty ? ` <span class="spread">${uncertainty.replaceAll(" ", "\u00a0")}</span>` : "";
  return `<data value="${cell.value ?? ""}"${recordsAttribute(cell)}><${face} class="value">${value}</${face}>${marks}${generated}${spread}</data>`;
}

const recordsAttribute = (cell: NumberCell): string => (cell.records.length ? ` data-records="${escapeHtml(cell.records.join(" "))}"` : "");
