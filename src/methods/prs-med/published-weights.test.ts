import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planWeights, requireComplete } from "../../io/index.js";
import { prsMedTarget, publishedFiles, type PublishedFile } from "./published-weights.js";

const listed = (names: readonly (readonly [string, readonly number[]])[]) => names.map(([name, shape]) => ({ name, shape: [...shape], dtype: "float32" as const, bytes: 0 }));

describe("published files find their places", () => {
  it("TinySAM: every tensor of the encoder, the rest named", () => {
    const target = prsMedTarget("tinysam");
    assert.equal(target.slots.find(({ from }) => from === "layers.2.blocks.0.attn.qkv.weight")!.shape.join(), "480,160");
    assert.equal(target.slots.find(({ from }) => from === "patch_embed.seq.0.c.weight")!.shape.join(), "32,3,3,3");
    assert.equal(target.slots.find(({ from }) => from === "layers.1.blocks.0.local_conv.c.weight")!.shape.join(), "128,1,3,3");
    const file = [...target.slots.map(({ from, shape }) => [`image_encoder.${from}`, shape] as const), ["image_encoder.layers.0.blocks.0.conv1.bn.num_batches_tracked", []] as const, ["image_encoder.norm_head.weight", [320]] as const, ["mask_decoder.iou_token.weight", [1, 256]] as const];
    const plan = planWeights(listed(file) as never, target);
    requireComplete(plan, target, "tinysam_42.3.pth");
    assert.deepEqual([plan.prefix, plan.missing.length, plan.unneeded.length, plan.leftOver], ["image_encoder.", 0, 2, ["mask_decoder.iou_token.weight"]]);
  });

  it("an encoder that is there twice must be chosen", () => {
    const target = prsMedTarget("tinysam");
    const twice = ["image_encoder.", "sam.image_encoder."].flatMap((prefix) => target.slots.map(({ from, shape }) => [prefix + from, shape] as const));
    assert.throws(() => planWeights(listed(twice) as never, target), { code: "usage" });
    assert.equal(planWeights(listed(twice) as never, target, "sam.image_encoder.").missing.length, 0);
  });

  it("LLaVA-Med and the adapters by the published names and shapes", () => {
    const shapeIn = (file: PublishedFile, name: string) => prsMedTarget(file).slots.find(({ from }) => from === name)?.shape.join();
    assert.equal(shapeIn("llava-med", "model.layers.31.self_attn.k_proj.weight"), "1024,4096");
    assert.equal(shapeIn("llava-med", "model.layers.0.mlp.down_proj.weight"), "4096,14336");
    assert.equal(shapeIn("llava-med", "model.mm_projector.0.weight"), "4096,1024");
    assert.equal(shapeIn("llava-med", "lm_head.weight"), "32000,4096");
    assert.equal(shapeIn("lora", "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight"), "16,4096");
    assert.equal(shapeIn("mask-decoder", "prompt_projection.0.weight"), "512,4096");
    for (const file of Object.keys(publishedFiles) as PublishedFile[]) assert.equal(new Set(prsMedTarget(file).slots.map(({ to }) => to)).size, prsMedTarget(file).slots.length);
  });
});
