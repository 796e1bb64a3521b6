import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../core/index.js";
import { learningCurves, seriesStyles } from "../figures/index.js";
import { folioMetadata, writeNotebook, type Cell, type Output } from "../notebook/index.js";
import { composeReport } from "./index.js";
import { safeMarkup } from "./safe-markup.js";

const figure = learningCurves([{ name: "a", style: seriesStyles(["a"]).get("a")!, x: [1, 2], y: [3, 2] }], { id: "loss", generated: true, caption: "A loss.", xTitle: "Epoch", yTitle: "Loss" });
const shown = (data: Record<string, unknown>): Output => ({ output_type: "display_data", data, metadata: {} });
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

async function report(template: string, cells: readonly (Partial<Cell> & { source: string })[] = [], config: object = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folio-notebook-"));
  await writeNotebook(join(folder, "own.ipynb"), {
    nbformat: 4, nbformat_minor: 5, metadata: folioMetadata,
    cells: cells.map((cell, i): Cell => ({ id: `cell-${i}`, cell_type: "code", metadata: {}, ...(cell.cell_type === "markdown" ? {} : { execution_count: 1, outputs: [] }), ...cell })),
  });
  await writeFile(join(folder, "report.json"), JSON.stringify({ title: "Own", results: "./none", ...config }));
  await writeFile(join(folder, "report.md.hbs"), template);
  return folder;
}

test("an executed notebook is a chapter: headings, mathematics, code, figures, pictures, tables and text", async () => {
  const folder = await report('## Before\n\n{{notebook file="own.ipynb" id="own"}}\n\nSee {{ref "sec-learning"}} and {{ref "own-loss"}}.', [
    { cell_type: "markdown", source: "# 3. Learning\n\nWith $x_i$ and\n\n$$\n\\sum_i x_i\n$$\n\n```sh\n# no heading\n```" },
    { source: "const a = 1; // one\n// BEGIN SOLUTION\nconst b = \"two\";\n// END SOLUTION", outputs: [{ output_type: "stream", name: "stdout", text: "\u001b[31mred\u001b[0m\n" }, shown({ "application/vnd.folio.figure+json": figure, "text/plain": "Figure loss" }), ] },
    { source: "draw()", outputs: [shown({ "image/png": pixel, "text/plain": "one grey pixel" }), shown({ "text/html": "<table><tr><th scope=\"row\" onclick=\"x()\">Dice</th><td>0.8</td></tr></table><script>alert(1)</script>", "text/plain": "Dice 0.8" })] },
    { source: "secret()", metadata: { tags: ["solution"] } },
  ]);
  const { html, warnings, figures, latex } = await composeReport({ folder });
  assert.deepEqual(warnings, []);
  assert.match(html, /<h2 id="sec-learning"[^>]*><span class="n">2<\/span>Learning<\/h2>/);
  assert.match(html, />Section 2<\/a> and <a href="#own-loss">Figure 1<\/a>/);
  assert.equal(html.match(/<math/g)?.length, 2);
  assert.ok(html.includes('<span class="t-word">const</span> b = <span class="t-text">&quot;two&quot;</span>;'));
  for (const gone of ["BEGIN SOLUTION", "secret()", "onclick", "alert(1)", "\u001b"]) assert.ok(!html.includes(gone), gone);
  assert.ok(html.includes('<th scope="row">Dice</th><td>0.8</td>'));
  assert.ok(html.includes(`<img src="data:image/png;base64,${pixel}" alt="one grey pixel">`));
  assert.deepEqual(figures.map(({ id, generated }) => [id, generated]), [["own-loss", true]]);
  assert.match(latex(), /\\section\{Learning\}[\s\S]*\\begin\{verbatim\}\nconst a = 1;[\s\S]*Dice 0\.8/);
});

test("a cell is a listing that can be referred to; a cell that is not there is named with those that are", async () => {
  const folder = await report('{{ref "lst-mel"}}\n\n{{code notebook="own.ipynb" cell="cell-0" id="lst-mel" caption="The second line." lines="2-2"}}', [{ source: "first();\nsecond();" }]);
  const { html } = await composeReport({ folder });
  assert.match(html, />Listing 1<\/a>/);
  assert.match(html, /<span class="t-call">second<\/span>\(\);/);
  assert.ok(!html.includes(">first<"));
  await assert.rejects(composeReport({ folder: await report('a\n\n{{code notebook="own.ipynb" cell="nothing"}}', [{ source: "x" }]) }), /report\.md\.hbs:3: \{\{code\}\} finds no cell "nothing" in own\.ipynb; it has cell-0/);
  await assert.rejects(composeReport({ folder: await report('{{code notebook="missing.ipynb" cell="x"}}') }), { code: "not-found" });
});

test("a notebook that was never run says how to run it, and its text cannot call a helper or forge an item", async () => {
  const folder = await report('{{notebook file="own.ipynb"}}', [{ cell_type: "markdown", source: '{{provenance}} \uE0000\uE001 <script>alert(1)</script>' }, { source: "a" }]);
  const { html, warnings } = await composeReport({ folder });
  assert.deepEqual(warnings.map(({ code }) => code), ["unexecuted-notebook"]);
  assert.ok(html.includes("{{provenance}}"));
  assert.ok(!html.includes("<script>alert"));
});

test("a notebook of the course stands in a report as it is", async () => {
  const folder = await report(`{{notebook file="${join(packageRoot, "notebooks", "01-astra.ipynb")}"}}\n\n{{code notebook="${join(packageRoot, "notebooks", "01-astra.ipynb")}" cell="mel-from-scratch"}}`);
  const { html, warnings } = await composeReport({ folder });
  assert.deepEqual(warnings.map(({ code }) => code), ["unexecuted-notebook"]);
  assert.ok(html.match(/<figure class="code"/g)!.length > 15);
});

test("only tables come through as markup, and they can do nothing", () => {
  assert.equal(safeMarkup("<p>no table</p>"), undefined);
  assert.equal(safeMarkup('<table class="x"><tr><td colspan="2" style="a">a &lt;b&gt; & c<img src=x onerror=alert(1)></td></table>'), '<table><tr><td colspan="2">a &lt;b&gt; &amp; c</td></tr></table>');
  assert.equal(safeMarkup("<table><td><a href='javascript:alert(1)'>x</a></div></td>"), "<table><td>x</td></table>");
  assert.equal(safeMarkup('<table><td colspan="2" x="<script>">y</td></table><style>body{}'), '<table>&lt;td colspan=&quot;2&quot; x=&quot;</table>');
});

test("appendices go by letters, footnotes are numbered as they are called, in HTML and LaTeX", async () => {
  const folder = await report("## Method\n\nOne[^b] and two[^a].\n\n[^a]: second\n[^b]: first\n\n## More {#sec-more .appendix}\n\n### Deep\n\n## Last\n\n{{ref \"sec-more\"}}, {{ref \"sec-deep\"}}, {{ref \"sec-last\"}}");
  const { html, latex } = await composeReport({ folder });
  for (const text of [">Appendix A</a>", ">Appendix A.1</a>", ">Appendix B</a>"]) assert.ok(html.includes(text), text);
  assert.ok(html.indexOf("first") < html.indexOf("second"));
  const tex = latex();
  assert.equal(tex.match(/\\appendix\n/g)?.length, 1);
  assert.match(tex, /One\\footnote\{first\} and two\\footnote\{second\}/);
});

test("characters that pdflatex does not know are declared, in code too", async () => {
  const folder = await report('A ≈ B, τ\n\n{{code notebook="own.ipynb" cell="cell-0"}}', [{ source: "// ── α → β 中" }]);
  const tex = (await composeReport({ folder })).latex();
  for (const line of ["{2500}{-}", "{03B1}{\\ensuremath{\\alpha}}", "{2192}{\\ensuremath{\\to}}", "{4E2D}{[U+4E2D]}"]) assert.ok(tex.includes(`\\DeclareUnicodeCharacter${line}`), line);
  assert.ok(tex.includes("A $\\approx$ B, $\\tau$"));
  assert.ok(tex.includes("// ── α → β 中"), "code stays as it is");
});

test("pictures of the text are put into the page; one without words, far away or missing is told", async () => {
  const folder = await report("![a pixel](pixel.png)\n\n![](pixel.png)\n\n![far](https://example.org/x.png)\n\n![gone](gone.png)");
  await writeFile(join(folder, "pixel.png"), Buffer.from(pixel, "base64"));
  const { html, warnings } = await composeReport({ folder });
  assert.equal(html.split(`src="data:image/png;base64,${pixel}"`).length, 3);
  assert.ok(!html.includes('src="https'));
  assert.deepEqual(warnings.map(({ code }) => code), ["missing-alt", "missing-picture", "missing-picture"]);
});
