import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import type { LoadedSlice } from "../../datasets/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { fillByName, near, numbers, readGolden } from "../../nn/golden.fixture.js";
import { disposeWeights, materialise, type SamConfig } from "../../nn/index.js";
import type { Box } from "./box.js";
import { presets, type RasaloreForm } from "./config.js";
import { planSam, samSegmenter, type SamWeights } from "./medsam.js";
import { boxMask, segmenterMask, type BoxSegmenter } from "./segmenter.js";

const golden = readGolden<{ torch: string; box: { probability: number[][] } }>("sam");
const tiny: SamConfig = {
  imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, mlpRatio: 4, positionGrid: 5,
  channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2,
};

let engine: Engine;
let tf: Engine["tf"];
let weights: SamWeights;
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
  ({ tf } = engine);
  weights = materialise(tf, planSam(tiny), seededRandom(1));
  await fillByName(tf, weights, (name, shape) => [shape.length > 1 ? 0.5 : 0.2, name.includes("norm") && name.includes("weight") ? 1 : 0]);
});
after(async () => {
  disposeWeights(weights);
  await engine.close();
});

describe("samSegmenter", () => {
  const bytes = Uint8Array.from(numbers("grey", 2 * 24 * 24), (x) => Math.floor((x + 1) * 127.9));
  const boxes: Box[] = [{ left: 3, top: 5.5, right: 17.25, bottom: 20 }, { left: 0, top: 2, right: 23, bottom: 11 }];

  it(`draws what PyTorch ${golden.torch} draws in a box, and leaks nothing`, async () => {
    const segmenter = samSegmenter(tf, weights, tiny, "tiny");
    assert.equal(segmenter.maskSize, 24);
    const before = tf.memory().numTensors;
    for (const [i, box] of boxes.entries()) {
      const probability = await segmenter.segment({ width: 24, height: 24, image: bytes.subarray(576 * i, 576 * (i + 1)) }, box);
      const tensor = tf.tensor1d(probability);
      await near(tensor, golden.box.probability[i], `item ${i}`);
      tensor.dispose();
    }
    assert.equal(tf.memory().numTensors, before);
  });
  it("scales the box with the slice", async () => {
    const segmenter = samSegmenter(tf, weights, tiny, "tiny");
    const flat = (size: number) => ({ width: size, height: size, image: new Uint8Array(size * size).fill(90) });
    const small = await segmenter.segment(flat(24), { left: 4, top: 4, right: 16, bottom: 20 });
    const large = await segmenter.segment(flat(48), { left: 8, top: 8, right: 32, bottom: 40 });
    assert.ok(small.every((p, i) => Math.abs(p - large[i]) < 1e-6));
  });
});

describe("segmenterMask", () => {
  const slice = { slice: { id: "p_1" }, width: 8, height: 8, image: new Uint8Array(64) } as unknown as LoadedSlice;
  const map = { size: 16, data: Uint8Array.from({ length: 256 }, (_, i) => (i % 16 >= 4 && i % 16 < 12 && i >= 64 && i < 192 ? 200 : 0)) };
  const asked: Box[] = [];
  /** Answers with the box it was asked about, between .2 and .4. */
  const stub: BoxSegmenter = { name: "stub", maskSize: 8, segment: async (_, box) => (asked.push(box), Float32Array.from(boxMask(box, 8), (inside) => 0.2 + 0.2 * inside)) };
  const config = (box: RasaloreForm["box"]) => ({ ...presets.small, guide: { ...presets.small.guide, jitter: 0 }, form: { ...presets.small.form, box } });

  it("asks about the map's box in the slice's pixels, and cuts the answer at half of its own range", async () => {
    const mask = await segmenterMask(stub, slice, map, config("scaled"));
    assert.deepEqual(asked.at(-1), { left: 2, top: 2, right: 5, bottom: 5 });
    assert.deepEqual([mask!.size, [...mask!.data]], [8, [...boxMask({ left: 2, top: 2, right: 5, bottom: 5 }, 8)].map((inside) => 255 * inside)]);
  });
  it("as published takes the map's pixels for the slice's", async () => {
    await segmenterMask(stub, slice, map, config("unscaled"));
    assert.deepEqual(asked.at(-1), { left: 4, top: 4, right: 11, bottom: 11 });
  });
  it("a flat map prompts nothing", async () => assert.equal(await segmenterMask(stub, slice, { size: 16, data: new Uint8Array(256) }, config("scaled")), undefined));
  it("a flat answer is an empty mask", async () => {
    const mask = await segmenterMask({ ...stub, segment: async () => new Float32Array(64).fill(0.7) }, slice, map, config("scaled"));
    assert.ok(mask!.data.every((value) => value === 0));
  });
});
