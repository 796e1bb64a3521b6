import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planWeights } from "../../io/index.js";
import { rasaloreTarget } from "./published-weights.js";

/** Shapes as RASALoRE's specification lists them in its published files (§3.1, §3.5). */
describe("what published files are taken for", () => {
  const shapesOf = (architecture: "encoder" | "decoder" | "clip-vit-b32"): Map<string, readonly number[]> =>
    new Map(rasaloreTarget(architecture).slots.map(({ from, shape }) => [from, shape]));
  it("encoder and decoder of RASALoRE", () => {
    const encoder = shapesOf("encoder");
    assert.deepEqual(encoder.get("e1.conv.conv1.weight"), [32, 1, 3, 3]);
    assert.deepEqual(encoder.get("adapter1.upconv1.0.weight"), [64, 128, 3, 3], "a transposed convolution keeps [in, out, k, k]");
    assert.deepEqual(encoder.get("adapter1.conv.1.running_mean"), [64]);
    assert.deepEqual(encoder.get("adapter2.query_projections.3.weight"), [256, 256]);
    assert.deepEqual(encoder.get("adapter2.FF.6.weight"), [1, 64]);
    const decoder = shapesOf("decoder");
    assert.deepEqual(decoder.get("positional_encoding"), [1, 256, 64, 64]);
    assert.deepEqual(decoder.get("cross_attention.in_proj_weight"), [768, 256]);
    assert.deepEqual(decoder.get("upsample.0.weight"), [1024, 128, 4, 4]);
    assert.deepEqual(decoder.get("norm2.weight"), [1024]);
  });
  it("CLIP ViT-B/32", () => {
    const clip = shapesOf("clip-vit-b32");
    for (const [name, shape] of Object.entries({
      "visual.conv1.weight": [768, 3, 32, 32], "visual.class_embedding": [768], "visual.positional_embedding": [50, 768], "visual.proj": [768, 512],
      "visual.transformer.resblocks.11.attn.in_proj_weight": [2304, 768], "visual.transformer.resblocks.0.mlp.c_fc.weight": [3072, 768],
      "token_embedding.weight": [49408, 512], positional_embedding: [77, 512], text_projection: [512, 512], logit_scale: [],
    })) assert.deepEqual(clip.get(name), shape, name);
  });
  it("counts of batches and of sizes have no place, anything else is left over", () => {
    const target = rasaloreTarget("encoder");
    const tensors = [...target.slots.map(({ from, shape }) => ({ name: from, shape, dtype: "float32" as const, bytes: 4 })),
      { name: "adapter1.conv.1.num_batches_tracked", shape: [], dtype: "int64" as const, bytes: 8 }, { name: "surprise", shape: [1], dtype: "float32" as const, bytes: 4 }];
    const plan = planWeights(tensors, target);
    assert.deepEqual([plan.missing, plan.otherShape, plan.leftOver], [[], [], ["surprise"]]);
    assert.equal(plan.unneeded.length, 1);
  });
});
