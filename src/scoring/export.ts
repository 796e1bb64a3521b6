import type { MetricValue } from "../core/index.js";
import { formatCsv } from "../io/index.js";
import { formatCell, type ScoreTable } from "./table.js";
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

/** A `table` environment for a paper: booktabs rules, best cells bold, the notes below it. Needs `\usepackage{booktabs}`. */
export function tableAsLatex({ columns, rows, notes }: ScoreTable): string {
  const severalGroups = new Set(rows.map(({ group }) => group)).size > 1;
  const severalMethods = new Set(rows.map(({ method }) => method)).size > 1 || !severalGroups;
  const head = [
    ...(severalGroups ? ["Group"] : []),
    ...(severalMethods ? ["Method"] : []),
    ...columns.map(latexMetricName),
    "$n$",
  ];
  const body = rows.map(({ group, method, cells, n }, index) => {
    const names = [...(severalGroups ? [escapeLatex(group)] : []), ...(severalMethods ? [escapeLatex(method)] : [])];
    const numbers = cells.map((cell) => {
      if (!cell) return "--";
      const text = formatCell(cell.value)
        .replaceAll("–", "--")
        .replaceAll(/-(?=\d)/g, "$-$");
      return cell.bold ? text.replace(/^\S+/, "\\textbf{$&}") : text;
    });
    const rule = severalMethods && severalGroups && index > 0 && rows[index - 1].group !== group ? "\\midrule\n" : "";
    return `${rule}${[...names, ...numbers, String(n)].join(" & ")} \\\\`;
  });
  const layout = "l".repeat(head.length - columns.length - 1) + "c".repeat(columns.length) + "r";
  return [
    "% needs \\usepackage{booktabs}",
    "\\begin{table}",
    "\\centering",
    `\\begin{tabular}{${layout}}`,
    "\\toprule",
    `${head.join(" & ")} \\\\`,
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

const latexSpecial: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "–": "--",
  "−": "$-$",
  "≥": "$\\ge$",
  "½": "1/2",
  ">": "$>$",
  "<": "$<$",
};

export function escapeLatex(text: string): string {
  return text.replaceAll(/[\\~^–−≥½><]/g, (char) => latexSpecial[char] ?? char).replaceAll(/(?<!\\)[&%#_]/g, "\\$&");
}

const latexMetricName = (id: string): string => escapeLatex(id);

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
