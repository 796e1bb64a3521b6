import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { assignArrays, disposeWeights, encodeImage, encodeText, l2Normalise, namedVariables, planTextTower, planVisionTower, readArrays, type ClipConfig } from "../../nn/index.js";
import { numbers } from "../../nn/golden.fixture.js";
import { assertEqual, fill, fillFolded, loaded, onEveryEngine, twin, twinFile } from "../../nn/published.fixture.js";
import { presets, type RasaloreConfig } from "./config.js";
import { initDdpt, learnedTexts, promptedImage } from "./ddpt-model.js";
import { initRasalore, segment } from "./network.js";
import { loadState } from "./checkpoints.js";
import { ddptCheckpoint } from "./ddpt-train.js";
import { adoptStage1, stage1Hashes } from "./published-stage1.js";
import { rasaloreTarget, readDdpt, type PublishedSizes } from "./published-weights.js";
import type { Tensor4D, TensorFlow } from "./tensorflow.js";

const clip: ClipConfig = { imageSize: 16, patch: 8, visionWidth: 8, visionBlocks: 2, visionHeads: 2, joint: 6, context: 9, vocabulary: 13, textWidth: 6, textBlocks: 2, textHeads: 3 };
const config: RasaloreConfig = {
  ...presets.small,
  ddpt: { ...presets.small.ddpt, clip, textTokens: 3, visualTokens: 2, attentionWidth: 4, extraTokens: 3 },
  network: { imageSize: 16, channels: [4, 6, 6, 8], refiner: [4, 6], grid: 4, heads: 2, pointHidden: [6, 4], upsampling: [6, 4], dropout: 0 },
};
const sizes: PublishedSizes = { network: config.network, clip, ddpt: config.ddpt };

async function towers(tf: TensorFlow) {
  return loaded(tf, { visual: planVisionTower(clip), text: planTextTower(clip) }, twinFile("ViT-B-32.pt"), rasaloreTarget("clip-vit-b32", sizes));
}

const images = (tf: TensorFlow): Tensor4D => tf.tensor4d(numbers("images", 2 * 16 * 16 * 3), [2, 16, 16, 3]);

onEveryEngine("RASALoRE's files compute in Folio what they compute in PyTorch", (use) => {
  it("OpenAI's CLIP, a TorchScript archive with 16-bit matrices, layer by layer", async () => {
    const { tf } = use();
    const { visual, text } = await towers(tf);
    const expected = twin("clip");
    const run = () => {
      const [image, sentences] = [encodeImage(tf, images(tf), visual, clip), encodeText(tf, expected.tokens!, 12, text, clip)];
      return { image, text: sentences, logits: tf.matMul(l2Normalise(tf, image), l2Normalise(tf, sentences), false, true).mul(text.logit_scale.exp()) };
    };
    await assertEqual(tf, { expected, variables: [...namedVariables(visual, "visual"), ...namedVariables(text)], run });
  });

  it("stage 1's three modules on that CLIP", async () => {
    const { tf } = use();
    const expected = twin("ddpt");
    const [healthy, unhealthy] = expected.tokens!.map((row) => row.slice(1, row.indexOf(12)));
    const tokenizer = { encode: (text: string) => (text.includes("Unhealthy") ? unhealthy : healthy), start: 11, end: 12, size: 13 };
    const model = initDdpt(tf, config.ddpt, { config: clip, ...(await towers(tf)), tokenizer, source: "twin" }, 1);
    assignArrays(tf, namedVariables(model.weights), await readDdpt(twinFile("ddpt"), { sizes }), "ddpt");
    const run = () => {
      const texts = learnedTexts(tf, model);
      const { features, layerLogits } = promptedImage(tf, images(tf), texts, model);
      return { texts, features, layerLogits };
    };
    const variables = [...namedVariables({ visual: model.clip.visual, ...model.clip.text }, "0"), ...namedVariables(model.weights.class_aware, "3")];
    await assertEqual(tf, { expected, variables, run });
    await assert.rejects(readDdpt(twinFile("ddpt"), { epoch: 5, sizes }), { code: "not-found" });
  });

  it("a stage 1 trained elsewhere goes into a run's folder and comes back as it was", async () => {
    const { tf } = use();
    const folder = await mkdtemp(join(tmpdir(), "folio-stage1-"));
    const stage1 = { folder: twinFile("ddpt"), epoch: 60 };
    const frozen = { config: clip, ...(await towers(tf)), tokenizer: { encode: () => [], start: 11, end: 12, size: 13 }, source: "twin" };
    const adopted = await adoptStage1(tf, stage1, config, frozen, folder);
    const again = initDdpt(tf, config.ddpt, frozen, 2);
    assert.equal((await loadState(tf, folder, ddptCheckpoint, again.weights))?.epoch, 60);
    const expected = await readDdpt(stage1.folder, { sizes });
    for (const { weights } of [adopted, again]) {
      const found = await readArrays(namedVariables(weights));
      assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
      for (const [name, { data }] of found) assert.deepEqual(Array.from(data), Array.from(expected.get(name)!.data), name);
      disposeWeights(weights);
    }
    assert.deepEqual(Object.keys(await stage1Hashes(stage1)), ["ddpt-text", "ddpt-visual", "ddpt-class-aware"]);
    await assert.rejects(stage1Hashes({ ...stage1, epoch: 5 }), { code: "not-found", message: /model\.pth\.tar-5/ });
    await rm(folder, { recursive: true });
  });

  it("encoder and decoder of stage 2, layer by layer", async () => {
    const { tf } = use();
    const model = initRasalore(tf, config, 1);
    for (const part of ["encoder", "decoder"] as const)
      await fill(tf, namedVariables({ [part]: model.weights[part] }), twinFile(part === "encoder" ? "Encoder_Model.pth" : "Decoder_Model.pth"), rasaloreTarget(part, sizes));
    model.weights.lore.embeddings.assign(tf.tensor2d(numbers("lore", 16 * 8), [16, 8]));
    const slices = tf.tensor4d(numbers("images", 2 * 16 * 16).map((x) => (x + 1) * 127.5), [2, 16, 16, 1]);
    const run = () => ({ ...segment(tf, slices, model, { mode: "eval" }) });
    await assertEqual(tf, { expected: twin("rasalore"), variables: namedVariables(model.weights), run });
    // Batch norms folded, also into transposed convolutions and ones with a bias.
    await fillFolded(tf, namedVariables({ encoder: model.weights.encoder }), twinFile("Encoder_Model.pth"), rasaloreTarget("encoder", sizes));
    await assertEqual(tf, { expected: twin("rasalore"), variables: [], run, layers: "left-out" });
  });
});
