import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { publishedRules } from "../datasets/index.js";
import { openEngine, type Engine } from "../engine/index.js";
import { networkTarget } from "../methods/asmr/published.js";
import { saveCheckpoint } from "../methods/aespa/checkpoints.js";
import { presets as aespaPresets, type AespaConfig } from "../methods/aespa/config.js";
import { exportAespaRun, initAespa, openAespaRun } from "../methods/aespa/index.js";
import { astraBackbone } from "../methods/astra/index.js";
import { saveState } from "../methods/rasalore/checkpoints.js";
import { presets as rasalorePresets, type RasaloreConfig } from "../methods/rasalore/config.js";
import { embeddingHash } from "../methods/rasalore/lore.js";
import { exportRasaloreRun, openRasaloreRun } from "../methods/rasalore/index.js";
import { initRasalore } from "../methods/rasalore/network.js";
import { initResNet, namedVariables, planUNet, resnet, startOfTraining, unet, type NetworkCall } from "../nn/index.js";
import { assertSameOutputs, runOnnx } from "../nn/onnx.fixture.js";
import { numbers } from "../nn/golden.fixture.js";
import { fill, loaded, twin, twinFile, type Twin } from "../nn/published.fixture.js";
import { captured } from "./captured.fixture.js";

/** Published weights go in by PyTorch's file and leave as ONNX; between them stands what PyTorch computes. */
describe("published weights leave as ONNX, opened by onnxruntime", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ prefer: "ort" });
  });
  after(() => engine.close());

  async function assertPyTorch({ outputs }: Twin, call: NetworkCall, weights: object): Promise<void> {
    const named = new Map(namedVariables(weights).map(({ name, variable }) => [name, variable]));
    const { model, unused } = await engine.exportOnnx({ ...call, weights: named });
    assert.deepEqual(unused, []);
    const given = Object.fromEntries(Object.entries(call.inputs).map(([name, { size, shape }]) => [name, { data: numbers("images", size), shape }]));
    for (const [name, { data }] of Object.entries(await runOnnx(model, given))) {
      const { values } = outputs[name];
      const [step, scale] = [Math.max(1, Math.floor(data.length / 24)), Math.max(...values.map(Math.abs))];
      for (const [i, value] of values.entries()) assert.ok(Math.abs(data[i * step] - value) <= 1e-4 * scale, `${name}[${i * step}]: ${data[i * step]}, PyTorch ${value}`);
    }
  }

  it("a U-Net", async () => {
    const { tf } = engine;
    const shape = { inputs: 1, classes: 4, widths: [3, 6, 12], upsampling: "transposed" } as const;
    const weights = await loaded(tf, planUNet(shape), twinFile("unet.pth"), networkTarget("U-Net", planUNet(shape)));
    await assertPyTorch(twin("unet"), { inputs: { image: tf.zeros([1, 18, 18, 1]) }, forward: ({ image }) => ({ logits: unet(tf, image as never, weights as never, shape, "eval") }) }, weights);
  });

  it("a ResNet-34", async () => {
    const { tf } = engine;
    const shape = { blocks: [3, 4, 6, 3], widths: [3, 4, 5, 6] } as const;
    const weights = initResNet(tf, shape, seededRandom(1));
    await fill(tf, namedVariables(weights), twinFile("resnet34.pth"), astraBackbone(shape), "encoder.backbone.");
    await assertPyTorch(twin("resnet34"), { inputs: { images: tf.zeros([2, 32, 32, 3]) }, forward: ({ images }) => ({ features: resnet(tf, images as never, weights, "eval") }) }, weights);
  });
});

describe("folio weights export, opened by onnxruntime, beside the same network on another engine", () => {
  let folder: string;
  const folio = (...args: string[]) => captured(args, { cwd: folder });
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-export-"));
  });
  after(() => rm(folder, { recursive: true }));

  /** Writes a run with the weights it starts with, then looks at it from an engine that knows no ONNX. */
  async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await openEngine({ prefer: "wasm" });
    try {
      return await work(engine);
    } finally {
      await engine.close();
    }
  }

  it("AESPA: the encoder, and a round with as many clicks as asked for", async () => {
    const sam = { ...aespaPresets.quick.sam, imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, positionGrid: 6, channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2 };
    const config: AespaConfig = { ...aespaPresets.quick, sam, preference: { components: 3, latent: 4 } };
    const run = join(folder, "aespa");
    await withEngine(async ({ tf }) => {
      await openAespaRun(run, { schema: "folio.run/1", method: "aespa", mode: "aespa", preset: "quick", seed: 1, dataset: "lidc", config, data: "" });
      await saveCheckpoint(run, { epoch: 1, history: [], learningRate: 0 } as never, initAespa(tf, config, 3));
    });
    for (const part of [undefined, "clicks0", "clicks2"]) {
      const { code, err } = await folio("weights", "export", "--run", "aespa", "--out", `${part ?? "encoder"}.onnx`, ...(part ? ["--part", part] : []));
      assert.equal(code, 0, err);
    }
    await withEngine(async ({ tf }) => {
      const network = await exportAespaRun(tf, run);
      await assertSameOutputs(tf, join(folder, "encoder.onnx"), network);
      for (const part of ["clicks0", "clicks2"]) await assertSameOutputs(tf, join(folder, `${part}.onnx`), network.parts![part]);
    });
    const other = await folio("weights", "export", "--run", "aespa", "--out", "x.onnx", "--part", "decoder");
    assert.deepEqual([other.code, /aespa has no part "decoder"; it has clicks0, clicks1/.test(other.err)], [2, true]);
    assert.equal((await folio("weights", "export", "--run", "aespa", "--out", "x.safetensors", "--part", "clicks0")).code, 2);
  });

  it("RASALoRE: a slice in, probabilities and the points' activations out", async () => {
    const { small } = rasalorePresets;
    const config: RasaloreConfig = { ...small, network: { imageSize: 16, channels: [4, 6, 6, 8], refiner: [4, 6], grid: 4, heads: 2, pointHidden: [6, 4], upsampling: [6, 4], dropout: 0.1 } };
    const run = join(folder, "rasalore");
    await withEngine(async ({ tf }) => {
      await openRasaloreRun(run, { schema: "folio.run/1", method: "rasalore", preset: "small", seed: 2, loreSeed: 2, dataset: "brats20", config, rules: publishedRules, data: "", frozen: {} });
      const model = initRasalore(tf, config, 2);
      await saveState(run, "rasalore.safetensors", startOfTraining(0), model.weights, {}, { embedding: embeddingHash(model.embeddings) });
    });
    const { code, err } = await folio("weights", "export", "--run", "rasalore", "--out", "rasalore.onnx");
    assert.equal(code, 0, err);
    await withEngine(async ({ tf }) => assertSameOutputs(tf, join(folder, "rasalore.onnx"), await exportRasaloreRun(tf, run)));
    assert.match((await folio("weights", "export", "--run", "rasalore", "--out", "x.onnx", "--part", "decoder")).err, /its network is one call/);
  });
});
