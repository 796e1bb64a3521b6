import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { openStore } from "../cache/index.js";
import { readStudyOutcome } from "../results/index.js";
import { processesOf, startDriver, stepCounts } from "./chaos.fixture.js";
import { entry, makeProject } from "./project.fixture.js";

const onLinux = process.platform === "linux" ? false : "SKIPPED, NOT TESTED: finds processes in /proc";

describe("a study that is treated badly", { skip: onLinux }, () => {
  it("ends complete when driver, workers and their programs are killed at random moments; no step is done twice but the one a kill cut off", async () => {
    await using project = await disposable();
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2, 3, 4, 5, 6]", steps: 12, ms: 50, more: "    retries: 50\n" })}${entry({ name: "poison", mode: "poison", more: "    retries: 1\n" })}`);
    const random = seededRandom(7);
    const hit: number[] = [];
    let driver = startDriver(project, "demo", "local");
    const kill = (pid: number | undefined): void => {
      try {
        if (pid !== undefined && process.kill(pid, "SIGKILL")) hit.push(pid);
      } catch {
        // It ended a moment ago.
      }
    };
    // Until six have hit: on a slow machine the victim of a moment ago has often ended by itself.
    for (let round = 0; hit.length < 6 && round < 60; round++) {
      await sleep(150 + random.uniform() * 350);
      const { workers, programs } = await processesOf(project);
      const victims = [[driver.child.pid], workers, programs][round % 3];
      kill(victims[Math.floor(random.uniform() * victims.length)]);
      if (driver.child.exitCode !== null || round % 3 === 0) {
        await driver.ended;
        driver = startDriver(project, "demo", "local");
      }
    }
    const { code, out } = await driver.ended;
    assert.equal(code, 1, out);
    const outcome = await readStudyOutcome(join(project.root, "results", "demo"));
    assert.deepEqual(outcome?.runs.map(({ state }) => state), [...Array.from({ length: 6 }, () => "done"), "failed"], out);
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed), [1, 2, 3, 4, 5, 6]);
    const counts = await stepCounts(project);
    assert.equal(counts.size, 72);
    const repeated = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
    assert.ok(hit.length === 6 && repeated <= 6, `${repeated} steps repeated after ${hit.length} kills`);
  });

  it("does everything once when two drivers start at the same moment: on one study, and on two studies with runs of the same key", async () => {
    await using project = await disposable();
    const runs = `runs:\n${entry({ seeds: "[1, 2, 3]", steps: 6, ms: 40 })}`;
    for (const name of ["one", "other"]) await project.study(name, runs);
    const ended = await Promise.all(["one", "one", "other", "other"].map((name) => startDriver(project, name, "local").ended));
    const refused = ended.filter(({ code }) => code !== 0);
    for (const { out } of refused) assert.match(out, /is being run by another process already/);
    for (const pair of [ended.slice(0, 2), ended.slice(2)]) assert.ok(pair.some(({ code }) => code === 0), pair.map(({ out }) => out).join("\n"));
    const counts = await stepCounts(project);
    assert.deepEqual([counts.size, Math.max(...counts.values())], [18, 1]);
    for (const name of ["one", "other"]) assert.deepEqual((await project.records(name)).map(({ seed }) => seed), [1, 2, 3]);
  });

  it("takes over a key from a study that was killed whole, and ends what its programs still do", async () => {
    await using project = await disposable();
    for (const [name, steps] of [["one", 400], ["other", 400]] as const) await project.study(name, `runs:\n${entry({ steps, ms: 8 })}`);
    const first = startDriver(project, "one", "local");
    while ((await project.steps()).length < 5) await sleep(20);
    const { workers, programs } = await processesOf(project);
    for (const pid of [first.child.pid!, ...workers]) process.kill(pid, "SIGKILL");
    await first.ended;
    const second = startDriver(project, "other", "local");
    while ((await processesOf(project)).programs.every((pid) => programs.includes(pid))) await sleep(20);
    assert.ok(programs.every((pid) => !existsSync(`/proc/${pid}`)), "the orphan was ended before the work began anew");
    const { code, out } = await second.ended;
    assert.equal(code, 0, out);
    assert.deepEqual((await project.records("other")).map(({ seed }) => seed), [1]);
    assert.deepEqual(await readdir(join(project.root, ".folio", "cache", "claims")), []);
  });

  it("has no worker left when its driver is gone", async () => {
    await using project = await disposable();
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2]", steps: 400, ms: 25 })}`);
    const driver = startDriver(project, "demo", "local");
    while ((await processesOf(project)).programs.length < 2) await sleep(30);
    driver.child.kill("SIGKILL");
    for (let waited = 0; waited < 6000; waited += 50) {
      const { workers, programs } = await processesOf(project);
      if (workers.length + programs.length === 0) return;
      await sleep(50);
    }
    assert.fail("workers or programs still run 6 s after their driver was killed");
  });

  it("does not care what time it is: clocks that jump by years, in driver and workers, and a kill in between", async () => {
    await using project = await disposable();
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2, 3]", steps: 8, ms: 40, more: "    retries: 3\n" })}`);
    const jumping = "let n = 0; const real = Date.now; Date.now = () => real() + (n++ % 3 - 1) * 1e11;";
    const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(jumping)}` };
    const first = startDriver(project, "demo", "local", env);
    while ((await project.steps()).length < 4) await sleep(30);
    first.child.kill("SIGKILL");
    await first.ended;
    const { code, out } = await startDriver(project, "demo", "local", env).ended;
    assert.equal(code, 0, out);
    const repeated = [...(await stepCounts(project)).values()].reduce((sum, count) => sum + count - 1, 0);
    assert.ok(repeated <= 3, `${repeated} steps repeated`);
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed), [1, 2, 3]);
  });

  const mount = tmpfs(3);
  it("loses nothing on a full disk, and goes on when there is room", { skip: mount === undefined && "SKIPPED, NOT TESTED: no file system of a fixed size can be mounted here (needs root)" }, async () => {
    await using disk = mount!;
    await using project = await disposable(disk.folder);
    await project.study("demo", `runs:\n${entry({ seeds: "[1, 2, 3]", steps: 3, more: "    retries: 0\n" })}`);
    const filler = join(disk.folder, "filler");
    await writeFile(filler, Buffer.alloc(2 ** 20));
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"], { stdio: "ignore" });
    const full = await startDriver(project, "demo", "local").ended;
    assert.notEqual(full.code, 0);
    assert.match(full.out, /ENOSPC|no space left/i);
    await rm(filler);
    const after = await startDriver(project, "demo", "local").ended;
    assert.equal(after.code, 0, after.out);
    assert.deepEqual((await project.records("demo")).map(({ seed }) => seed), [1, 2, 3]);
    const store = openStore(join(project.root, ".folio", "cache"));
    for (const { key } of await store.entries()) assert.ok(await store.find(key), "every entry has its files");
  });
});

async function disposable(parent?: string) {
  const project = await makeProject(parent);
  return { ...project, [Symbol.asyncDispose]: () => project.remove() };
}

/** A file system of so many megabytes; undefined where it cannot be mounted. */
function tmpfs(megabytes: number): ({ readonly folder: string } & AsyncDisposable) | undefined {
  const folder = mkdtempSync(join(tmpdir(), "folio-full-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "folio-test", folder]).status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  return {
    folder,
    async [Symbol.asyncDispose]() {
      spawnSync("umount", ["-l", folder]);
      rmdirSync(folder);
    },
  };
}
