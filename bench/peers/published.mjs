// The published architectures of `npm run bench -- inference`, as Folio reads and runs them. Names of files and inputs are those of
// tests/golden/weights/make.py.
import { join } from "node:path";
import { seededRandom } from "../../dist/core/index.js";
import { openTensorFile, planWeights, readPlanned, requireComplete } from "../../dist/io/index.js";
import { decodeMask, encode, encodeClicks, forms, initAespa, preferenceOf, presets as aespa, readStart } from "../../dist/methods/aespa/index.js";
import { astraBackbone, backboneShapes } from "../../dist/methods/astra/index.js";
import { publishedTarget } from "../../dist/methods/asmr/index.js";
import { maskHead, paperHead, planMaskHead, prsMedTarget } from "../../dist/methods/prs-med/index.js";
import { initRasalore, presets as rasalore, rasaloreTarget, segment } from "../../dist/methods/rasalore/index.js";
import {
  assignArrays, clickTokens, clipVitB32, densePositions, encodeImage, encodeText, imageEncoder, initResNet, maskDecoder, maskPrompt, materialise, namedVariables, planImageEncoder, planMaskDecoder,
  planPromptEncoder, planTextTower, planTinyVit, planUNet, planUNetPlusPlus, planUNeXt, planVisionTower, resnet, samSlots, standardUNet, standardUNetPlusPlus, standardUNeXt, tinySam, tinyVit, unet, unetPlusPlus,
  unext, vitB,
} from "../../dist/nn/index.js";
import { numbers } from "../../dist/nn/golden.fixture.js";

const picture = (tf, side, channels = 3) => tf.tensor4d(numbers("images", side * side * channels), [1, side, side, channels]);

/** Every number comes from the file, so none is drawn. */
const empty = (tf, plan) => {
  const zeros = (part) => {
    if (Array.isArray(part)) return part.map(zeros);
    if ("trainable" in part) return { ...part, fill: (_, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)) };
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, zeros(each)]));
  };
  return materialise(tf, zeros(plan), seededRandom(1));
};

async function fill(tf, weights, path, target, prefix = "") {
  const file = await openTensorFile(path);
  const plan = planWeights(file.tensors, target);
  requireComplete(plan, target, path);
  const arrays = new Map([...(await readPlanned(file, plan))].map(([name, array]) => [name.slice(prefix.length), array]));
  assignArrays(tf, namedVariables(weights).filter(({ name }) => arrays.has(name)), arrays, path);
  return weights;
}

const sam = { ...vitB, imageSize: 1024 };
const tokens = [[49406, 3, 1, 49407], [49406, 2, 4, 7, 5, 49407]].map((row) => [...row, ...Array.from({ length: 77 - row.length }, () => 0)]);

const med2d = { ...vitB, imageSize: 256, positionGrid: 16 };

/** A segmentation network of 256 pixels as its repository names it. */
const segmenter = (architecture, plan, run, channels, elsewhere) => ({
  load: (tf, folder) => fill(tf, empty(tf, plan), join(folder, "network.pth"), publishedTarget(architecture)),
  variables: (weights) => namedVariables(weights),
  parts: { logits: (tf, weights) => run(tf, picture(tf, 256, channels), weights) },
  elsewhere,
});

export const networks = {
  unet: segmenter("unet", planUNet(standardUNet), (tf, images, weights) => unet(tf, images, weights, standardUNet, "eval"), 1, /^up\d\.up\./),
  unetpp: segmenter("unetpp", planUNetPlusPlus(standardUNetPlusPlus), (tf, images, weights) => unetPlusPlus(tf, images, weights, "eval")[0], 1, /^seg_outputs\.[1-4]|^up\d\.\d/),
  unext: segmenter("unext", planUNeXt(standardUNeXt), (tf, images, weights) => unext(tf, images, weights, "eval"), 3),
  "sam-med2d": {
    load: (tf, folder) => fill(tf, empty(tf, planImageEncoder(med2d)), join(folder, "sam-med2d_b.pth"), prsMedTarget("sam-med2d"), "image_encoder."),
    variables: (weights) => namedVariables(weights),
    parts: { features: (tf, weights) => imageEncoder(tf, picture(tf, 256), weights, med2d) },
  },
  "mask-decoder": {
    load: (tf, folder) => fill(tf, empty(tf, planMaskHead(paperHead)), join(folder, "mask_decoder.pth"), prsMedTarget("mask-decoder"), "mask_decoder."),
    variables: (weights) => namedVariables(weights),
    parts: {
      logits: (tf, weights) => maskHead(tf, tf.tensor4d(numbers("map", 64 * 64 * 256), [1, 64, 64, 256]), tf.tensor3d(numbers("prompt", 32 * 4096), [1, 32, 4096]), undefined, weights, paperHead).logits,
    },
    elsewhere: /self_attn\.in_proj/,
  },
  sam: {
    load: (tf, folder) => fill(tf, empty(tf, { image_encoder: planImageEncoder(sam), prompt_encoder: planPromptEncoder(sam), mask_decoder: planMaskDecoder(sam) }), join(folder, "medsam_vit_b.pth"), { name: "SAM", slots: samSlots(sam, "sam"), unneeded: [] }),
    variables: (weights) => namedVariables(weights),
    parts: {
      features: (tf, { image_encoder }) => imageEncoder(tf, picture(tf, 1024), image_encoder, sam),
      logits: (tf, { prompt_encoder, mask_decoder }, { features }) => {
        const clicks = clickTokens(tf, 1, { places: tf.tensor3d([0.3 * 1024, 0.6 * 1024], [1, 1, 2]), labels: tf.tensor2d([[1]]) }, prompt_encoder, sam);
        const inputs = { image: features, imagePositions: densePositions(tf, prompt_encoder, sam), clicks, mask: maskPrompt(tf, undefined, prompt_encoder, sam) };
        return maskDecoder(tf, inputs, mask_decoder, sam, { output: "single", form: "sam" }).logits;
      },
    },
    elsewhere: /iou_prediction_head|hypernetworks_mlps\.[1-3]|output_upscaling\.[03]/,
  },
  aespa: {
    load: async (tf, folder) => {
      const [config, path] = [{ ...aespa.paper, form: forms.faithful }, join(folder, "checkpoint_best.pth")];
      const [model, start] = [initAespa(tf, config, 1), await readStart(path, config)];
      assignArrays(tf, namedVariables(model.weights), start, path);
      model.start.set(start.get("start_weights").data);
      return model;
    },
    variables: () => [],
    parts: {
      logits: (tf, model) => {
        const { imageSize } = model.config.sam;
        const clicks = encodeClicks(tf, [[{ y: 0.3 * imageSize, x: 0.6 * imageSize, label: 1 }]], model); // (y, x), as the published code hands it over
        const preference = preferenceOf(tf, clicks, tf.tensor2d(model.start, [1, model.start.length]), model, "batch-mean");
        return decodeMask(tf, { features: encode(tf, picture(tf, imageSize), model), tokens: clicks, preference, last: undefined }, model);
      },
    },
  },
  resnet34: {
    load: (tf, folder) => fill(tf, initResNet(tf, backboneShapes.resnet34, seededRandom(1)), join(folder, "resnet34.pth"), astraBackbone(backboneShapes.resnet34), "encoder.backbone."),
    variables: (weights) => namedVariables(weights),
    parts: { features: (tf, weights) => resnet(tf, picture(tf, 224), weights, "eval") },
  },
  clip: {
    load: (tf, folder) => fill(tf, empty(tf, { visual: planVisionTower(clipVitB32), text: planTextTower(clipVitB32) }), join(folder, "ViT-B-32.pt"), rasaloreTarget("clip-vit-b32")),
    variables: ({ visual, text }) => [...namedVariables(visual, "visual"), ...namedVariables(text)],
    parts: {
      image: (tf, { visual }) => encodeImage(tf, picture(tf, 224), visual, clipVitB32),
      text: (tf, { text }) => encodeText(tf, tokens, 49407, text, clipVitB32),
    },
  },
  tinysam: {
    load: (tf, folder) => fill(tf, empty(tf, planTinyVit(tinySam)), join(folder, "tinysam_42.3.pth"), prsMedTarget("tinysam"), "image_encoder."),
    variables: (weights) => namedVariables(weights),
    parts: { features: (tf, weights) => tinyVit(tf, picture(tf, 1024), weights, tinySam, "eval") },
  },
  rasalore: {
    load: async (tf, folder) => {
      const model = initRasalore(tf, rasalore.paper, 1);
      for (const [part, file] of [["encoder", "Encoder_Model.pth"], ["decoder", "Decoder_Model.pth"]]) await fill(tf, { [part]: model.weights[part] }, join(folder, file), rasaloreTarget(part));
      model.weights.lore.embeddings.assign(tf.tensor2d(numbers("lore", 1024 * 256), [1024, 256]));
      return model;
    },
    variables: ({ weights }) => namedVariables(weights),
    parts: { logits: (tf, model) => segment(tf, picture(tf, 128, 1).add(1).mul(127.5), model, { mode: "eval" }).logits },
  },
};
