import { seededRandom } from "../../../core/index.js";
import { biasedConv2d, disposeWeights, materialise, planConv, trainableVariables } from "../../../nn/index.js";
import { pixelTensor } from "../batch.js";
import { multiLabelLoss } from "../loss.js";
import { encodeMap } from "../model.js";
import { runStage } from "../optimise.js";
import type { Tensor2D, Tensor4D } from "../tensorflow.js";
import type { CorpusScene } from "../../../datasets/index.js";
import { mapGrid } from "../vision-encoder.js";
import type { PretrainOptions } from "./tower.js";

/** What the throw-away head is to find in the map. Spec §9 measured what each is worth. */
export interface EncoderTargets {
  /** `bright-dark`: one mask each; `lesions`: one mask of all. */
  readonly masks: "bright-dark" | "lesions";
  readonly places: "learned" | "left out";
}

/**
 * Stand-in for TinySAM: from every place of the map, a 1×1 convolution tells how much of it is bright and how much dark lesion, and where it
 * is. The head is thrown away; the encoder goes on being trained.
 * @returns the losses
 */
export async function pretrainEncoder({ runner, model, corpus, random, progress, signal }: PretrainOptions, targets: EncoderTargets = { masks: "bright-dark", places: "learned" }): Promise<number[]> {
  const { tf } = runner;
  const { config, weights } = model;
  const grid = mapGrid(config.encoder);
  const head = materialise(tf, planConv(1, config.encoder.channels, 4), seededRandom(model.seed).stream("encoder-head"));
  const stage = config.pretraining.encoder;
  const places = Float32Array.from({ length: grid * grid * 2 }, (_, i) => ((i % 2 === 0 ? (i >> 1) % grid : Math.floor((i >> 1) / grid)) + 0.5) / (grid / 2) - 1); // x, y in −1 … 1
  const scenes = corpus.scenes.slice(0, 1000);
  try {
    return await runStage<[Tensor4D, Tensor4D]>(
      { runner, task: "pre-train the TinySAM stand-in", ...stage, variables: trainableVariables({ encoder: weights.image_encoder, head }), progress, signal },
      (step) => {
        const own = random.stream(step);
        const chosen = Array.from({ length: stage.batch }, () => scenes[own.integer(scenes.length)]);
        return [pixelTensor(tf, chosen.map(({ pixels }) => pixels), config.imageSize), tf.tensor4d(chosen.map((scene) => polarity(scene, targets.masks)).flatMap((map) => [...map]), [stage.batch, config.imageSize, config.imageSize, 2])];
      },
      (pixels, masks) => {
        const found = biasedConv2d(tf, encodeMap(tf, pixels, weights, config, "train"), head); // [B, g, g, 4]
        const shares = tf.avgPool(masks, config.imageSize / grid, config.imageSize / grid, "valid"); // [B, g, g, 2]
        const flat = (x: Tensor4D, from: number): Tensor2D => x.slice([0, 0, 0, from], [-1, -1, -1, 2]).reshape<Tensor2D>([-1, 2]);
        const lesions = multiLabelLoss(flat(found, 0), shares.reshape<Tensor2D>([-1, 2])).mul(4).asScalar();
        if (targets.places === "left out") return lesions;
        const wanted = tf.tile(tf.tensor(places, [1, grid * grid, 2]), [stage.batch, 1, 1]).reshape<Tensor2D>([-1, 2]);
        return lesions.add(flat(found, 2).sub(wanted).square().mean().mul(0.3));
      },
    );
  } finally {
    disposeWeights(head);
  }
}

/** Bright and dark lesions as two channels, [S, S, 2]; `lesions` has all of them in both. */
function polarity({ size, lesions }: CorpusScene, masks: EncoderTargets["masks"]): Float32Array {
  const out = new Float32Array(size * size * 2);
  for (const { mask, attribute } of lesions) {
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      if (masks === "lesions" || attribute === "bright") out[2 * i] = 1;
      if (masks === "lesions" || attribute === "dark") out[2 * i + 1] = 1;
    }
  }
  return out;
}

