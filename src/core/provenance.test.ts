import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { codeIdentity } from "./provenance.js";

describe("codeIdentity", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "folio-code-"));
    await mkdir(join(root, "dist", "io"), { recursive: true });
    await writeFile(join(root, "dist", "io", "wav.js"), "export {};");
  });
  after(() => rm(root, { recursive: true }));

  it("changes with a module's bytes and name, not with a test or a source map", async () => {
    const before = await codeIdentity(root);
    assert.equal(before.lockfile, "none");
    await writeFile(join(root, "dist", "io", "wav.test.js"), "test");
    await writeFile(join(root, "dist", "io", "wav.js.map"), "{}");
    assert.deepEqual(await codeIdentity(root), before);
    await writeFile(join(root, "dist", "io", "wav.js"), "export { };");
    assert.notEqual((await codeIdentity(root)).code, before.code);
  });
});
