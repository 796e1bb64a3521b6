import assert from "node:assert/strict";
import { it } from "node:test";
import {
  causalLm, imageEncoder, lmLogits, loraScale, namedVariables, planImageEncoder, planLora, planTinyVit, tinyVit, visionTokens, type CausalLm, type SamConfig, type TinyVitConfig,
} from "../../nn/index.js";
import { numbers } from "../../nn/golden.fixture.js";
import { assertEqual, fillFolded, loaded, onEveryEngine, twin, twinFile } from "../../nn/published.fixture.js";
import { presets } from "./config.js";
import { maskHead, paperHead, planMaskHead } from "./mask-head.js";
import { planVlm, spliced } from "./model.js";
import { prsMedTarget, type PublishedSizes } from "./published-weights.js";

const tinysam: TinyVitConfig = { imageSize: 40, stem: 4, widths: [8, 12, 16], depths: [1, 2, 1], heads: [1, 2, 4], windows: [1, 3, 2], mergeStrides: [2, 1], channels: 16 };
const samMed2d: SamConfig = {
  imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, mlpRatio: 4, positionGrid: 6, channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2,
};
const sizes: PublishedSizes = {
  tinysam, samMed2d,
  head: { ...paperHead, prompt: 10, hidden: 12, image: 16, heads: 4, encoderHeads: 2, feedForward: 20, upsampling: 4 },
  clip: { ...presets.paper.clip, imageSize: 16, patch: 8, visionWidth: 8, visionBlocks: 3, visionHeads: 2 },
  lm: { vocabulary: 11, width: 16, layers: 2, heads: 4, kvHeads: 2, hidden: 20, ropeTheta: 1e6, eps: 1e-5 },
  lora: { rank: 3, alpha: 3 },
};

onEveryEngine("files of PRS-Med and of what it stands on compute in Folio what they compute in PyTorch", (use) => {
  for (const file of ["tinysam.pth", "prs_med_image_encoder.pth"]) {
    it(`TinySAM's encoder in ${file}`, async () => {
      const { tf } = use();
      const target = prsMedTarget("tinysam", sizes);
      if (file !== "tinysam.pth") await assert.rejects(loaded(tf, planTinyVit(tinysam), twinFile(file), target, "image_encoder."), { code: "usage" }); // it is there twice
      const weights = await loaded(tf, planTinyVit(tinysam), twinFile(file), target, "image_encoder.", "image_encoder.");
      const images = tf.tensor4d(numbers("images", 2 * 40 * 40 * 3), [2, 40, 40, 3]);
      const run = () => ({ features: tinyVit(tf, images, weights, tinysam, "eval") });
      await assertEqual(tf, { expected: twin("tinysam"), variables: namedVariables(weights), run });
      if (file !== "tinysam.pth") return;
      await fillFolded(tf, namedVariables(weights), twinFile(file), target, "image_encoder.");
      await assertEqual(tf, { expected: twin("tinysam"), variables: [], run, layers: "left-out" });
    });
  }

  it("SAM-Med2D's encoder without its adapters", async () => {
    const { tf } = use();
    const weights = await loaded(tf, planImageEncoder(samMed2d), twinFile("sam-med2d_b.pth"), prsMedTarget("sam-med2d", sizes), "image_encoder.");
    const images = tf.tensor4d(numbers("images", 24 * 24 * 3), [1, 24, 24, 3]);
    await assertEqual(tf, { expected: twin("sam-med2d"), variables: namedVariables(weights), run: () => ({ features: imageEncoder(tf, images, weights, samMed2d) }) });
  });

  it("the mask head", async () => {
    const { tf } = use();
    const weights = await loaded(tf, planMaskHead(sizes.head), twinFile("mask_decoder.pth"), prsMedTarget("mask-decoder", sizes), "mask_decoder.");
    const [map, prompt] = [tf.tensor4d(numbers("map", 2 * 5 * 5 * 16), [2, 5, 5, 16]), tf.tensor3d(numbers("prompt", 2 * 7 * 10), [2, 7, 10])];
    // Queries, keys and values of the encoder layer are multiplied apart here.
    await assertEqual(tf, { expected: twin("mask-decoder"), variables: namedVariables(weights), run: () => ({ logits: maskHead(tf, map, prompt, undefined, weights, sizes.head).logits }), elsewhere: /self_attn\.in_proj/ });
  });

  it("LLaVA-Med from two shards of bfloat16, with and without a PEFT adapter in float16", async () => {
    const { tf } = use();
    const expected = twin("llava-med");
    const vlm = await loaded(tf, planVlm(sizes), twinFile("llava_med", "model.safetensors.index.json"), prsMedTarget("llava-med", sizes), "vlm.");
    const lora = await loaded(tf, planLora(sizes.lm, sizes.lora), twinFile("lora_adapter", "adapter_model.safetensors"), prsMedTarget("lora", sizes), "lora.");
    const base: CausalLm = { config: sizes.lm, weights: vlm.language_model };
    const pixels = tf.tensor4d(numbers("pixels", 2 * 16 * 16 * 3), [2, 16, 16, 3]);
    const run = () => {
      const picture = tf.slice(visionTokens(tf, pixels, vlm.vision_tower, sizes.clip, { blocks: 2 }), [0, 1, 0]);
      // <s>, places for the picture, the words
      const ids = tf.tensor2d(expected.ids!.map(([first, ...words]) => [first, 0, 0, 0, 0, ...words]), undefined, "int32");
      const answer = (lm: CausalLm) => causalLm(tf, spliced(tf, picture, ids, { vlm } as never, lm), lm).hidden;
      const [plain, adapted] = [answer(base), answer({ ...base, lora: { weights: lora, scale: loraScale(sizes.lora) } })];
      return { baseHidden: plain, baseLogits: lmLogits(tf, plain, base), loraHidden: adapted, loraLogits: lmLogits(tf, adapted, base) };
    };
    const { language_model, mm_projector } = vlm;
    const variables = [...namedVariables(language_model), ...namedVariables(mm_projector, "model.mm_projector"), ...namedVariables(lora).map(({ name, variable }) => ({ name: name.replace("base_model.model.", ""), variable }))];
    // The tower's q, k and v are one matrix here; what the tower gives is the projector's input.
    await assertEqual(tf, { expected, variables, run, elsewhere: /vision_tower/ });
  });
});
