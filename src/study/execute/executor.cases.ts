import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { RunView } from "../drive/view.js";
import { readStudy } from "../file/read.js";
import { entry, makeProject, type Project } from "../project.fixture.js";
import { runWith } from "../run-study.js";
import type { Executor } from "./executor.js";

/** What every executor must be able to do, each told from its own small test file. */
export function executorCases(open: (study: string, project: Project) => Promise<Executor>, { where = /./ } = {}): void {
  describe("an executor", () => {
    let project: Project;
    before(async () => (project = await makeProject()));
    after(() => project.remove());

    const run = async (name: string, { signal, onChange = () => {} }: { signal?: AbortSignal; onChange?: (views: readonly RunView[]) => void } = {}) => {
      const executor = await open(name, project);
      const progress = { begin: () => ({ update() {}, end() {} }) };
      return runWith(await readStudy(project.root, name), executor, { root: project.root, progress, engine: () => "none", onChange: (table) => onChange(table.views), signal });
    };
    const counted = async (name: string): Promise<number> => (await project.steps()).filter((step) => step.startsWith(`${name} `)).length;

    it("carries out runs, says where, and keeps what they print", async () => {
      await project.study("plain", `runs:\n${entry({ name: "plain", seeds: "[1, 2, 3]", ms: 50 })}`);
      const seen = new Set<string>();
      const { runs } = await run("plain", { onChange: (views) => views.forEach(({ state, where: at }) => state === "running" && at !== undefined && seen.add(at)) });
      assert.deepEqual(runs.map(({ state }) => state), ["done", "done", "done"]);
      assert.equal(await counted("plain"), 6);
      for (const host of seen) assert.match(host, where);
      assert.match(await project.read(join("runs", "plain", "plain-quick-seed1", (await folderOf(project, "plain", "plain-quick-seed1")), "log.txt")), /epoch 2\/2, loss 0\.500/);
    });

    it("tries a crashed run again from its checkpoint, and leaves one that always fails as failed", async () => {
      await project.study("crash", `runs:\n${entry({ name: "once", steps: 3, mode: "crash-once" })}${entry({ name: "always", mode: "poison" })}`);
      const { runs } = await run("crash");
      assert.deepEqual(runs.map(({ state }) => state), ["done", "failed"]);
      assert.equal(await counted("once"), 3);
      assert.match(runs[1].error!, /illegal memory access/);
    });

    it("stops runs on request with what they saved, and another driver goes on from there", async () => {
      await project.study("stop", `runs:\n${entry({ name: "stop", seeds: "[1, 2]", steps: 25, ms: 100 })}`);
      const watch = setInterval(() => void counted("stop").then(async (steps) => steps >= 2 && writeFile(join(project.root, "runs", "stop", "cancelled"), "")), 100);
      const { runs } = await run("stop").finally(() => clearInterval(watch));
      assert.deepEqual(runs.map(({ state }) => state), ["stopped", "stopped"]);
      assert.ok((await counted("stop")) < 50);
      const again = await run("stop");
      assert.deepEqual(again.runs.map(({ state }) => state), ["done", "done"]);
      assert.equal(await counted("stop"), 50);
    });
  });
}

async function folderOf(project: Project, study: string, id: string): Promise<string> {
  const { runs } = JSON.parse(await project.read(join("runs", study, "status.json"))) as { runs: { id: string; folder: string }[] };
  return runs.find((run) => run.id === id)!.folder.split(/[\\/]/).at(-1)!;
}
