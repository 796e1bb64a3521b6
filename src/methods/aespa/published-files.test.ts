import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { gunzipSync } from "node:zlib";
import assert from "node:assert/strict";
import {
  assignArrays, clickTokens, densePositions, imageEncoder, maskDecoder, maskPrompt, namedVariables, planImageEncoder, planMaskDecoder, planPromptEncoder, samSlots, type SamConfig,
} from "../../nn/index.js";
import { numbers } from "../../nn/golden.fixture.js";
import { assertEqual, loaded, onEveryEngine, twin, twinFile } from "../../nn/published.fixture.js";
import { forms, presets, type AespaConfig } from "./config.js";
import { decodeMask, encode, encodeClicks, initAespa, preferenceOf } from "./model.js";
import { aespaSlots, readStart } from "./published-weights.js";

const sam: SamConfig = {
  imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, mlpRatio: 4, positionGrid: 5,
  channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2,
};
const config: AespaConfig = { ...presets.quick, sam, preference: { components: 3, latent: 4 }, form: forms.faithful };

/** Heads of the other masks, and doublings of a map, which are one matrix product here with its numbers in another order. */
const unused = /iou_prediction_head|hypernetworks_mlps\.[1-3]|output_upscaling\.[03]/;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-aespa-file-"));
  await writeFile(join(folder, "checkpoint_best.pth"), gunzipSync(await readFile(twinFile("checkpoint_best.pth.gz"))));
});
after(() => rm(folder, { recursive: true }));

onEveryEngine("files of SAM, MedSAM and AESPA compute in Folio what they compute in PyTorch", (use) => {
  for (const [file, names] of [["medsam_vit_b.pth", "sam"], ["medsam_hf.safetensors", "hugging-face"]] as const) {
    it(`${file}, layer by layer`, async () => {
      const { tf } = use();
      const plan = { image_encoder: planImageEncoder(sam), prompt_encoder: planPromptEncoder(sam), mask_decoder: planMaskDecoder(sam) };
      const unneeded = [{ pattern: /shared_embedding/, reason: "the same numbers" }];
      const weights = await loaded(tf, plan, twinFile(file), { name: "SAM", slots: samSlots(sam, names), unneeded });
      const image = tf.tensor4d(numbers("images", 24 * 24 * 3), [1, 24, 24, 3]);
      const run = () => {
        const features = imageEncoder(tf, image, weights.image_encoder, sam);
        const clicks = clickTokens(tf, 1, { places: tf.tensor3d([0.3 * 24, 0.6 * 24], [1, 1, 2]), labels: tf.tensor2d([[1]]) }, weights.prompt_encoder, sam);
        const inputs = { image: features, imagePositions: densePositions(tf, weights.prompt_encoder, sam), clicks, mask: maskPrompt(tf, undefined, weights.prompt_encoder, sam) };
        return { features, logits: maskDecoder(tf, inputs, weights.mask_decoder, sam, { output: "single", form: "sam" }).logits };
      };
      await assertEqual(tf, { expected: twin("sam"), variables: namedVariables(weights), run, elsewhere: unused });
    });
  }

  it("AESPA's own checkpoint beside its optimizer, two rounds, layer by layer", async () => {
    const { tf } = use();
    const path = join(folder, "checkpoint_best.pth");
    const model = initAespa(tf, config, 1);
    const start = await readStart(path, config);
    assert.deepEqual([...start.get("start_weights")!.data].map((x) => Math.round(10 * x)), [2, 5, 3]);
    assignArrays(tf, namedVariables(model.weights), start, path);
    const image = tf.tensor4d(numbers("images", 24 * 24 * 3), [1, 24, 24, 3]);
    // The published code hands (y, x) to an encoder that reads (x, y); the twin's points are what the encoder is handed.
    const clicks = [{ y: 3, x: 17, label: 1 as const }, { y: 20, x: 9, label: 0 as const }];
    const run = () => {
      const round = (count: number, last: ReturnType<typeof decodeMask> | undefined) => {
        const tokens = encodeClicks(tf, [clicks.slice(0, count)], model);
        const preference = preferenceOf(tf, tokens, tf.tensor2d([[0.2, 0.5, 0.3]]), model, "batch-mean");
        return decodeMask(tf, { features: encode(tf, image, model), tokens, preference, last }, model);
      };
      const first = round(1, undefined);
      return { first, second: round(2, first) };
    };
    const published = new Map(aespaSlots(config).map(({ from, to }) => [to, from]));
    const variables = namedVariables(model.weights).map(({ name, variable }) => ({ name: published.get(name)!, variable }));
    await assertEqual(tf, { expected: twin("aespa"), variables, run, elsewhere: unused });
  });
});
