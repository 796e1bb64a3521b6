import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadRated } from "../rated/load.js";
import { makeRefuge } from "./make.js";
import { readRefuge } from "./read.js";

describe("REFUGE", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "folio-refuge-"));
    await makeRefuge({ out: root, seed: 5 });
  });
  after(() => rm(root, { recursive: true }));

  it("is generated and read back: JPEG in colour, seven nested cups", async () => {
    const { images, raterCount, problems } = await readRefuge(root);
    assert.deepEqual([images.length, raterCount, problems.length], [12, 7, 0]);
    const { image, raters, valid } = await loadRated(images[0], 64);
    assert.ok(valid.every(Boolean));
    for (let rater = 1; rater < 7; rater++) assert.ok(raters[rater - 1].every((x, i) => x <= raters[rater][i]));
    const mean = (channel: number): number => image.filter((_, i) => i % 3 === channel).reduce((sum, x) => sum + x, 0) / 4096;
    assert.ok(mean(0) > mean(1) && mean(1) > mean(2), "red over green over blue");
  });

  it("leaves out an image that lacks a rater, and says which", async () => {
    await rm(join(root, "Test-400", "T0002", "T0002_seg_cup_4.png"));
    const { images, problems } = await readRefuge(root, { splits: ["test"] });
    assert.equal(images.length, 3);
    assert.deepEqual(problems, [{ code: "missing-mask", path: "Test-400/T0002", message: "there is no T0002_seg_cup_4.png" }]);
  });
});
