import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { canonicalJson, writeFileAtomic } from "./files.js";

describe("writeFileAtomic", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-files-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("replaces a file whole, makes folders, and leaves no temporary file", async () => {
    const path = join(folder, "a", "b.json");
    await writeFileAtomic(path, "old");
    await writeFileAtomic(path, "new");
    assert.equal(await readFile(path, "utf8"), "new");
    assert.deepEqual(await readdir(join(folder, "a")), ["b.json"]);
  });

  it("leaves nothing behind when the target cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    await assert.rejects(writeFileAtomic(join(folder, "file", "below"), "x"));
    assert.ok(!(await readdir(folder)).some((name) => name.endsWith(".tmp")));
  });
});

describe("canonicalJson", () => {
  it("sorts keys at every depth and refuses numbers JSON does not have", () => {
    assert.equal(canonicalJson({ b: 1, a: { d: [2, { z: 1, y: 2 }], c: null } }), '{"a":{"c":null,"d":[2,{"y":2,"z":1}]},"b":1}');
    assert.throws(() => canonicalJson({ auc: NaN }), /auc is NaN/);
  });
});
