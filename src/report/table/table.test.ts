import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResultRecord } from "../../results/index.js";
import { checkReportConfig } from "../config.js";
import { studyFixture } from "../study.fixture.js";
import { csvField, tableCsv } from "./csv.js";
import { decimalsFor, fixed } from "./format.js";
import { tableMarkdown } from "./markdown.js";
import { tableHtml } from "./html.js";
import { escapeLatex, tableLatex } from "./latex.js";
import { metricTable, type MetricTableQuery } from "./metric-table.js";
import type { NumberCell, TableModel } from "./model.js";

const records = studyFixture();
const config = checkReportConfig({ title: "T", results: "r", labels: { auc: "AUC" }, published: [{ method: "astra", metric: "auc", group: { machine: "fan", domain: "source" }, value: 0.9, source: "Table 3" }] }, "report.json");
const series = ["attention", "untrained", "ae-mahalanobis"].map((variant) => ({ method: "astra", variant, label: variant }));
const query: MetricTableQuery = {
  id: "tab-auc", caption: "AUC", metrics: ["auc"], series, groups: ["machine", "domain"], rows: "groups", mean: true, published: true,
};

function build(changes: Partial<MetricTableQuery> = {}, from: readonly ResultRecord[] = records): { table: TableModel; missing: string[] } {
  const missing: string[] = [];
  return { table: metricTable({ ...query, ...changes }, from, config, (what) => missing.push(what)), missing };
}

const numbers = (table: TableModel): NumberCell[] => table.rows.flatMap((row) => row.cells).filter((cell) => cell.kind === "number");

test("a cell holds the record's own number, its interval and its record", () => {
  const { table } = build();
  const fan = table.rows[0]!.cells[0] as NumberCell;
  const metric = records[0]!.metrics.find((m) => m.id === "auc" && m.group?.machine === "fan" && m.group.domain === "source")!;
  assert.equal(fan.value, metric.value);
  assert.deepEqual(fan.interval, metric.interval);
  assert.deepEqual(fan.records, ["astra-attention-quick-seed1"]);
});

test("published numbers stand in their own column; where there is none the cell says so", () => {
  const { table } = build();
  assert.deepEqual(table.rows.map((row) => row.cells.at(-1)!.kind), ["number", ...table.rows.slice(1).map(() => "unpublished")]);
  assert.ok(table.notes.some((note) => note.includes("Table 3")));
  assert.match(tableHtml(table, 1), /not published/);
});

test("bold follows the paired interval: an untrained encoder is left behind, near ties share", () => {
  const { table } = build();
  const row = table.rows[0]!.cells.slice(0, 3) as NumberCell[];
  assert.equal(row[2]!.emphasis, "best");
  assert.notEqual(row[1]!.emphasis, "best");
  const same = records.filter((record) => record.variant === "attention");
  const twin = same.map((record) => ({ ...record, id: "twin", variant: "twin" }));
  const ties = build({ series: [series[0]!, { method: "astra", variant: "twin", label: "twin" }] }, [...same, ...twin]).table;
  assert.ok(numbers(ties).every((cell) => cell.emphasis === undefined), "nothing is bold where nothing is separated");
  assert.ok(ties.notes.some((note) => note.startsWith("Nothing is bold")));
});

test("over seeds a cell is mean ± deviation, and the contest is decided over seeds", () => {
  const { table } = build({}, studyFixture({ seeds: [1, 2, 3] }));
  const cell = table.rows[0]!.cells[2] as NumberCell;
  assert.equal(cell.seeds, 3);
  assert.ok(cell.deviation! > 0 && cell.interval!.low < cell.value! && cell.value! < cell.interval!.high);
  assert.match(tableHtml(table, 1), /±\u00a0\d\.\d+\u00a0\[\d\.\d+,\u00a0\d\.\d+\]/, "the spread over seeds and the interval over cases stand side by side");
  assert.ok(table.notes.some((note) => /deviation over 3 seeds; \[95 % interval, .* over test cases, bounds averaged over the runs\]/.test(note)), table.notes.join("\n"));
  assert.match(tableLatex(table), /\\pm/);
  assert.ok(table.notes.some((note) => note.includes("standard deviation over 3 seeds")));
});

test("a seed that failed is marked beside the mean of the others, with its error", () => {
  const two = studyFixture({ seeds: [1, 2] });
  const run = (seed: number, state: "done" | "failed", error?: string) => ({
    id: `astra-quick-seed${seed}`, work: "astra", preset: "quick", seed, state, error, records: two.filter((record) => record.seed === seed && state === "done").map(({ id }) => id),
  });
  const outcome = { schema: "folio.study/1", study: "s", title: "S", runs: [run(1, "done"), run(2, "done"), run(3, "failed", "out of memory")] } as const;
  const table = metricTable(query, two, config, () => {}, outcome);
  const cell = table.rows[0]!.cells[0] as NumberCell;
  assert.deepEqual([cell.seeds, cell.marks], [2, ["a"]]);
  assert.ok(table.notes.includes("(a) 2 of 3 runs; astra-quick-seed3 failed: out of memory."), table.notes.join("\n"));
  assert.match(tableHtml(table, 1), /astra-quick-seed3 failed: out of memory/);
});

test("what no record holds is a visible gap and is reported", () => {
  const { table, missing } = build({ metrics: ["auc", "dice"] });
  assert.equal(missing.filter((what) => what.includes("dice")).length, 21);
  assert.match(tableHtml(table, 1), /no record/);
});

test("excluded cases get a footnote, and generated numbers a mark", () => {
  const spoilt = records.map((record) => ({
    ...record,
    metrics: record.metrics.map((metric) => (metric.group?.machine === "fan" ? { ...metric, excluded: [{ case: "clip-7", reason: "missing-prediction" }] } : metric)),
  }));
  const { table } = build({}, spoilt);
  assert.ok(table.notes.includes("(a) 1 left out, missing prediction (clip-7)."));
  assert.equal(tableHtml(table, 1).match(/class="gen" title="generated data"/g)?.length, numbers(table).filter((cell) => cell.generated).length);
});

test("series in rows: metrics across", () => {
  const { table } = build({ rows: "series", groups: [], metrics: ["dcase_score"], published: false });
  assert.deepEqual(table.rows.map((row) => row.heads[0]), ["attention", "untrained", "ae-mahalanobis"]);
  assert.equal(table.head.length, 1);
});

test("Markdown has one line a row, faces, marks and notes", () => {
  const { table } = build({});
  const lines = tableMarkdown(table).split("\n");
  const start = lines.findIndex((line) => line.startsWith("| Machine | Domain |"));
  assert.match(lines[start], /AUC, .* ↑ \|/);
  const rows = lines.slice(start + 2, start + 2 + table.rows.length);
  assert.ok(rows.every((line) => line.split(" | ").length === table.rowHeads + table.rows[0]!.cells.length), rows[0]);
  assert.ok(rows.some((line) => /\*\*\d\.\d+\*\*<sup>g<\/sup> \\\[/.test(line)), rows[0]);
  assert.match(lines.slice(start).join("\n"), /generated data/);
});

test("decimals follow the uncertainty, minus is a minus", () => {
  assert.equal(decimalsFor([0.08, 0.11]), 2);
  assert.equal(decimalsFor([0.004]), 3);
  assert.equal(decimalsFor([]), 2);
  assert.equal(fixed(-0.314, 2), "−0.31");
  assert.equal(fixed(-0.001, 2), "0.00");
});

test("hostile names stay text in HTML, LaTeX and CSV", () => {
  const evil = '<img src=x onerror="alert(1)">\\input{/etc/passwd}%$&_';
  const { table } = build({ caption: evil, series: [{ method: "astra", variant: "attention", label: evil }] });
  const html = tableHtml(table, 1);
  assert.doesNotMatch(html, /<img/);
  const latex = tableLatex(table);
  assert.doesNotMatch(latex, /(?<!\\)\\input/);
  assert.ok(latex.includes(escapeLatex(evil)));
  assert.equal(csvField("=HYPERLINK(1)"), "'=HYPERLINK(1)");
  assert.equal(csvField('a,"b"'), '"a,""b"""');
  assert.equal(csvField("-0.5"), "-0.5");
  assert.match(tableCsv(table), /^Machine,Domain,column,value,low,high/);
  assert.doesNotMatch(tableMarkdown(table), /<img|(?<!\\)\$|(?<!\\)_/);
});
