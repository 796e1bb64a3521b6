import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../../engine/index.js";
import { twinFile } from "../../nn/published.fixture.js";
import { makeBase } from "./base.js";
import { tinyConfig } from "./cases.fixture.js";
import { openEncoderFile, readEncoder } from "./encoder-file.js";

describe("a published image encoder instead of its stand-in", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine();
  });
  after(() => engine.close());

  /** The sizes of the files in tests/golden/weights. */
  const config = { ...tinyConfig, encoder: { imageSize: 40, stem: 4, widths: [8, 12, 16], depths: [1, 2, 1], heads: [1, 2, 4], windows: [1, 3, 2], mergeStrides: [2, 1], channels: 16 } };

  for (const name of ["tinysam.pth", "prs_med_image_encoder.pth"]) {
    it(`${name}: a run's base holds the file's numbers, and no encoder is trained`, async () => {
      const encoder = await openEncoderFile(twinFile(name), config.encoder);
      const base = await makeBase({ runner: engine, config, seed: 1, encoder });
      assert.deepEqual([base.losses.tower.length, base.losses.encoder], [3, []]);
      const given = await readEncoder(encoder);
      assert.ok(given.size > 20);
      for (const [to, { data }] of given) assert.deepEqual(base.arrays.get(to)!.data, data, to);
    });
  }

  it("is refused before anything is trained where its sizes are not the configuration's", async () => {
    await assert.rejects(openEncoderFile(twinFile("tinysam.pth"), tinyConfig.encoder), { code: "missing-tensor", message: /tinysam\.pth: has image_encoder\..* of shape \[4, 3, 3, 3\]/ });
    await assert.rejects(openEncoderFile("nowhere.pth", config.encoder), { code: "not-found" });
  });
});
