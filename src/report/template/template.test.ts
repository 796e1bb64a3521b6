import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReportConfig } from "../config.js";
import { picturesFixture } from "../pictures.fixture.js";
import { studyFixture } from "../study.fixture.js";
import { renderTemplate } from "./render.js";

const config = checkReportConfig({ title: "T", results: "r", series: [{ method: "astra", variant: "attention", label: "ASTRA" }] }, "report.json");
const render = (source: string) => renderTemplate({ file: "report.md.hbs", folder: ".", source, config, records: studyFixture() });

test("helpers put items into the text and leave markers", async () => {
  const { items, warnings } = await render(`
{{value metric="auc" series="attention" machine="fan" domain="source"}} {{cite "a, b"}} {{ref "fig-roc"}}
{{figure "roc" id="fig-roc" series="attention" machine="fan" domain="source" caption="ROC"}}
{{eq "x^{2}" id="eq-x"}}`);
  assert.deepEqual(items.map((item) => item.kind), ["value", "cite", "ref", "figure", "equation"]);
  assert.deepEqual(warnings, []);
});

test("a figure or value without a record is a visible gap, told with its line", async () => {
  const { items, warnings } = await render('\n\n{{value metric="dice" series="attention"}}\n{{figure "loss" id="fig-l" series="untrained" caption="c"}}');
  assert.deepEqual(items.map((item) => item.kind), ["missing", "missing"]);
  assert.deepEqual(warnings.map(({ line, code }) => ({ line, code })), [{ line: 3, code: "missing-record" }, { line: 4, code: "missing-record" }]);
});

test("a wrong call is an error with file, line, helper and what is allowed", async () => {
  const wrong: readonly [source: string, message: RegExp][] = [
    ["\n{{tabel id=1}}", /report\.md\.hbs:2: \{\{tabel\}\} is not known; there are table, figure/],
    ['{{figure "pie" id="fig-a" series="attention" caption="c"}}', /:1: \{\{figure\}\} does not know the figure "pie"; it knows roc/],
    ['{{table id="tab-a" caption="c" metrics="auc" series="nobody"}}', /does not know the series "nobody"/],
    ['{{table id="tab-a" caption="c" metrics="auc" series="attention" colour="red"}}', /does not know colour; it knows/],
    ['{{table id="tab-a" metrics="auc" series="attention"}}', /needs caption/],
    ["{{cite}}", /needs a key of refs\.bib/],
    ['{{eq "x" id="eq-a"}}\n\n{{eq "y" id="eq-a"}}', /:3: \{\{eq\}\} uses the id "eq-a" that line 1 already has/],
    ["a\n{{#if}\n", /report\.md\.hbs:\d+: /],
  ];
  for (const [source, message] of wrong) await assert.rejects(render(source), (error) => error instanceof Error && message.test(error.message) && !error.message.includes("\n"));
});

test("pictures, curves over groups, trade-offs and zones are drawn from one record", async () => {
  const one = (kind: string, rest = ""): string => `{{figure "${kind}" id="fig-${kind}" series="pictures/model" caption="c" ${rest}}}`;
  const source = [
    one("panels", 'artifact="tokens" columns=2'), one("agreement"), one("acquisition"), one("kspace"), one("architecture"), one("curves"), one("zones"), one("boxes", 'column="dice" shape="violin"'),
    one("lines", 'metric="dice" over="budget" by="rater" reference=0.9 referenceLabel="full"'), one("tradeoff", 'x="ssim" y="dice"'),
  ].join("\n");
  const { items, warnings } = await renderTemplate({ file: "f", folder: ".", source, config, records: [...picturesFixture(), ...studyFixture()] });
  assert.deepEqual(warnings, []);
  const figures = items.map((item) => (item.kind === "figure" ? item.figure : undefined));
  assert.ok(figures.every((figure) => figure !== undefined));
  assert.equal(figures.find((figure) => figure!.id === "fig-architecture")!.generated, false, "a drawing of the model holds no data");
  const lines = figures.find((figure) => figure!.id === "fig-lines")!;
  assert.deepEqual(lines.table!.rows.filter(([name]) => name === "rater 2").map(([, x]) => x), [4, 8, 12, 16], "numbers in their own order");
  await assert.rejects(render(one("boxes", 'column="dice" shape="star"').replace("pictures/model", "attention")), /it knows box, violin/);
});

test("text cannot forge a marker", async () => {
  const { markdown } = await render('\uE0000\uE001 {{cite "a"}}');
  assert.equal(markdown.match(/\uE000/g)?.length, 1);
});
