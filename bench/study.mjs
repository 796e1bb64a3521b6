// npm run bench -- study [--runs 10000 --burn 1500 --record]: what a study costs besides its runs, and what several cores gain.
//  1. 10,000 simulated runs that take no time: planning, keys, submission, polling, publishing – seconds and milliseconds a run.
//  2. Runs that only compute, on one core and on all: runs a minute, beside xargs -P, which starts the same program and keeps no books.
// --record writes bench/results/study.json, .md and .svg from what was measured.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { localExecutor } from "../dist/study/execute/local.js";
import { readStudy } from "../dist/study/file/read.js";
import { runWith, studyStore } from "../dist/study/run-study.js";
import { readJob } from "../dist/study/work/job.js";
import { recordStudyBench } from "./study/record.mjs";

const { values } = parseArgs({ options: { runs: { type: "string", default: "10000" }, burn: { type: "string", default: "1500" }, record: { type: "boolean", default: false } } });
const count = Number(values.runs);
const progress = { begin: () => ({ update() {}, end() {} }) };
const list = (n) => `[${Array.from({ length: n }, (_, i) => i + 1).join(", ")}]`;

function project(yaml) {
  const root = mkdtempSync(join(tmpdir(), "folio-bench-study-"));
  mkdirSync(join(root, "reports", "bench"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "name": "folio", "exports": {} }');
  writeFileSync(join(root, "reports", "bench", "study.yaml"), yaml);
  return root;
}

const record = (seed) => ({
  schema: "folio.result/1", id: `work-seed${seed}`, method: "work", variant: "v", dataset: { name: "none", generated: true }, split: "test", preset: "quick", seed, config: {},
  cases: { columns: ["case"], rows: [] }, metrics: [], provenance: { inputs: {}, code: "c", lockfile: "l", engine: "e", device: "d", node: "22", startedAt: "2026-01-01T00:00:00.000Z", seconds: 0 },
});

// Ends every job at once, as if a worker had put its record into the store; the time for that is the worker's and is taken off.
function simulated(root, spent) {
  const store = studyStore(root);
  let news = [];
  return {
    name: "simulated",
    onDetach: "stop",
    async submit(jobs) {
      const started = performance.now();
      for (const { id, folder } of jobs) {
        const { ingredients, run } = await readJob(folder);
        const path = join(folder, "record.json");
        writeFileSync(path, JSON.stringify(record(run.seed)));
        await store.put(`study bench ${id}`, ingredients, { [`records/work-seed${run.seed}.json`]: path });
        news.push({ id, state: "ended" });
      }
      spent.ms += performance.now() - started;
    },
    async poll() {
      if (news.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const told = news;
      news = [];
      return told;
    },
    async cancel() {},
    async close() {},
  };
}

async function overhead() {
  const root = project(`runs:\n  - name: work\n    command: ["true"]\n    seed: ${list(count)}\n`);
  try {
    const spent = { ms: 0 };
    const run = async () => {
      const started = performance.now();
      const study = await readStudy(root, "bench");
      const read = performance.now() - started;
      const { runs } = await runWith(study, simulated(root, spent), { root, progress, engine: () => "none" });
      if (!runs.every(({ state }) => state === "done" || state === "unchanged")) throw new Error("not every run was done");
      return { read, total: performance.now() - started };
    };
    const first = await run();
    const own = first.total - spent.ms;
    console.log(`${count} simulated runs: ${(own / 1000).toFixed(1)} s of our own (${(own / count).toFixed(2)} ms a run; reading the file ${first.read.toFixed(0)} ms), and ${(spent.ms / 1000).toFixed(1)} s for their workers' puts into the store`);
    const again = await run();
    console.log(`the same study again, nothing to do: ${(again.total / 1000).toFixed(1)} s (${(again.total / count).toFixed(2)} ms a run)`);
    const memoryMb = process.resourceUsage().maxRSS / 1024;
    console.log(`peak memory ${memoryMb.toFixed(0)} MB`);
    return { runs: count, ownSeconds: own / 1000, storeSeconds: spent.ms / 1000, readMs: first.read, againSeconds: again.total / 1000, memoryMb };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const burner = `
const end = process.cpuUsage().user + Number(process.argv[4]) * 1000;
let x = 0;
while (process.cpuUsage().user < end) for (let i = 0; i < 1e5; i++) x += Math.sqrt(i);
require("node:fs").writeFileSync(process.argv[2] + "/work-seed" + process.argv[3] + ".json", JSON.stringify({ ...${JSON.stringify(record(0))}, id: "work-seed" + process.argv[3], seed: Number(process.argv[3]) }));
`;

async function throughput() {
  const burn = Number(values.burn);
  const cores = availableParallelism();
  const jobs = 4 * cores;
  console.log(`\n${jobs} runs of ${burn} ms of computing each, ${cores} cores here`);
  const rows = [];
  console.log("cores  runs a minute  of the ideal   xargs -P");
  for (const width of new Set([1, cores])) {
    const root = project(`runs:\n  - name: work\n    command: ["{node}", "{root}/burn.cjs", "{results}", "{seed}", "${burn}"]\n    inputs: burn.cjs\n    seed: ${list(jobs)}\n`);
    writeFileSync(join(root, "burn.cjs"), burner);
    const started = performance.now();
    await runWith(await readStudy(root, "bench"), localExecutor({ cores: width, memoryGb: 64, gpus: [] }, process.env), { root, progress, engine: () => "none" });
    const ours = performance.now() - started;
    const begun = performance.now();
    spawnSync("xargs", ["-P", String(width), "-I", "{}", process.execPath, join(root, "burn.cjs"), root, "{}", String(burn)], { input: Array.from({ length: jobs }, (_, i) => i + 1).join("\n") });
    const xargs = performance.now() - begun;
    const rate = (ms) => ((jobs / ms) * 60_000).toFixed(0);
    rows.push({ cores: width, runsAMinute: (jobs / ours) * 60_000, ideal: (width / burn) * 60_000, xargs: (jobs / xargs) * 60_000 });
    console.log(`${String(width).padStart(5)}  ${rate(ours).padStart(13)}  ${`${((100 * ((jobs / width) * burn)) / ours).toFixed(0)} %`.padStart(12)}  ${rate(xargs).padStart(9)}`);
    rmSync(root, { recursive: true, force: true });
  }
  return { jobs, burnMs: burn, rows };
}

const measured = { overhead: await overhead(), throughput: await throughput() };
if (values.record) await recordStudyBench(measured);
