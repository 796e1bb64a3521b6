// npm run bench -- report [--repeats N]
// Builds a report of five methods with thirty figures and ten tables: HTML, PDF after a warm start, and the export of every figure as
// SVG, PDF and PNG; beside them, in the same run, nbconvert's HTML and webpdf of a notebook with the same figures and tables
// (bench/peers/nbconvert_twin.py) and Kaleido's export of the same figures (bench/peers/kaleido_twin.py). Beside the wall clock stands
// the processor time of all processes, which a busy machine changes less.
import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { treeCpu } from "./peers/tree_cpu.mjs";
import { composeReport, exportFigures, openBrowser, printPdf, tableCsv } from "../dist/report/index.js";
import { studyFixture } from "../dist/report/study.fixture.js";
import { writeRecord } from "../dist/results/index.js";

const { values: options } = parseArgs({ options: { repeats: { type: "string", default: "3" } } });
const methods = ["astra", "aespa", "rasalore", "asmr", "prs-med"];
const folder = mkdtempSync(join(tmpdir(), "folio-bench-"));
const results = join(folder, "results");
mkdirSync(results);
for (const record of studyFixture()) {
  for (const method of methods) await writeRecord(results, { ...record, method, id: record.id.replace("astra", method) });
}
const chapter = (method) => {
  const series = (...variants) => variants.map((variant) => `${method}/${variant}`).join(", ");
  const all = series("attention", "ae-mse", "ae-mahalanobis", "logmel-stats");
  const one = series("attention");
  const figure = (kind, rest) => `{{figure "${kind}" id="fig-${method}-${kind}" caption="${kind}" ${rest}}}`;
  return [
    `## ${method}`,
    `{{table id="tab-${method}-auc" caption="AUC" metrics="auc" series="${all}" groups="machine, domain" mean=true paper=true}}`,
    `{{table id="tab-${method}-pauc" caption="pAUC" metrics="pauc" series="${all}" groups="machine, domain" mean=true}}`,
    figure("spectrograms", `series="${one}"`), figure("attention", `series="${one}"`), figure("loss", `series="${one}"`),
    figure("dots", `series="${all}" metric="auc" groups="machine, domain"`),
    figure("roc", `series="${all}" machine="fan" domain="source"`), figure("scores", `series="${one}" machine="fan" domain="source"`),
  ].join("\n\n");
};
writeFileSync(join(folder, "report.json"), JSON.stringify({ title: "Bench", results: "./results" }));
writeFileSync(join(folder, "report.md.hbs"), methods.map(chapter).join("\n\n"));

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const timed = async (work) => {
  const [seconds, cpu] = [[], []];
  let value;
  for (let i = 0; i < Number(options.repeats); i++) {
    const [started, spent] = [performance.now(), treeCpu()];
    value = await work();
    seconds.push((performance.now() - started) / 1000);
    cpu.push(treeCpu() - spent);
  }
  return { seconds: median(seconds), cpu: median(cpu), value };
};
const line = (name, { seconds, cpu }, limit, rest = "") => console.log(`  ${name.padEnd(32)} ${seconds.toFixed(2).padStart(6)} s  (processor ${cpu.toFixed(2)} s; target ${limit} s)${rest}`);
const against = (name, { seconds }, peer) => (peer === undefined ? "" : `  ${name} ${peer.toFixed(2)} s  ${(seconds / peer).toFixed(2)}× (target 0.5×)`);

const composed = await timed(() => composeReport({ folder, results }));
const { figures, html } = composed.value;
const sizes = figures.map(({ id, layout }) => ({ id, width: layout.width, height: layout.height }));
const session = await openBrowser(process.env);
await printPdf(html, session);
const printed = await timed(() => printPdf(html, session));
const exported = await timed(() => exportFigures(html, sizes, session));
const version = await session.version();
const browserPath = session.found.path;
await session[Symbol.asyncDispose]();
// nbconvert starts a browser for every PDF, so it is compared with ours from its start too.
const opened = [];
const cold = await timed(async () => {
  opened.push(await openBrowser(process.env));
  await printPdf(html, opened.at(-1));
});
for (const own of opened) await own[Symbol.asyncDispose]();

console.log(`${methods.length} methods, ${figures.length} figures, median of ${options.repeats}; ${version}`);
const notebook = nbconvert();
line("HTML", composed, 1.5, `  ${(html.length / 1e6).toFixed(2)} MB${against("nbconvert", composed, notebook.html?.[0])}`);
line("PDF, warm browser", printed, 6, `  ${(printed.value.bytes.length / 1e6).toFixed(2)} MB`);
line("PDF, with the browser's start", cold, 6, against("nbconvert webpdf", cold, notebook.pdf?.[0]));
const peer = kaleido();
line(`${figures.length} figures as SVG, PDF, PNG`, exported, 12, against("Kaleido", exported, peer.seconds));
for (const [name, { missing, versions }] of [["nbconvert", notebook], ["Kaleido", peer]]) console.log(missing ? `${name} was NOT measured: ${missing}` : versions);
rmSync(folder, { recursive: true });

function kaleido() {
  return twin("kaleido_twin.py", figures.map(({ id, data, layout }) => ({ id, data, layout })));
}

function nbconvert() {
  const tables = composed.value.tables.map(tableMarkdown);
  return twin("nbconvert_twin.py", { repeats: Number(options.repeats), tables, figures: figures.map(({ id, data, layout }) => ({ id, data, layout })) });
}

/** The same table as a notebook would hold it. */
function tableMarkdown(table) {
  const lines = tableCsv(table).trim().split("\n").map((row) => `| ${row.split(",").slice(0, 5).join(" | ")} |`);
  return [lines[0], "|---|---|---|---|---|", ...lines.slice(1)].join("\n");
}

function twin(script, given) {
  const python = process.env.FOLIO_PYTHON ?? "python3";
  const env = { ...process.env, BROWSER_PATH: process.env.BROWSER_PATH ?? browserPath };
  const { status, stdout, stderr, error } = spawnSync(python, [join(import.meta.dirname, "peers", script)], { input: JSON.stringify(given), encoding: "utf8", maxBuffer: 2 ** 28, timeout: 600_000, env });
  if (!error && status === 0) return JSON.parse(stdout);
  const why = stderr?.trim().split("\n").at(-1) || error?.message;
  return { missing: `${why}. Install bench/peers/requirements.txt and name that Python in FOLIO_PYTHON; BROWSER_PATH names its Chrome.` };
}
