import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { fillByName, near, numbers, readGolden } from "../golden.fixture.js";
import { namedVariables } from "../named.js";
import { materialise, namedParameters, plannedCount } from "../plan.js";
import type { Tensor4D } from "../tensorflow.js";
import { offsetIndex, planTinyVit, tinySam, tinyVit, tinyVitGrid, type TinyVitConfig, type TinyVitWeights } from "./index.js";

/** From PyTorch: tests/golden/prs_med.py. */
const golden = readGolden<{
  readonly torch: string; readonly vit_eval: number[]; readonly vit_train: number[]; readonly vit_running_mean: number[]; readonly vit_loss: number; readonly vit_gradients: Readonly<Record<string, number[]>>;
}>("prs_med");

const tiny: TinyVitConfig = { imageSize: 40, stem: 4, widths: [8, 12, 16], depths: [1, 2, 1], heads: [1, 2, 4], windows: [1, 3, 2], mergeStrides: [2, 1], channels: 16 };
let engine: Engine;
let tf: Engine["tf"];
let weights: TinyVitWeights;
before(async () => {
  engine = await openEngine();
  tf = engine.tf;
  weights = materialise(tf, planTinyVit(tiny), seededRandom(1));
});
after(() => engine.close());

const centred = (name: string, shape: readonly number[]): readonly [number, number] => [shape.length > 1 ? 0.5 : 0.2, name.endsWith("running_var") || (shape.length === 1 && name.endsWith("weight")) ? 1 : 0];
const images = (): Tensor4D => tf.tensor4d(numbers("images", 2 * 40 * 40 * 3), [2, 40, 40, 3]);

describe("TinySAM's encoder", () => {
  it("uses 5,743,892 parameters, stage by stage as published", () => {
    const plan = planTinyVit(tinySam);
    assert.equal(plannedCount(plan), 5_743_892);
    assert.deepEqual([plan.patch_embed, plan.layers[0], plan.layers[1], plan.layers[2], plan.layers[3], plan.neck].map(plannedCount), [19_488, 98_944, 448_232, 2_030_520, 2_473_940, 672_768]);
    assert.equal(tinyVitGrid(tinySam), 64);
  });
  it("has the checkpoint's names and shapes", () => {
    const shapes = new Map(namedParameters(planTinyVit(tinySam)).map(({ name, parameter }) => [name, parameter.shape.join()]));
    assert.equal(shapes.get("layers.2.blocks.0.attn.qkv.weight"), "480,160");
    assert.equal(shapes.get("patch_embed.seq.0.c.weight"), "3,3,3,32"); // [32, 3, 3, 3] in the file
    assert.ok(shapes.has("layers.0.downsample.conv2.bn.running_var"));
  });
  it("numbers the window biases as the specification's 2×2 example", () => assert.deepEqual(offsetIndex(2), [0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0]));
});

describe(`a tiny TinyViT agrees with PyTorch ${golden.torch}`, () => {
  it("by running statistics", async () => {
    await fillByName(tf, weights, centred);
    await near(tinyVit(tf, images(), weights, tiny, "eval"), golden.vit_eval, "eval");
  });
  it("by the batch's statistics, with its gradients", async () => {
    await fillByName(tf, weights, centred);
    await near(tinyVit(tf, images(), weights, tiny, "train"), golden.vit_train, "train", 1e-4);
    await near(weights.layers[1].blocks[0].local_conv.bn.running_mean, golden.vit_running_mean, "running mean");
    const weigh = tf.tensor4d(numbers("weigh", 2 * 5 * 5 * 16), [2, 5, 5, 16]);
    const named = Object.keys(golden.vit_gradients).map((name) => namedVariables(weights).find((each) => each.name === name)!.variable);
    const { value, grads } = tf.variableGrads(() => tinyVit(tf, images(), weights, tiny, "train").mul(weigh).mean().asScalar(), named);
    await near(value, [golden.vit_loss], "loss", 1e-3);
    for (const [i, [name, expected]] of Object.entries(golden.vit_gradients).entries()) {
      const gradient = grads[named[i].name];
      await near(gradient.rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient, expected, name, 1e-3);
    }
  });
});
