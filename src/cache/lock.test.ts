import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { takeLock, tryLock, withLock } from "./lock.js";

describe("a lock", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-lock-"));
    path = join(folder, "lock");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const holder = (fields: object): Promise<void> => writeFile(path, JSON.stringify({ token: "t", host: hostname(), pid: 1, began: "", ...fields }));

  it("is held by one at a time, and leaves nothing behind", async () => {
    let [inside, most] = [0, 0];
    await Promise.all(
      Array.from({ length: 12 }, () =>
        withLock(path, async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside--;
        }, { pollMs: 3 }),
      ),
    );
    assert.equal(most, 1);
    assert.deepEqual(await readdir(folder), []);
  });

  it("is free at once when its holder, a process of this computer, has died", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await holder({ pid: child.pid });
    const lock = await tryLock(path);
    assert.ok(lock);
    await lock.release();
  });

  it("is free when the holder's process id now belongs to another process", { skip: process.platform !== "linux" && "needs /proc" }, async () => {
    await holder({ pid: process.pid, began: "12" });
    assert.ok(await tryLock(path));
  });

  it("is not taken from a living holder, whatever the clocks say", async () => {
    const lock = await takeLock(path);
    for (const time of [0, Date.now() / 1000 + 1e9]) {
      await utimes(path, time, time);
      assert.equal(await tryLock(path), undefined);
    }
    await lock.release();
  });

  it("is taken from another computer only after it has stood still for as long as agreed", async () => {
    await holder({ host: "elsewhere" });
    assert.equal(await tryLock(path), undefined);
    const beats = setInterval(() => void utimes(path, new Date(), new Date()), 30);
    const started = performance.now();
    const taking = takeLock(path, { staleMs: 250, pollMs: 20 });
    setTimeout(() => clearInterval(beats), 400);
    const lock = await taking;
    assert.ok(performance.now() - started >= 600, "not while it gave signs of life");
    await lock.release();
  });

  it("tells a holder that was thought dead", async () => {
    const lock = await takeLock(path);
    await holder({ token: "thief" });
    const awake = setInterval(() => {}, 1000); // The lock itself keeps no process alive.
    await once(lock.lost, "abort");
    clearInterval(awake);
    await lock.release();
    assert.match(await readFile(path, "utf8"), /thief/, "and does not release another's lock");
  });
});
