import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { readStudy } from "../../file/read.js";
import { entry, makeProject } from "../../project.fixture.js";
import { runWith } from "../../run-study.js";
import type { Executor } from "../executor.js";
import { executorCases } from "../executor.cases.js";
import { slurmFolder } from "../open.js";
import { startCluster, whyNoSlurm, type Cluster } from "./cluster.fixture.js";
import { cancelSubmitted, slurmExecutor } from "./slurm.js";

const why = whyNoSlurm();
if (why !== undefined && process.env.FOLIO_REQUIRE_SLURM) throw new Error(`Slurm is required here, but ${why}.`);
const settings = { prologue: "export FOLIO_PROLOGUE=seen", container: ["env"], graceSeconds: 5 };

describe("the slurm executor, on a real Slurm", { skip: why && `SKIPPED, NOT TESTED: ${why}` }, () => {
  let cluster: Cluster;
  before(async () => (cluster = await startCluster()));
  after(() => cluster.stop());

  const open = (study: string, { root }: { root: string }): Promise<Executor> => slurmExecutor({ study, settings, folder: slurmFolder(root, study), env: cluster.env, pollMs: { least: 100, most: 400 } });
  executorCases(open, { where: /^n[1-3]$/ });

  it("goes on without its driver; the next one takes its jobs up instead of submitting them again, and they can be cancelled in between", async () => {
    const project = await makeProject();
    try {
      await project.study("left", `runs:\n${entry({ name: "left", seeds: "[1, 2]", steps: 120, ms: 60 })}`);
      const study = await readStudy(project.root, "left");
      const progress = { begin: () => ({ update() {}, end() {} }) };
      const run = async (signal?: AbortSignal) => runWith(study, await open("left", project), { root: project.root, progress, engine: () => "none", signal });
      const submissions = async (): Promise<number> => (await readdir(slurmFolder(project.root, "left"))).filter((name) => name.endsWith(".json")).length;
      const leaving = async (): Promise<void> => {
        const [leave, before] = [new AbortController(), (await project.steps()).length];
        // Not before this driver has had the time to submit the runs or to take them up: those of the last one go on meanwhile.
        const begun = Date.now();
        const watch = setInterval(() => void project.steps().then((steps) => Date.now() > begun + 1500 && steps.length > before + 2 && leave.abort()), 50);
        const { runs } = await run(leave.signal).finally(() => clearInterval(watch));
        assert.ok(runs.every(({ state }) => state === "running" || state === "queued"), JSON.stringify(runs));
      };
      await leaving();
      await leaving();
      assert.equal(await submissions(), 1, "the second driver submitted nothing");
      assert.equal(await cancelSubmitted(slurmFolder(project.root, "left"), cluster.env), 2);
      while ((await cluster.command("squeue", "-h")).trim() !== "") await sleep(100);
      assert.deepEqual((await run()).runs.map(({ state }) => state), ["done", "done"]);
      assert.equal(await submissions(), 2);
      assert.equal((await project.steps()).length, 240, "no step was done twice");
    } finally {
      await project.remove();
    }
  });

  it("waits while the controller is restarted, and submits nothing twice", async () => {
    const project = await makeProject();
    try {
      await project.study("down", `runs:\n${entry({ name: "down", seeds: "[1, 2]", steps: 12, ms: 60 })}`);
      const executor = await open("down", project);
      const restarted = cluster.restartController(700);
      await sleep(200);
      const { runs } = await runWith(await readStudy(project.root, "down"), executor, { root: project.root, progress: { begin: () => ({ update() {}, end() {} }) }, engine: () => "none" });
      await restarted;
      assert.deepEqual(runs.map(({ state }) => state), ["done", "done"]);
      assert.equal((await project.steps()).length, 24);
    } finally {
      await project.remove();
    }
  });

  it("tells what Slurm refuses, or accepts and never starts, in Slurm's own words for the runs it concerns", async () => {
    const project = await makeProject();
    try {
      await project.study("refused", `runs:\n${entry({ name: "wide", more: "    resources: { cores: 500 }\n" })}${entry({ name: "large", more: "    resources: { memoryGb: 9000 }\n" })}${entry({ name: "small" })}`);
      const { runs } = await runWith(await readStudy(project.root, "refused"), await open("refused", project), { root: project.root, progress: { begin: () => ({ update() {}, end() {} }) }, engine: () => "none" });
      assert.deepEqual(runs.map(({ state }) => state), ["failed", "failed", "done"]);
      assert.match(runs[0].error!, /Slurm lets it wait for ever: PartitionConfig/);
      assert.match(runs[1].error!, /Slurm refuses: .*memory specification can not be satisfied/i);
    } finally {
      await project.remove();
    }
  });
});
