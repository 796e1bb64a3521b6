import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { collectGarbage } from "./collect.js";
import { changes, contentKey } from "./entry.js";
import { openStore, type Store } from "./store.js";

describe("the store", () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-store-"));
    store = openStore(join(folder, "store"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const back = (entry: Parameters<Store["restore"]>[0]) => store.restore(entry, (path) => join(folder, "back", path));

  it("gives back what was put under the same ingredients, in any order", async () => {
    await store.put("run", { seed: "1", code: "a" }, { "records/r.json": await file("r.json", "{}") }, { seconds: 3 });
    const found = await store.find(contentKey({ code: "a", seed: "1" }));
    assert.equal(found?.facts.seconds, 3);
    assert.equal(await back(found!), true);
    assert.equal(await readFile(join(folder, "back/records/r.json"), "utf8"), "{}");
    assert.equal(await store.find(contentKey({ code: "b", seed: "1" })), undefined);
  });

  it("puts back what was deleted or edited, and nothing else", async () => {
    const entry = await store.put("run", { seed: "1" }, { "a.txt": await file("a.txt", "A") });
    await back(entry);
    await writeFile(join(folder, "back/a.txt"), "edited");
    await back(entry);
    assert.equal(await readFile(join(folder, "back/a.txt"), "utf8"), "A");
    assert.deepEqual(await readdir(join(folder, "back")), ["a.txt"]);
  });

  it("forgets an entry whose object is damaged or gone, instead of giving it out", async () => {
    const entry = await store.put("run", { seed: "1" }, { "a.txt": await file("a.txt", "A") });
    await writeFile(store.objectPath(entry.files["a.txt"].sha256), "B");
    assert.equal(await back(entry), false);
    assert.equal(await store.find(entry.key), undefined);
    const again = await store.put("run", { seed: "1" }, { "a.txt": await file("a.txt", "A") });
    await rm(store.objectPath(again.files["a.txt"].sha256));
    assert.equal(await store.find(again.key), undefined);
  });

  it("knows a name's newest entry, and what changed since", async () => {
    await store.put("run", { seed: "1", "code a.ts": "x", gone: "g" }, {});
    const before = await store.latest("run");
    assert.deepEqual(changes(before!.ingredients, { seed: "2", "code a.ts": "x", data: "d" }), [
      { ingredient: "data", how: "new", now: "d" },
      { ingredient: "gone", how: "gone", before: "g" },
      { ingredient: "seed", how: "changed", before: "1", now: "2" },
    ]);
  });

  it("collects what is no longer asked for, and only that", async () => {
    const old = await store.put("run", { seed: "1" }, { "a.txt": await file("a.txt", "old"), "b.txt": await file("b.txt", "shared") });
    const now = await store.put("run", { seed: "2" }, { "a.txt": await file("a.txt", "new"), "b.txt": await file("b.txt", "shared") });
    assert.deepEqual(await collectGarbage(store, { dryRun: true }), { entries: 1, objects: 1, bytes: 3, keptEntries: 1, keptBytes: 9 });
    assert.ok(await store.find(old.key), "a dry run removes nothing");
    assert.equal((await collectGarbage(store)).objects, 1);
    assert.equal(await store.find(old.key), undefined);
    assert.equal(await back((await store.find(now.key))!), true);
  });

  it("serves several processes that put, read and collect at once", async () => {
    const module = new URL("../index.js", import.meta.url).href;
    const program = `
      const { openStore, collectGarbage, contentKey } = await import(${JSON.stringify(module)});
      const { writeFileSync } = await import("node:fs");
      const [folder, me] = process.argv.slice(1);
      const store = openStore(folder + "/store");
      for (let i = 0; i < 25; i++) {
        const from = folder + "/" + me + ".txt";
        writeFileSync(from, "content " + (i % 5));
        const entry = await store.put("run " + (i % 5), { i: String(i % 5) }, { "x.txt": from });
        if (i % 7 === 0) await collectGarbage(store);
        const found = await store.find(contentKey({ i: String(i % 5) }));
        if (!found || !(await store.restore(found, (path) => folder + "/out-" + me + "/" + path))) throw new Error("lost " + entry.key);
      }`;
    const children = ["a", "b", "c"].map((me) => spawn(process.execPath, ["--input-type=module", "-e", program, folder, me], { stdio: "inherit" }));
    const codes = await Promise.all(children.map((child) => once(child, "close").then(([code]) => code as number)));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.equal((await store.entries()).length, 5);
    assert.deepEqual(await readdir(join(store.folder, "incoming")), []);
  });
});
