import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../../core/index.js";
import { readStudyOutcome } from "../../../results/index.js";
import { startDriver, stepCounts } from "../../chaos.fixture.js";
import { entry, makeProject, type Project } from "../../project.fixture.js";
import { startCluster, whyNoSlurm, type Cluster } from "./cluster.fixture.js";

const why = whyNoSlurm();

describe("a study of 40 runs on a real Slurm", { skip: why && `SKIPPED, NOT TESTED: ${why}` }, () => {
  let cluster: Cluster;
  let project: Project;
  before(async () => ([cluster, project] = await Promise.all([startCluster({ nodes: 3, cpus: 8 }), makeProject()])));
  after(async () => {
    await cluster.stop();
    await project.remove();
  });

  const running = async (): Promise<string[]> => (await cluster.command("squeue", "-h", "-r", "-t", "RUNNING", "-o", "%F_%K")).split("\n").filter(Boolean);

  it("ends complete, every run counted once, though nodes are drained and fail, jobs are cancelled and requeued, and the driver is killed", { timeout: 240_000 }, async () => {
    const seeds = `[${Array.from({ length: 40 }, (_, i) => i + 1).join(", ")}]`;
    await project.study("demo", `slurm: { throttle: 24, graceSeconds: 5 }\nruns:\n${entry({ seeds, steps: 4, ms: 150, more: "    resources: { cores: 1, memoryGb: 0.1, time: 5m }\n    retries: 5\n" })}`);
    const random = seededRandom(3);
    const pick = (list: readonly string[]): string | undefined => list[Math.floor(random.uniform() * list.length)];
    let driver = startDriver(project, "demo", "slurm", cluster.env);
    let disturbed = 0;
    const disturb = async (...words: readonly [string, ...string[]]): Promise<void> => {
      await cluster.command(...words).then(() => disturbed++, () => {}); // prettier-ignore
    };
    while ((await running()).length < 8) await sleep(50);

    await disturb("scontrol", "update", "NodeName=n1", "State=DRAIN", "Reason=maintenance");
    for (const task of (await running()).slice(0, 3)) await disturb("scancel", task);
    driver.child.kill("SIGKILL");
    await driver.ended;
    disturbed++;
    await sleep(300);
    driver = startDriver(project, "demo", "slurm", cluster.env);
    for (let i = 0; i < 3; i++) {
      const task = pick(await running());
      if (task !== undefined) await disturb("scontrol", "requeue", task);
      await sleep(100);
    }
    await disturb("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=power");
    await sleep(400);
    driver.child.kill("SIGKILL");
    await driver.ended;
    disturbed++;
    driver = startDriver(project, "demo", "slurm", cluster.env);
    await disturb("scontrol", "update", "NodeName=n2", "State=RESUME");
    await disturb("scontrol", "update", "NodeName=n1", "State=RESUME");
    const { code, out } = await driver.ended;

    assert.equal(code, 0, out);
    const outcome = await readStudyOutcome(join(project.root, "results", "demo"));
    assert.equal(outcome?.runs.filter(({ state }) => state === "done").length, 40);
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed).sort((a, b) => a - b), Array.from({ length: 40 }, (_, i) => i + 1));
    const counts = await stepCounts(project);
    assert.equal(counts.size, 160);
    const repeated = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
    assert.ok(disturbed >= 9, `${disturbed} disturbances`);
    // A node that is set down takes its running steps with it, up to one for each of its eight cores.
    assert.ok(repeated <= 8 + 6, `${repeated} of 160 steps were done again`);
  });

  it("lets urgent work pass: preempted runs save their state, are requeued by Slurm and go on", { timeout: 120_000 }, async () => {
    await project.study("low", `slurm: { partition: batch, graceSeconds: 5 }\nruns:\n${entry({ name: "low", seeds: "[1, 2, 3]", steps: 25, ms: 100, more: "    resources: { cores: 8, memoryGb: 0.1 }\n" })}`);
    const driver = startDriver(project, "low", "slurm", cluster.env);
    while ((await running()).length < 3 || (await project.steps()).filter((step) => step.startsWith("low")).length < 6) await sleep(50);
    await cluster.command("sbatch", "--partition=urgent", "--ntasks=1", "--cpus-per-task=8", "--mem=100M", "--output=/dev/null", "--wrap", "sleep 1");
    const { code, out } = await driver.ended;
    assert.equal(code, 0, out);
    const counts = await stepCounts(project);
    assert.equal([...counts.keys()].filter((step) => step.startsWith("low")).length, 75);
    const logs = await Promise.all((JSON.parse(await project.read("runs/low/status.json")) as { runs: { folder: string }[] }).runs.map(({ folder }) => project.read(join(folder.slice(project.root.length), "attempts.jsonl"))));
    const attempts = logs.flatMap((text) => text.trim().split("\n").map((line) => JSON.parse(line) as { event: string; state?: string }));
    assert.equal(attempts.filter(({ event }) => event === "begins").length, 4, "one of three runs began twice");
    assert.equal(attempts.filter(({ state }) => state === "interrupted").length, 1);
  });
});
