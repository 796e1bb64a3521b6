import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readStudyOutcome } from "../results/index.js";
import { readStatus, requestCancel } from "./drive/status.js";
import type { RunView } from "./drive/view.js";
import { readStudy } from "./file/read.js";
import { localExecutor } from "./execute/local.js";
import { entry, makeProject, type Project } from "./project.fixture.js";
import { runWith, studyStore } from "./run-study.js";

const machine = { cores: 4, memoryGb: 8, gpus: [] };

describe("a study on this computer", () => {
  let project: Project;
  beforeEach(async () => (project = await makeProject()));
  afterEach(() => project.remove());

  const run = async (name = "demo", { signal, onChange = () => {} }: { signal?: AbortSignal; onChange?: (views: readonly RunView[]) => void } = {}) => {
    const study = await readStudy(project.root, name);
    const progress = { begin: () => ({ update() {}, end() {} }) };
    return runWith(study, localExecutor(machine, process.env), { root: project.root, progress, engine: () => "none", onChange: (table) => onChange(table.views), signal });
  };
  const states = (runs: readonly RunView[]): Record<string, string> => Object.fromEntries(runs.map(({ id, state }) => [id, state]));

  it("runs every combination and brings the records to its results", async () => {
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2, 3]" })}`);
    const { runs, results } = await run();
    assert.deepEqual(states(runs), { "demo-quick-seed1": "done", "demo-quick-seed2": "done", "demo-quick-seed3": "done" });
    assert.equal(results, join(project.root, "results", "demo"));
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed), [1, 2, 3]);
    assert.equal((await project.steps()).length, 6);
  });

  it("does not run again what has the same key, and puts a deleted or edited record back", async () => {
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2]" })}`);
    await run();
    const record = join(project.root, "results", "demo", "demo-quick-seed1.json");
    await rm(record);
    await writeFile(join(project.root, "results", "demo", "demo-quick-seed2.json"), "edited");
    const { runs } = await run();
    assert.deepEqual(runs.map(({ state }) => state), ["unchanged", "unchanged"]);
    assert.equal((await project.steps()).length, 4);
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed), [1, 2]);
  });

  it("runs again when an input changes, and says so", async () => {
    await project.study("demo", `runs:\n${entry()}`);
    await run();
    await project.write("run.mjs", `${await project.read("run.mjs")}// another version\n`);
    const { runs } = await run();
    assert.equal(runs[0].state, "done");
    assert.deepEqual(runs[0].because?.map(({ ingredient, how }) => `${ingredient} ${how}`), ["input run.mjs changed"]);
  });

  it("finishes the rest when one run always fails, and shows it as failed with its error", async () => {
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2]" })}${entry({ name: "bad", mode: "poison", more: "    retries: 2\n" })}${entry({ name: "killed", mode: "abort", more: "    retries: 0\n" })}`);
    const { runs } = await run();
    assert.deepEqual(states(runs), { "demo-quick-seed1": "done", "demo-quick-seed2": "done", "bad-quick-seed1": "failed", "killed-quick-seed1": "failed" });
    const bad = runs.find(({ id }) => id.startsWith("bad"))!;
    assert.equal(bad.failures, 3);
    assert.match(bad.error!, /bad ended with exit code 1: CUDA error: an illegal memory access/);
    assert.match(runs.find(({ id }) => id.startsWith("killed"))!.error!, /killed ended with signal SIGKILL/);
    const outcome = await readStudyOutcome(join(project.root, "results", "demo"));
    assert.deepEqual(outcome?.runs.map(({ state }) => state), ["done", "done", "failed", "failed"]);
    assert.match(outcome?.runs[2].error ?? "", /illegal memory access/);
  });

  it("does not try again what cannot be done as it was asked for", async () => {
    const cells = [{ cell_type: "code", id: "c", source: "1", metadata: {}, execution_count: null, outputs: [] }];
    await project.write("notebooks/nb.ipynb", JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    await project.study("demo", "runs:\n  - notebook: notebooks/nb.ipynb\n    options: { wdith: 3 }\n    retries: 3\n");
    const { runs } = await run();
    assert.deepEqual([runs[0].state, runs[0].failures], ["failed", 1]);
    assert.match(runs[0].error!, /wdith/);
  });

  it("tries a run again that crashed, and it goes on from its checkpoint", async () => {
    await project.study("demo", `runs:\n${entry({ steps: 4, mode: "crash-once" })}`);
    const { runs } = await run();
    assert.deepEqual([runs[0].state, runs[0].failures], ["done", 1]);
    assert.deepEqual(await project.steps(), ["demo 1 1", "demo 1 2", "demo 1 3", "demo 1 4"]);
  });

  it("stops on request with everything saved, and goes on from there", async () => {
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2]", steps: 30, ms: 60 })}`);
    const stop = new AbortController();
    const watch = setInterval(() => void project.steps().then((steps) => steps.length > 4 && stop.abort()), 20);
    const first = await run("demo", { signal: stop.signal }).finally(() => clearInterval(watch));
    assert.deepEqual(first.runs.map(({ state }) => state), ["stopped", "stopped"]);
    const before = (await project.steps()).length;
    assert.ok(before < 60, `${before} steps`);
    assert.deepEqual((await run()).runs.map(({ state }) => state), ["done", "done"]);
    assert.equal((await project.steps()).length, 60);
  });

  it("counts work as done that came to its end although it was asked to stop", async () => {
    await project.study("demo", `runs:\n${entry({ name: "deaf", mode: "deaf", steps: 10, ms: 60 })}${entry({ name: "demo", steps: 40, ms: 60 })}`);
    const stop = new AbortController();
    const watch = setInterval(() => void project.steps().then((steps) => steps.filter((step) => step.startsWith("deaf")).length > 5 && stop.abort()), 20);
    const { runs } = await run("demo", { signal: stop.signal }).finally(() => clearInterval(watch));
    assert.deepEqual(states(runs), { "deaf-quick-seed1": "done", "demo-quick-seed1": "stopped" });
    assert.deepEqual((await project.records("demo")).map(({ method }) => method), ["deaf"], "its record is published with the rest stopped");
    const outcome = await readStudyOutcome(join(project.root, "results", "demo"));
    assert.deepEqual(outcome?.runs.map(({ state }) => state), ["done", "missing"]);
    assert.deepEqual(states((await run()).runs), { "deaf-quick-seed1": "unchanged", "demo-quick-seed1": "done" });
    assert.equal((await project.steps()).filter((step) => step.startsWith("deaf")).length, 10);
  });

  it("is cancelled from another process", async () => {
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2]", steps: 100, ms: 40 })}`);
    let asked = false;
    const { runs } = await run("demo", {
      onChange: (views) => {
        if (asked || !views.some(({ state }) => state === "running")) return;
        asked = true;
        void requestCancel(project.root, "demo");
      },
    });
    assert.deepEqual(runs.map(({ state }) => state), ["stopped", "stopped"]);
    const status = await readStatus(project.root, "demo");
    assert.deepEqual([status?.driven, status?.runs.map(({ state }) => state)], [false, ["stopped", "stopped"]]);
  });

  it("refuses a second driver, and tells the state to others meanwhile", async () => {
    await project.study("demo", `runs:\n${entry({ steps: 10, ms: 60 })}`);
    const running = run();
    while (!existsSync(join(project.root, "runs", "demo", "driver.lock"))) await new Promise((resolve) => setTimeout(resolve, 10));
    await assert.rejects(run(), /is being run by another process already/);
    assert.equal((await readStatus(project.root, "demo"))?.driven, true);
    assert.equal((await running).runs[0].state, "done");
  });

  it("names runs that write the same record, and work that leaves none", async () => {
    await project.study("demo", `runs:\n${entry()}${entry({ more: "    variant: twin\n" })}${entry({ name: "empty", mode: "silent", more: "    retries: 0\n" })}`);
    const { runs } = await run();
    assert.deepEqual(states(runs), { "demo-quick-seed1": "done", "demo-twin-quick-seed1": "done", "empty-quick-seed1": "failed" });
    assert.deepEqual((await project.records("demo")).map(({ variant }) => variant).sort(), ["plain", "plain@twin"]);
    assert.match(runs[2].error!, /ended without a result record/);
    await project.study("same", `runs:\n${entry()}${entry().replace("name: demo", "name: other")}`);
    const same = await run("same");
    assert.equal(same.runs.filter(({ state }) => state === "failed").length, 1);
    assert.match(same.runs.find(({ state }) => state === "failed")!.error!, /wrote demo-quick-seed1\.json, which (demo|other)-quick-seed1 wrote too/);
  });

  it("says what a run asks for that this computer does not have", async () => {
    await project.study("demo", `runs:\n${entry()}${entry({ name: "large", more: "    resources: { memoryGb: 4000 }\n" })}${entry({ name: "gpu", more: "    resources: { gpus: 2 }\n" })}`);
    const { runs } = await run();
    assert.deepEqual(runs.map(({ state }) => state), ["done", "failed", "failed"]);
    assert.match(runs[1].error!, /asks for 4000 GB of memory: there are 8\.0 GB here/);
    assert.match(runs[2].error!, /asks for 2 GPU: there are 0 here/);
  });

  it("runs notebooks with the parameters they ask for, keeps them executed, and runs them again only when a cell changes", async () => {
    const cell = (source: string, tags: string[] = []) => ({ cell_type: "code", id: `c${source.length}`, source, metadata: { tags }, execution_count: null, outputs: [] });
    const notebook = (factor: number): string =>
      JSON.stringify({
        nbformat: 4, nbformat_minor: 5, metadata: {},
        cells: [
          cell('const preset = "quick";\nconst seed = 1;\nconst results = "";', ["parameters"]),
          cell(`import { writeFileSync } from "node:fs";\nconst value = ${factor} * seed;\nconst provenance = { inputs: {}, code: "c", lockfile: "none", engine: "none", device: "none", node: "22", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 };\nwriteFileSync(results + "/nb-seed" + seed + ".json", JSON.stringify({ schema: "folio.result/1", id: "nb-seed" + seed, method: "nb", variant: "v", dataset: { name: "none", generated: true }, split: "test", preset, seed, config: {}, cases: { columns: ["case"], rows: [["a"]] }, metrics: [{ id: "auc", convention: "roc", value, n: 1, excluded: [] }], provenance }));\nvalue`),
        ],
      });
    await project.write("notebooks/nb.ipynb", notebook(0.1));
    await project.study("demo", "runs:\n  - notebook: notebooks/nb.ipynb\n    seed: 3\n");
    assert.deepEqual(states((await run()).runs), { "nb-quick-seed3": "done" });
    assert.ok(Math.abs((await project.records("demo"))[0].metrics[0].value! - 0.3) < 1e-9);
    assert.match(await project.read("reports/demo/out/notebooks/nb.ipynb"), /"execution_count": 3/);
    assert.deepEqual(states((await run()).runs), { "nb-quick-seed3": "unchanged" });
    await project.write("notebooks/nb.ipynb", notebook(0.2));
    const [again] = (await run()).runs;
    assert.deepEqual([again.state, again.because?.map(({ ingredient }) => ingredient)], ["done", ["cell 02"]]);
  });

  it("goes on with a notebook that was stopped from what its cells saved under the run's key", async () => {
    const cell = (source: string, tags: string[] = []) => ({ cell_type: "code", id: `c${source.length}`, source, metadata: { tags }, execution_count: null, outputs: [] });
    const training = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
mkdirSync(work, { recursive: true });
let step = existsSync(work + "/step") ? Number(readFileSync(work + "/step", "utf8")) : 0;
while (step < 20) {
  await new Promise((resolve) => setTimeout(resolve, 60));
  step++;
  appendFileSync(${JSON.stringify(join(project.root, "steps.txt"))}, "nb 1 " + step + "\\n");
  writeFileSync(work + "/step", String(step));
}`;
    const record = 'const provenance = { inputs: {}, code: "c", lockfile: "none", engine: "none", device: "none", node: "22", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 };\nwriteFileSync(results + "/nb.json", JSON.stringify({ schema: "folio.result/1", id: "nb", method: "nb", variant: "v", dataset: { name: "none", generated: true }, split: "test", preset: "quick", seed: 1, config: {}, cases: { columns: ["case"], rows: [] }, metrics: [], provenance }));';
    await project.write("notebooks/nb.ipynb", JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell('const work = "";\nconst results = "";', ["parameters"]), cell(training), cell(record)] }));
    await project.study("demo", "runs:\n  - notebook: notebooks/nb.ipynb\n");
    const stop = new AbortController();
    const watch = setInterval(() => void project.steps().then((steps) => steps.length > 5 && stop.abort()), 20);
    assert.deepEqual(states((await run("demo", { signal: stop.signal }).finally(() => clearInterval(watch))).runs), { "nb-quick-seed1": "stopped" });
    const before = (await project.steps()).length;
    assert.ok(before < 20, `${before} steps`);
    assert.deepEqual(states((await run()).runs), { "nb-quick-seed1": "done" });
    const steps = await project.steps();
    assert.equal(new Set(steps).size, 20);
    assert.ok(steps.length <= 21, "at most the step that the stop cut off is done again");
  });

  it("removes the records of runs that are no longer in the file", async () => {
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2]" })}`);
    await run();
    await project.study("demo", `runs:\n${entry({ seeds: "[2]" })}`);
    await run();
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed), [2]);
    assert.equal((await studyStore(project.root).entries()).length, 2);
  });
});
