import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { once, type Step } from "./once.js";

describe("once", () => {
  let folder: string;
  let runs: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-once-"));
    runs = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const step = (ingredients: Record<string, string> = { code: "a", seed: "1" }): Step => ({
    name: "report",
    ingredients,
    outputs: [join(folder, "report.html")],
    async run() {
      runs++;
      await writeFile(join(folder, "report.html"), JSON.stringify(ingredients));
    },
  });
  const stamps = (): string => join(folder, "steps");

  it("runs once for equal ingredients, and says it was the first run", async () => {
    assert.deepEqual((await once(step(), stamps())).because, ["first run"]);
    assert.equal((await once(step({ seed: "1", code: "a" }), stamps())).ran, false);
    assert.equal(runs, 1);
  });

  it("runs again when any ingredient changes, appears or goes, and names it", async () => {
    await once(step(), stamps());
    assert.deepEqual((await once(step({ code: "a", seed: "2" }), stamps())).because, ["seed"]);
    assert.deepEqual((await once(step({ code: "a" }), stamps())).because, ["seed"]);
    assert.deepEqual((await once(step({ code: "a", data: "x" }), stamps())).because, ["data"]);
    assert.equal(runs, 4);
  });

  it("runs again when an output was deleted or edited", async () => {
    await once(step(), stamps());
    await writeFile(join(folder, "report.html"), "edited by hand");
    assert.deepEqual((await once(step(), stamps())).because, [`output ${join(folder, "report.html")}`]);
    await rm(join(folder, "report.html"));
    assert.equal((await once(step(), stamps())).ran, true);
  });

  it("counts a step that failed half-way as not done", async () => {
    await once(step(), stamps());
    const failing: Step = { ...step({ code: "b" }), run: () => Promise.reject(new Error("disk full")) };
    await assert.rejects(once(failing, stamps()), /disk full/);
    assert.deepEqual((await once(step(), stamps())).because, ["first run"]);
  });

  it("watches outputs whose names only the finished work knows", async () => {
    const records = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
    const writes: Step = { ...step(), outputs: records, run: () => writeFile(join(folder, "a.json"), "1") };
    await once(writes, stamps());
    assert.equal((await once(writes, stamps())).ran, false);
    await rm(join(folder, "a.json"));
    assert.deepEqual((await once(writes, stamps())).because, [`output ${join(folder, "a.json")}`]);
    await writeFile(join(folder, "stray.json"), "2");
    assert.deepEqual((await once(writes, stamps())).because, [`output ${join(folder, "stray.json")}`]);
  });
});
