// Writes down what bench/study.mjs measured: bench/results/study.json, a page about it, and a figure by Folio's own builders.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../dist/core/index.js";
import { buildReport } from "../../dist/report/index.js";
import { writeRecord } from "../../dist/results/index.js";

const folder = join(packageRoot, "bench", "results");

/** @param measured what `overhead` and `throughput` of bench/study.mjs return */
export async function recordStudyBench(measured) {
  writeFileSync(join(folder, "study.json"), `${JSON.stringify(measured, null, 2)}\n`);
  writeFileSync(join(folder, "study.md"), page(measured));
  await drawFigure(measured.throughput);
}

function page({ overhead: { runs, ownSeconds, storeSeconds, readMs, againSeconds, memoryMb }, throughput: { jobs, burnMs, rows } }) {
  const each = (seconds) => ((seconds / runs) * 1000).toFixed(2);
  const lines = rows.map(({ cores, runsAMinute, ideal, xargs }) => `| ${cores} | ${runsAMinute.toFixed(0)} | ${((100 * runsAMinute) / ideal).toFixed(0)} % | ${xargs.toFixed(0)} |`);
  return `# What a study costs besides its runs

\`npm run bench -- study --record\` writes this page, its numbers (study.json) and its figure.

**${runs.toLocaleString("en")} simulated runs** that take no time: ${ownSeconds.toFixed(1)} s of scheduling – planning, keys, submission, polling, publishing – which is ${each(ownSeconds)} ms a run
(reading the file ${readMs.toFixed(0)} ms). Their workers' puts into the store, which flush every file to the disk, take ${storeSeconds.toFixed(1)} s (${each(storeSeconds)} ms a run).
The same study again, with nothing to do: ${againSeconds.toFixed(1)} s (${each(againSeconds)} ms a run). Peak memory ${memoryMb.toFixed(0)} MB.

**${jobs} runs of ${burnMs} ms of computing each**, beside \`xargs -P\`, which starts the same program and keeps no books:

| cores | runs a minute | of the ideal | xargs -P |
|---|---|---|---|
${lines.join("\n")}

![Runs a minute over cores: a study, xargs -P and the ideal](study.svg)
`;
}

async function drawFigure({ burnMs, rows }) {
  const work = mkdtempSync(join(tmpdir(), "folio-bench-figure-"));
  try {
    const cores = rows.map((row) => row.cores);
    const curve = (name, value) => ({ name, x: cores, y: rows.map(value) });
    mkdirSync(join(work, "results"));
    await writeRecord(join(work, "results"), {
      schema: "folio.result/1", id: "study-bench", method: "study", variant: "local", dataset: { name: "none", generated: false }, split: "none", preset: "bench", seed: 1, config: { burnMs },
      cases: { columns: ["case"], rows: [] }, metrics: [],
      artifacts: { curves: { xTitle: "cores", yTitle: "runs a minute", curves: [curve("a study", (row) => row.runsAMinute), curve("xargs -P", (row) => row.xargs), curve("ideal", (row) => row.ideal)] } },
      provenance: { inputs: {}, code: "bench/study.mjs", lockfile: "none", engine: "none", device: `${process.platform}-${process.arch}`, node: process.versions.node, startedAt: new Date().toISOString(), seconds: 0 },
    });
    writeFileSync(join(work, "report.json"), JSON.stringify({ title: "Studies", authors: [], language: "en", results: "results", series: [{ method: "study", variant: "local", label: "local", role: "ours" }], labels: {} }));
    writeFileSync(join(work, "report.md.hbs"), '{{figure "curves" id="fig-throughput" series="local" caption="Runs a minute over cores."}}\n');
    await buildReport({ folder: work, results: join(work, "results"), out: join(work, "out"), formats: ["html"], exports: ["svg"], env: process.env });
    copyFileSync(join(work, "out", "figures", "fig-throughput.svg"), join(folder, "study.svg"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
