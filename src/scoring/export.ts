import type { MetricValue } from "../core/index.js";
import { formatCsv } from "../io/index.js";
import { formatCell, type ScoreCell, type ScoreTable } from "./table.js";
import { groupName, type ScoreReport } from "./report.js";

/** One line a metric and method, full precision: for spreadsheets and scripts. */
export function reportAsCsv(report: ScoreReport, title = "score"): string {
  const methods = report.methods ?? [{ name: title, metrics: report.metrics }];
  const columns = [
    "method",
    "group",
    "metric",
    "convention",
    "value",
    "low",
    "high",
    "level",
    "interval_method",
    "resamples",
    "seed",
    "n",
    "excluded",
  ];
  const row = (method: string, { id, convention, value, n, excluded, interval, group }: MetricValue) => ({
    method,
    group: groupName(group),
    metric: id,
    convention,
    value,
    low: interval?.low,
    high: interval?.high,
    level: interval?.level,
    interval_method: interval?.method,
    resamples: interval?.resamples,
    seed: interval?.seed,
    n,
    excluded: excluded.length,
  });
  return formatCsv({ columns, rows: methods.flatMap(({ name, metrics }) => metrics.map((metric) => row(name, metric))) });
}

/** `plain` needs booktabs alone; with `siunitx` values stand below each other at their decimal points, and intervals beside them. */
export type LatexNumbers = "plain" | "siunitx";

/** A `table` environment for a paper: booktabs rules, best cells bold, the notes below it. Its first line says which packages it needs. */
export function tableAsLatex({ columns, rows, notes }: ScoreTable, numbers: LatexNumbers = "plain"): string {
  const severalGroups = new Set(rows.map(({ group }) => group)).size > 1;
  const severalMethods = new Set(rows.map(({ method }) => method)).size > 1 || !severalGroups;
  const stubs = [...(severalGroups ? ["Group"] : []), ...(severalMethods ? ["Method"] : [])];
  const set = columns.map((_, column) => (numbers === "plain" ? plainColumn : alignedColumn(rows.map(({ cells }) => cells[column]))));
  const body = rows.map(({ group, method, cells, n }, index) => {
    const names = [...(severalGroups ? [escapeLatex(group)] : []), ...(severalMethods ? [escapeLatex(method)] : [])];
    const rule = severalMethods && severalGroups && index > 0 && rows[index - 1].group !== group ? "\\midrule\n" : "";
    return `${rule}${[...names, ...cells.map((cell, column) => set[column].cell(cell)), String(n)].join(" & ")} \\\\`;
  });
  return [
    `% needs \\usepackage{booktabs${numbers === "plain" ? "" : ",siunitx"}}`,
    "\\begin{table}",
    "\\centering",
    ...(numbers === "siunitx" && columns.length > 2 ? ["\\small\\setlength{\\tabcolsep}{3pt}"] : []),
    `\\begin{tabular}{${"l".repeat(stubs.length)}${set.map(({ layout }) => layout).join("")}r}`,
    "\\toprule",
    `${[...stubs, ...columns.map((name, column) => set[column].head(escapeLatex(name))), "$n$"].join(" & ")} \\\\`,
    "\\midrule",
    ...body,
    "\\bottomrule",
    "\\end{tabular}",
    "",
    `\\smallskip\\footnotesize ${escapeLatex(notes.join(" "))}`,
    "\\end{table}",
    "",
  ].join("\n");
}

/** How a column's numbers are set. */
interface LatexColumn {
  readonly layout: string;
  head(name: string): string;
  cell(cell: ScoreCell | null): string;
}

const plainColumn: LatexColumn = {
  layout: "c",
  head: (name) => name,
  cell(cell) {
    if (!cell) return "--";
    const text = latexDigits(formatCell(cell.value));
    return cell.bold ? text.replace(/^\S+/, "\\textbf{$&}") : text;
  },
};

/** An `S` column for the values and, where there is one, a column for their intervals. */
function alignedColumn(cells: readonly (ScoreCell | null)[]): LatexColumn {
  const parts = cells.map((cell) => /^(\S+)(?: (.*))?$/.exec(cell ? formatCell(cell.value) : "–")!);
  const values = parts.map(([, value]) => value).filter((value) => /\d/.test(value));
  const wide = parts.some(([, , rest]) => rest !== undefined);
  const most = (part: (value: string) => number): number => Math.max(0, ...values.map(part));
  const format = `${values.some((value) => value.startsWith("-")) ? "-" : ""}${Math.max(1, most((value) => value.replace("-", "").split(".")[0].length))}.${most((value) => value.split(".")[1]?.length ?? 0)}`;
  const across = (text: string): string => (wide ? `\\multicolumn{2}{c}{${text}}` : `{${text}}`);
  return {
    layout: values.length === 0 ? (wide ? "cl" : "c") : `S[table-format=${format}]${wide ? "@{\\,}l" : ""}`,
    head: across,
    cell(cell) {
      const [, value, rest = ""] = /^(\S+)(?: (.*))?$/.exec(cell ? formatCell(cell.value) : "–")!;
      if (!/\d/.test(value)) return across("--");
      // Braces keep siunitx from reading what it cannot set; the digits are those of the column, so they stay in line.
      return `${cell!.bold ? `{$\\mathbf{${value}}$}` : value}${wide ? ` & ${rest && `{\\footnotesize ${latexDigits(rest)}}`}` : ""}`;
    },
  };
}

const latexDigits = (text: string): string => text.replaceAll("–", "--").replaceAll(/-(?=\d)/g, "$-$");

/** A self-contained HTML page with the table. */
export function tableAsHtml({ columns, rows, notes }: ScoreTable, title: string): string {
  const cell = (text: string, tag = "td"): string => `<${tag}>${escapeHtml(text)}</${tag}>`;
  const head = ["Group", "Method", ...columns, "n"].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const body = rows.map(({ group, method, cells, n }) => {
    const numbers = cells.map((value) => {
      if (!value) return cell("–");
      return value.bold ? `<td><strong>${escapeHtml(formatCell(value.value))}</strong></td>` : cell(formatCell(value.value));
    });
    return `<tr><th scope="row">${escapeHtml(group)}</th>${cell(method)}${numbers.join("")}${cell(String(n))}</tr>`;
  });
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    "<style>body{font:16px/1.5 system-ui;margin:2rem}table{border-collapse:collapse}",
    "th,td{padding:.3em .8em;text-align:left;font-variant-numeric:tabular-nums}thead,tbody{border-block:1.5px solid}",
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}}</style></head><body>",
    `<table><caption>${escapeHtml(title)}</caption><thead><tr>${head}</tr></thead><tbody>`,
    ...body,
    "</tbody></table>",
    ...notes.map((note) => `<p><small>${escapeHtml(note)}</small></p>`),
    "</body></html>",
    "",
  ].join("\n");
}

const latexSpecial: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "–": "--", "−": "$-$", "≥": "$\\ge$", "½": "1/2", ">": "$>$", "<": "$<$",
  "&": "\\&", "%": "\\%", "#": "\\#", _: "\\_", $: "\\$", "{": "\\{", "}": "\\}",
};

export function escapeLatex(text: string): string {
  return text.replaceAll(/[\\~^–−≥½><&%#_${}]/g, (character) => latexSpecial[character]);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
