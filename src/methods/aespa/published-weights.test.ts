import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { openTensorFile, planWeights, readSafetensors, requireComplete, writePlanned, writeSafetensors, type TensorInput } from "../../io/index.js";
import { assignArrays, namedVariables, plannedCount, readArrays, samSlots, vitB, type SamConfig } from "../../nn/index.js";
import { forms, presets, type AespaConfig } from "./config.js";
import { saveCheckpoint } from "./checkpoints.js";
import { exportAespaRun } from "./export-run.js";
import { decodeMask, encode, encodeClicks, initAespa, planAespa, preferenceOf, type AespaModel } from "./model.js";
import { aespaSlots, aespaTarget, architectureOf, readStart } from "./published-weights.js";
import { openAespaRun } from "./run.js";
import type { Tensor, Tensor4D } from "./tensorflow.js";

/** From PyTorch: tests/golden/aespa_weights.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "aespa_weights.json"), "utf8")) as {
  readonly torch: string;
  /** Names and shapes of the state_dicts. */
  readonly aespa: Readonly<Record<string, number[]>>;
  readonly sam: Readonly<Record<string, number[]>>;
  readonly first: number[];
  readonly second: number[];
  readonly samFeatures: number[];
};

const sam: SamConfig = {
  imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, mlpRatio: 4, positionGrid: 5,
  channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2,
};
const tiny = (form: keyof typeof forms): AespaConfig => ({ ...presets.quick, sam, preference: { components: 3, latent: 4 }, form: forms[form] });

function numbers(name: string, count: number): Float32Array {
  let state = 7;
  for (const character of name) state = (Math.imul(31, state) + character.charCodeAt(0)) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

/** The state_dict that the golden script filled by name. */
function stateDict(shapes: Readonly<Record<string, number[]>>, prefix = ""): Map<string, TensorInput> {
  return new Map(Object.entries(shapes).map(([name, shape]) => {
    const norm = /norm|\.neck\.[13]\.|\.upscaling\.1\./.test(name);
    const [scale, shift] = [shape.length > 1 ? 0.5 : 0.2, norm && name.endsWith("weight") ? 1 : 0];
    return [prefix + name, { shape, data: numbers(name, shape.reduce((a, b) => a * b, 1)).map((x) => x * scale + shift) }];
  }));
}

describe(`published weights of AESPA, against PyTorch ${golden.torch}`, () => {
  let engine: Engine;
  let folder: string;
  before(async () => {
    engine = await openEngine();
    folder = await mkdtemp(join(tmpdir(), "folio-aespa-weights-"));
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  const image = (): Tensor4D => engine.tf.tensor4d(numbers("image", 24 * 24 * 3), [1, 24, 24, 3]);

  async function near(actual: Tensor, expected: readonly number[], what: string): Promise<void> {
    const flat = await actual.data();
    const step = Math.max(1, Math.floor(flat.length / 24));
    const scale = Math.max(...expected.map(Math.abs));
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(flat[i * step] - value) <= 1e-4 * scale, `${what}[${i * step}]: ${flat[i * step]}, PyTorch ${value}`);
  }

  async function started(path: string, config: AespaConfig): Promise<AespaModel> {
    const model = initAespa(engine.tf, config, 1);
    const start = await readStart(path, config);
    assignArrays(engine.tf, namedVariables(model.weights).filter(({ name }) => start.has(name)), start, path);
    return model;
  }

  /** A round as the published code makes it; its clicks reach the encoder as they are. */
  function round(model: AespaModel, clicks: readonly { x: number; y: number; label: 0 | 1 }[], last: Tensor4D | undefined): Tensor4D {
    const { tf } = engine;
    return tf.tidy(() => {
      const tokens = encodeClicks(tf, [clicks], model);
      const preference = preferenceOf(tf, tokens, tf.tensor2d([[0.2, 0.5, 0.3]]), model, "batch-mean");
      return decodeMask(tf, { features: encode(tf, image(), model), tokens, preference, last }, model);
    });
  }

  it("a checkpoint of AESPA's own code gives its masks, clicks swapped as there", async () => {
    const path = join(folder, "checkpoint.safetensors");
    await writeSafetensors(path, stateDict(golden.aespa, "state_dict."));
    const model = await started(path, tiny("faithful"));
    // The published code hands (y, x) to an encoder that reads (x, y); the golden points are what the encoder is handed.
    const clicks = [{ y: 3, x: 17, label: 1 as const }, { y: 20, x: 9, label: 0 as const }];
    const first = round(model, clicks.slice(0, 1), undefined);
    await near(first, golden.first, "first mask");
    await near(round(model, clicks, first), golden.second, "second mask");
  });

  it("a SAM file gives SAM's features, its long tables of positions resized as SAM does", async () => {
    for (const [style, wrap] of [["sam", (name: string) => name], ["hf", huggingFace]] as const) {
      const path = join(folder, `${style}.safetensors`);
      await writeSafetensors(path, new Map([...stateDict(golden.sam)].map(([name, array]) => [wrap(name), array])));
      const model = await started(path, tiny("corrected"));
      await near(engine.tf.tidy(() => encode(engine.tf, image(), model)), golden.samFeatures, `${style} features`);
    }
  });

  it("faithful leaves what the published code renamed as it starts, corrected does not", async () => {
    const path = join(folder, "sam.safetensors");
    await writeSafetensors(path, stateDict(golden.sam));
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

  it("names exactly the tensors of PyTorch's state_dicts", () => {
    const named = (slots: readonly { from: string; shape: readonly number[] }[]) => Object.fromEntries(slots.map(({ from, shape }) => [from, shape]));
    assert.deepEqual(named(aespaSlots(tiny("corrected"))), golden.aespa);
    assert.deepEqual(named(samSlots(sam, "sam")), golden.sam);
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
    const [path, out] = [join(folder, "sam.safetensors"), join(folder, "converted.safetensors")];
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
    const { tensors } = await readSafetensors(out);
    assert.deepEqual(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape])), golden.aespa);
    const [before, after] = [await readArrays(namedVariables(model.weights)), await readArrays(namedVariables((await started(out, config)).weights))];
    for (const [name, { data }] of before) assert.deepEqual(after.get(name)!.data, data, name);
  });
});

/** As transformers' convert_sam_to_hf.py renames, written apart from our own table. */
function huggingFace(name: string): string {
  return name
    .replace("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", "shared_image_embedding.positional_embedding")
    .replace("image_encoder.", "vision_encoder.").replace("blocks.", "layers.").replace("patch_embed.proj.", "patch_embed.projection.")
    .replace("neck.0.", "neck.conv1.").replace("neck.1.", "neck.layer_norm1.").replace("neck.2.", "neck.conv2.").replace("neck.3.", "neck.layer_norm2.")
    .replace(".norm", ".layer_norm").replace("point_embeddings.", "point_embed.")
    .replace("mask_downscaling.0.", "mask_embed.conv1.").replace("mask_downscaling.1.", "mask_embed.layer_norm1.").replace("mask_downscaling.3.", "mask_embed.conv2.")
    .replace("mask_downscaling.4.", "mask_embed.layer_norm2.").replace("mask_downscaling.6.", "mask_embed.conv3.")
    .replace("output_upscaling.0.", "upscale_conv1.").replace("output_upscaling.1.", "upscale_layer_norm.").replace("output_upscaling.3.", "upscale_conv2.")
    .replace(/(output_hypernetworks_mlps\.\d|iou_prediction_head)\.layers\.([012])\./, (_, mlp: string, at: string) => `${mlp}.${["proj_in", "layers.0", "proj_out"][Number(at)]}.`);
}
