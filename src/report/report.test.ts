import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../core/index.js";
import { writeRecord } from "../results/index.js";
import { composeReport } from "./index.js";
import { dialogueFixture } from "./dialogue.fixture.js";
import { studyFixture } from "./study.fixture.js";

const fivePapers = join(packageRoot, "reports", "five-papers");

async function records(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folio-report-"));
  for (const record of [...studyFixture(), ...dialogueFixture()]) await writeRecord(folder, record);
  return folder;
}

async function ownReport(template: string, files: Readonly<Record<string, string>> = {}, config: object = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folio-own-"));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "report.json"), JSON.stringify({ title: "Own", results: "none", ...config }));
  await writeFile(join(folder, "report.md.hbs"), template);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

test("the five-papers report asks for nothing wrong, its chapters are whole with their records, and it says what it lacks without", async () => {
  const whole = await composeReport({ folder: fivePapers, results: await records() });
  // The fixtures hold the records of ASTRA and AESPA; study/five-papers.test.ts proves all chapters whole.
  const lacking = whole.warnings.filter(({ code, message }) => code !== "missing-record" || /astra|aespa/i.test(message));
  assert.deepEqual(lacking, []);
  const bare = await composeReport({ folder: fivePapers, results: join(tmpdir(), "folio-no-such-folder") });
  assert.ok(bare.warnings.length > 5);
  assert.match(bare.html, /This report is incomplete/);
  assert.match(bare.html, /Table 1 is missing/);
});

test("the page is one file: a policy that forbids the network, and no address it would fetch", async () => {
  const { html } = await composeReport({ folder: fivePapers, results: await records() });
  assert.match(html, /Content-Security-Policy" content="default-src &#39;none&#39;/);
  const page = html.replaceAll(/<script.*?<\/script>/gs, "").replaceAll(/<style>.*?<\/style>/gs, "");
  assert.equal(page.match(/\b(src|srcset|action|poster)=/g), null);
  assert.equal(page.match(/<link\b/g), null);
  assert.equal(html.match(/url\((?!data:)/g), null);
});

test("the same records give the same bytes", async () => {
  const results = await records();
  const [first, second] = [await composeReport({ folder: fivePapers, results }), await composeReport({ folder: fivePapers, results })];
  assert.equal(first.html, second.html);
});

test("references are numbered as they stand, citations in order, and what dangles is shown and told", async () => {
  const folder = await ownReport(
    'See {{ref "sec-b"}}, {{ref "eq-e"}}, {{ref "nothing"}}, {{cite "two"}}, {{cite "one, two"}}, {{cite "three"}}.\n\n## A\n\n## B {#sec-b}\n\n{{eq "E" id="eq-e"}}\n\n{{bibliography}}',
    { "refs.bib": "@article{one, author={A, B}, title={First}, year={2001}}\n@article{two, author={C, D}, title={Second}, year={2002}}" },
  );
  const { html, warnings } = await composeReport({ folder, results: folder + "/none" });
  for (const text of [">Section 2</a>", ">Equation 1</a>", ">[1]</a>", ">[1, 2]</a>"]) assert.ok(html.includes(text), text);
  assert.ok(html.indexOf("Second") < html.indexOf("First"), "entries stand in the order they are cited");
  assert.deepEqual(warnings.map(({ code, line }) => [code, line]), [["dangling-reference", 1], ["unknown-citation", 1]]);
});

test("names in the text of the template cannot become markup", async () => {
  const folder = await ownReport('<script>alert(1)</script> [x](javascript:alert(1)) <b>b</b> {{title}}', {}, { title: "<img src=x onerror=alert(1)>", abstract: "</header><script>alert(2)</script>" });
  const { html } = await composeReport({ folder, results: folder + "/none" });
  assert.doesNotMatch(html, /<script>alert|<img|href="javascript/);
});

test("a hostile record cannot leave its place", async () => {
  const results = await mkdtemp(join(tmpdir(), "folio-hostile-"));
  const evil = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>';
  for (const record of studyFixture()) {
    await writeRecord(results, { ...record, dataset: { ...record.dataset, name: evil }, provenance: { ...record.provenance, engine: evil, inputs: { [evil]: evil } },
      ...(record.artifacts && { artifacts: { ...record.artifacts, loss: { ...(record.artifacts.loss as object), xTitle: evil } } }) });
  }
  const { html } = await composeReport({ folder: fivePapers, results });
  assert.doesNotMatch(html, /<script>alert|<img/);
});

test("report.json is checked field by field", async () => {
  for (const [config, field] of [[{ title: "" }, "title"], [{ citations: "harvard" }, "citations"], [{ series: [{ method: "a" }] }, "series[0].variant"]] as const) {
    const folder = await ownReport("x", {}, config);
    await assert.rejects(composeReport({ folder }), { code: "bad-report-config", field });
  }
  await assert.rejects(composeReport({ folder: join(tmpdir(), "folio-no-report") }), { code: "not-found" });
});

test("the page's own script has no import and no network call", async () => {
  const script = await readFile(join(import.meta.dirname, "client", "page.js"), "utf8");
  assert.doesNotMatch(script, /\b(import\s|fetch\(|XMLHttpRequest|WebSocket|sendBeacon)/);
});
