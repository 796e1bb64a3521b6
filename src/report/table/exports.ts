import { numberTexts } from "./format.js";
import type { Cell, HeadCell, NumberCell, TableModel } from "./model.js";

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

/** The table as LaTeX: booktabs, needs only `\usepackage{booktabs}` and a bare article class. */
export function tableLatex(table: TableModel): string {
  const numbers = table.rows[0]?.cells.length ?? 0;
  const heads = table.head.map((row, level) => latexHead(row, table, level)).join("\n");
  const rows = table.rows.map((row, i) => {
    const repeated = table.rowHeads > 1 && i > 0 && table.rows[i - 1].heads[0] === row.heads[0];
    const stub = row.heads.map((text, level) => (level === 0 && repeated ? "" : escapeLatex(text)));
    const rule = row.summary && !table.rows[i - 1]?.summary ? "\\midrule\n" : table.rowHeads > 1 && i > 0 && !repeated ? "\\addlinespace\n" : "";
    return `${rule}${[...stub, ...row.cells.map(latexCell)].join(" & ")} \\\\`;
  });
  const notes = [...table.notes, ...(table.generated ? ["g: generated data, made by Folio's own generator."] : [])];
  return `% Needs \\usepackage{booktabs}.
\\begin{table}[tb]
\\centering
\\caption{${escapeLatex(table.caption)}}
\\label{${table.id}}
\\small
\\begin{tabular}{${"l".repeat(table.rowHeads)}${"c".repeat(numbers)}}
\\toprule
${heads}
\\midrule
${rows.join("\n")}
\\bottomrule
\\end{tabular}
${notes.length ? `\\par\\smallskip\n\\begin{minipage}{0.95\\linewidth}\\footnotesize ${notes.map(escapeLatex).join(" ")}\\end{minipage}\n` : ""}\\end{table}
`;
}

function latexHead(row: readonly HeadCell[], table: TableModel, level: number): string {
  const text = ({ text: words, arrow }: HeadCell): string => `${escapeLatex(words)}${arrow ? ` $${arrow === "↑" ? "\\uparrow" : "\\downarrow"}$` : ""}`;
  const line = `${row.map((cell) => (cell.span > 1 ? `\\multicolumn{${cell.span}}{c}{${text(cell)}}` : text(cell))).join(" & ")} \\\\`;
  if (level === table.head.length - 1) return line;
  let column = 1;
  const rules = row.flatMap((cell) => {
    const [from, to] = [column, column + cell.span - 1];
    column += cell.span;
    return cell.span > 1 ? [`\\cmidrule(lr){${from}-${to}}`] : [];
  });
  return `${line}${rules.length ? `\n${rules.join(" ")}` : ""}`;
}

function latexCell(cell: Cell): string {
  if (cell.kind === "unpublished") return "n.\\,p.";
  if (cell.kind === "missing") return "\\textit{no record}";
  return latexNumber(cell);
}

/** $0.79$ [0.70, 0.86] or $0.79 \pm 0.02$, best in bold, the runner-up underlined, generated data marked. */
export function latexNumber(cell: NumberCell): string {
  const { value, uncertainty } = numberTexts(cell);
  const number = value.replace("−", "-");
  const faced = cell.emphasis === "best" ? `\\mathbf{${number}}` : cell.emphasis === "second" ? `\\underline{${number}}` : number;
  const marks = [...cell.marks, ...(cell.generated ? ["g"] : [])];
  const superscript = marks.length ? `^{\\mathrm{${marks.join(",")}}}` : "";
  if (value === "—") return `---${superscript && `$${superscript}$`}`;
  if (uncertainty?.startsWith("±")) return `$${faced}${superscript} \\pm ${uncertainty.slice(2)}$`;
  return `$${faced}${superscript}$${uncertainty ? ` {\\footnotesize ${uncertainty.replaceAll("−", "$-$")}}` : ""}`;
}

const latexEscapes: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", $: "\\$", "&": "\\&", "#": "\\#", "%": "\\%", _: "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
  "±": "$\\pm$", "×": "$\\times$", "≤": "$\\le$", "≥": "$\\ge$", "−": "$-$", "→": "$\\to$", "↑": "$\\uparrow$", "↓": "$\\downarrow$", "–": "--", "—": "---", "’": "'", "“": "``", "”": "''", "…": "\\ldots{}", "\u00a0": "~",
};

export function escapeLatex(text: string): string {
  return text.replaceAll(/[\\{}$&#%_~^±×≤≥−→↑↓–—’“”…\u00a0]/g, (character) => latexEscapes[character]);
}
