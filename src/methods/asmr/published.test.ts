import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../../engine/index.js";
import { planWeights, writeSafetensors, type TensorInput } from "../../io/index.js";
import { assignArrays, disposeWeights, namedVariables, readArrays } from "../../nn/index.js";
import { presets, type AsmrConfig } from "./config.js";
import { initActorCritic } from "./policy.js";
import { inSequence, publishedArchitectures, publishedTarget, readNetwork, readPolicy } from "./published.js";
import { initSegmenter } from "./segmenter.js";

let [engine, folder] = [undefined as unknown as Engine, ""];
before(async () => {
  engine = await openEngine();
  folder = await mkdtemp(join(tmpdir(), "folio-asmr-weights-"));
});
after(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const count = (architecture: (typeof publishedArchitectures)[number]): number =>
  publishedTarget(architecture).slots.filter(({ from }) => !from.includes("running_")).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe("what ASMR-seg takes from published files", () => {
  it("counts the published parameters (spec §10, vector 18)", () => {
    assert.deepEqual(publishedArchitectures.map(count), [31_036_676, 17_262_020, 22_836_390, 22_836_390, 1_471_972, 253_588, 22_805_069, 2 * 11_176_512]);
  });

  it("knows the repositories' names", () => {
    const names = (architecture: (typeof publishedArchitectures)[number]): string[] => publishedTarget(architecture).slots.map(({ from }) => from);
    for (const name of ["inc.double_conv.0.weight", "down4.maxpool_conv.1.double_conv.4.running_var", "up1.up.bias", "up4.conv.double_conv.3.weight", "outc.conv.bias"]) assert.ok(names("unet").includes(name), name);
    for (const name of ["conv_blocks_context.0.blocks.0.conv.weight", "conv_blocks_context.5.1.blocks.0.instnorm.bias", "loc0.4.1.blocks.0.conv.bias", "up3.1.weight", "seg_outputs.4.weight"]) assert.ok(names("unetpp").includes(name), name);
    for (const name of ["encoder1.weight", "ebn3.running_mean", "patch_embed4.proj.bias", "block1.0.mlp.dwconv.dwconv.weight", "dblock2.0.norm2.weight", "final.bias"]) assert.ok(names("unext").includes(name), name);
    for (const name of ["pi.logits_net.conv_kspace.weight", "pi.logits_net.backbone.4.0.conv1.weight", "v.backbone.7.1.bn2.running_var", "v.backbone.5.0.downsample.1.weight", "v.trunk.1.bias", "pi.logits_net.out_layer.2.weight"]) assert.ok(names("policy").includes(name), name);
    const shapes = new Map(publishedTarget("unext").slots.map(({ from, shape }) => [from, shape.join()]));
    assert.deepEqual([shapes.get("block1.0.mlp.dwconv.dwconv.weight"), shapes.get("encoder1.weight"), shapes.get("block1.0.mlp.fc1.weight")], ["160,1,3,3", "16,3,3,3", "160,160"]);
    assert.deepEqual(["conv1.weight", "bn1.bias", "layer1.0.conv2.weight", "layer4.1.downsample.0.weight"].map(inSequence), ["0.weight", "1.bias", "4.0.conv2.weight", "7.1.downsample.0.weight"]);
  });

  for (const network of ["unet", "unetpp", "unext"] as const) {
    it(`reads a ${network} whatever stands before its names, and leaves counters out`, async () => {
      const config = { ...presets.small, rewardModel: { ...presets.small.rewardModel, network, unet: { widths: [2, 4], upsampling: "transposed" as const }, unetpp: { base: 2, cap: 4, norm: "batch" as const } } };
      const [source, goal] = [1, 2].map((seed) => initSegmenter(engine.tf, config, seed));
      const arrays = await readArrays(namedVariables(source.weights.net));
      const file = join(folder, `${network}.safetensors`);
      const published = [...arrays].map(([name, array]): [string, TensorInput] => [`state_dict.model.${name}`, array]);
      await writeSafetensors(file, new Map([...published, ["state_dict.model.bn.num_batches_tracked", { data: [1], shape: [1] }]]));
      assignArrays(engine.tf, namedVariables(goal.weights), await readNetwork(file, config.rewardModel), file);
      assert.deepEqual(Object.fromEntries(await readArrays(namedVariables(goal.weights.net))), Object.fromEntries(arrays));
      await assert.rejects(readNetwork(file, presets.paper.rewardModel), { code: "missing-tensor" });
      for (const { weights } of [source, goal]) disposeWeights(weights);
    });
  }

  it("reads actor and critic with their ResNets in sequence", async () => {
    const config: Pick<AsmrConfig, "data" | "environment" | "policy"> = { ...presets.paper, data: { ...presets.paper.data, size: 32, sampledIndices: [0, 31] } };
    const policy = initActorCritic(engine.tf, config, 1);
    const arrays = await readArrays(namedVariables(policy.weights));
    const published = [...arrays].map(([name, array]): [string, TensorInput] => [name.replace(/backbone\.(.+)$/, (_, rest: string) => `backbone.${inSequence(rest)}`), array]);
    const file = join(folder, "best_model.safetensors");
    await writeSafetensors(file, new Map(published));
    const read = await readPolicy(file, config);
    assert.deepEqual([...read.keys()].sort(), [...arrays.keys()].sort());
    for (const name of ["pi.logits_net.backbone.layer3.0.conv1.weight", "v.conv_kspace.weight"]) assert.deepEqual(read.get(name)!.data, arrays.get(name)!.data);
    assert.deepEqual([planWeights([], publishedTarget("resnet18")).missing.length, publishedTarget("resnet18").slots.length], [100, 200]);
    disposeWeights(policy.weights);
  });
});
