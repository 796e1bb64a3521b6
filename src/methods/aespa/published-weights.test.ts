import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { openEngine, type Engine } from "../../engine/index.js";
import { openTensorFile, planWeights, requireComplete, writePlanned, writeSafetensors } from "../../io/index.js";
import { assignArrays, namedVariables, plannedCount, readArrays, samSlots, vitB, type SamConfig } from "../../nn/index.js";
import { twinFile } from "../../nn/published.fixture.js";
import { forms, presets, type AespaConfig } from "./config.js";
import { saveCheckpoint } from "./checkpoints.js";
import { exportAespaRun } from "./export-run.js";
import { initAespa, planAespa, type AespaModel } from "./model.js";
import { aespaSlots, aespaTarget, architectureOf, readStart } from "./published-weights.js";
import { openAespaRun } from "./run.js";

const sam: SamConfig = {
  imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, mlpRatio: 4, positionGrid: 5,
  channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2,
};
const tiny = (form: keyof typeof forms): AespaConfig => ({ ...presets.quick, sam, preference: { components: 3, latent: 4 }, form: forms[form] });

/** Names and shapes of a file. */
const listed = async (path: string): Promise<Record<string, number[]>> => Object.fromEntries((await openTensorFile(path)).tensors.map(({ name, shape }) => [name, [...shape]]));

describe("published weights of AESPA", () => {
  let engine: Engine;
  let [folder, checkpoint] = ["", ""];
  const path = twinFile("medsam_vit_b.pth");
  before(async () => {
    engine = await openEngine();
    folder = await mkdtemp(join(tmpdir(), "folio-aespa-weights-"));
    checkpoint = join(folder, "checkpoint_best.pth");
    await writeFile(checkpoint, gunzipSync(await readFile(twinFile("checkpoint_best.pth.gz"))));
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  async function started(path: string, config: AespaConfig): Promise<AespaModel> {
    const model = initAespa(engine.tf, config, 1);
    const start = await readStart(path, config);
    assignArrays(engine.tf, namedVariables(model.weights).filter(({ name }) => start.has(name)), start, path);
    return model;
  }

  it("faithful leaves what the published code renamed as it starts, corrected does not", async () => {
    for (const form of ["faithful", "corrected"] as const) {
      const fresh = await readArrays(namedVariables(initAespa(engine.tf, tiny(form), 1).weights));
      const loaded = await readArrays(namedVariables((await started(path, tiny(form))).weights));
      const unchanged = [...fresh].filter(([name, { data }]) => data.every((value, i) => value === loaded.get(name)!.data[i])).map(([name]) => name);
      const fromSam = unchanged.filter((name) => !/fcomb|^EM_/.test(name));
      const lost = form === "corrected" ? [] : [
        ...[0, 1].flatMap((block) => ["h", "w"].map((axis) => `image_encoder.blocks.${block}.attn.rel_pos_${axis}`)),
        ...[0, 1].flatMap((layer) => ["lin1", "lin2"].flatMap((lin) => ["weight", "bias"].map((part) => `mask_decoder.transformer.layers.${layer}.mlp.${lin}.${part}`))),
      ];
      assert.deepEqual(fromSam.sort(), lost.sort());
    }
  });

  it("names exactly the tensors that PyTorch saved", async () => {
    const named = (slots: readonly { from: string; shape: readonly number[] }[]) => Object.fromEntries(slots.map(({ from, shape }) => [`state_dict.${from}`, shape]));
    const saved = Object.entries(await listed(checkpoint)).filter(([name]) => name.startsWith("state_dict."));
    assert.deepEqual(named(aespaSlots(tiny("corrected"))), Object.fromEntries(saved));
    assert.deepEqual(Object.fromEntries(samSlots(sam, "sam").map(({ from, shape }) => [from, shape])), await listed(path));
  });

  it("counts as spec §3.5 does: 314 tensors of SAM ViT-B, of which the published code loads 282; 348 of AESPA", () => {
    assert.equal(samSlots(vitB, "sam").length, 314);
    assert.equal(aespaTarget("medsam").slots.length, 314);
    assert.deepEqual([aespaTarget("medsam-faithful").slots.length, aespaTarget("medsam-faithful").unneeded.length], [282, 32]);
    assert.equal(aespaTarget("aespa").slots.length, 348);
    assert.equal(aespaTarget("medsam-hf").slots.find(({ to }) => to === "image_encoder.blocks.2.attn.rel_pos_h")?.from, "vision_encoder.layers.2.attn.rel_pos_h");
    assert.deepEqual(aespaTarget("medsam").slots.find(({ to }) => to === "image_encoder.blocks.2.attn.rel_pos_h")?.shape, [127, 64]);
    assert.equal(plannedCount(planAespa(presets.paper)), 94_521_920);
  });

  it("what convert writes is a start too, and a file of another architecture is refused by name", async () => {
    const out = join(folder, "converted.safetensors");
    const file = await openTensorFile(path);
    assert.deepEqual([architectureOf(file, "all"), architectureOf(file, "as-published")], ["medsam", "medsam-faithful"]);
    const target = aespaTarget("medsam", tiny("corrected"));
    const plan = planWeights(file.tensors, target);
    requireComplete(plan, target, path);
    assert.ok(plan.used.some(({ becomes }) => becomes?.how === "9 positions resized to 11, those of 6 patches a side"));
    await writePlanned(out, file, plan);
    const [direct, converted] = [await readStart(path, tiny("corrected")), await readStart(out, tiny("corrected"))];
    assert.deepEqual(Object.fromEntries(converted), Object.fromEntries(direct));
    await assert.rejects(readStart(path, { ...tiny("corrected"), sam: { ...sam, blocks: 3 } }), { code: "missing-tensor" });
    await assert.rejects(readStart(path, { ...tiny("corrected"), sam: { ...sam, blocks: 1, globalBlocks: [] } }), { code: "other-architecture" });
  });

  it("a trained run leaves under the repository's names, and comes back the same", async () => {
    const run = join(folder, "run");
    const config = tiny("corrected");
    await openAespaRun(run, { schema: "folio.run/1", method: "aespa", mode: "aespa", preset: "quick", seed: 1, dataset: "lidc", config, data: "" });
    const model = initAespa(engine.tf, config, 3);
    await saveCheckpoint(run, { epoch: 1, history: [], learningRate: 0 } as never, model);
    const { weights, asPublished } = await exportAespaRun(engine.tf, run);
    const out = join(folder, "exported.safetensors");
    await writeSafetensors(out, asPublished!(await readArrays(namedVariables(weights))));
    const names = Object.entries(await listed(out)).map(([name, shape]) => [`state_dict.${name}`, shape]);
    assert.deepEqual(Object.fromEntries(names), Object.fromEntries(Object.entries(await listed(checkpoint)).filter(([name]) => name.startsWith("state_dict."))));
    const [before, after] = [await readArrays(namedVariables(model.weights)), await readArrays(namedVariables((await started(out, config)).weights))];
    for (const [name, { data }] of before) assert.deepEqual(after.get(name)!.data, data, name);
  });
});
