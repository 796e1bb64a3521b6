import { seededRandom, silent, type Progress, type Random } from "../../core/index.js";
import { Adam, disposeWeights, encodeText, framed, l2Normalise, patchesASide, optimizerStep, projectClassToken, residualBlockSeen, runTraining, startOfTraining, takeNumbers, trainableVariables, unet, visionTokens, wordTokenizer, type Runner, type UNetWeights } from "../../nn/index.js";
import { jitteredBox, type Box } from "./box.js";
import { clipPixels, clipTensor } from "./clip-images.js";
import { initStandIns, saveStandIns, segmenterShape, standInClip, type StandInWeights } from "./frozen.js";
import { boxMask } from "./segmenter.js";
import { captions, captionWords, drawTexture, mirroredTexture, type Texture } from "./textures.js";
import type { Scalar, Tensor, Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Source: spec §9. */
export const pretraining = {
  size: 64,
  /** Textures that are drawn once; batches are drawn from them and mirrored at random. Our choice: drawing would take longer than learning. */
  pool: 3000,
  /** `attention`: weight of the wish that the class token look at the blob. Our choice: at this size it otherwise sees without looking. */
  clip: { attention: 0.5, steps: 350, batch: 64, learningRate: 2e-3, warmup: 50 },
  segmenter: { steps: 220, batch: 16, learningRate: 3e-3, jitter: 9 },
} as const;

interface PretrainOptions {
  readonly engine: Runner;
  readonly seed: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Trains the stand-ins of CLIP and MedSAM on generated textures, never on anything like a brain, and writes them to a file.
 * @returns how well they do on textures they have not seen
 * @throws Interrupted when the signal fires; nothing is written then
 */
export async function pretrainStandIns(path: string, { engine, seed, progress = silent, signal }: PretrainOptions): Promise<{ captionAccuracy: number; segmenterDice: number }> {
  const { tf } = engine;
  const weights = initStandIns(tf, seed);
  const random = seededRandom(seed).stream("pretraining");
  try {
    const pool = drawMany(pretraining.pool, random.stream("pool"));
    await pretrainClip(engine, weights, pool, random.stream("clip"), progress, signal);
    await pretrainSegmenter(engine, weights, pool.filter(({ caption }) => caption > 0), random.stream("segmenter"), progress, signal);
    const scores = { captionAccuracy: await captionAccuracy(tf, weights, random.stream("test")), segmenterDice: await segmenterDice(tf, weights, random.stream("test")) };
    await saveStandIns(path, weights, { seed: String(seed), caption_accuracy: scores.captionAccuracy.toFixed(4), segmenter_dice: scores.segmenterDice.toFixed(4) });
    return scores;
  } finally {
    disposeWeights(weights);
  }
}

const tokenizer = wordTokenizer(captionWords);
const captionTokens = captions.map((caption) => framed(tokenizer.encode(caption), tokenizer, standInClip.context));

/** Scores of every caption for every picture, [B, captions], and how the class token looks at the patches in the last block, [B, g·g]. */
function captionLogits(tf: TensorFlow, images: Tensor4D, { visual, text }: StandInWeights): { logits: Tensor2D; looks: Tensor2D } {
  const before = visionTokens(tf, images, visual, standInClip, { blocks: standInClip.visionBlocks - 1 });
  const { x, seen } = residualBlockSeen(tf, before, visual.transformer.resblocks.at(-1)!, standInClip.visionHeads);
  const patches = patchesASide(standInClip) ** 2;
  const shown = l2Normalise(tf, projectClassToken(tf, x, visual));
  const told = l2Normalise(tf, encodeText(tf, captionTokens, tokenizer.end, text, standInClip));
  return { logits: tf.matMul(shown, told, false, true).mul(text.logit_scale.exp()), looks: tf.slice(seen, [0, 0, 1], [-1, 1, patches]).reshape([images.shape[0], patches]) };
}

/** Patches of which the blob takes a quarter or more, 0 and 1, row by row. */
function blobPatches({ size, blob }: Texture): number[] {
  const { imageSize, patch } = standInClip;
  const grid = patchesASide(standInClip);
  const pixels = clipPixels({ width: size, height: size, image: blob.map((inside) => 255 * inside) }, imageSize);
  return Array.from({ length: grid * grid }, (_, at) => {
    let inside = 0;
    for (let i = 0; i < patch * patch; i++) inside += pixels[(Math.floor(at / grid) * patch + Math.floor(i / patch)) * imageSize + (at % grid) * patch + (i % patch)] > 127 ? 1 : 0;
    return 4 * inside >= patch * patch ? 1 : 0;
  });
}

async function pretrainClip(engine: Runner, weights: StandInWeights, pool: readonly Texture[], random: Random, progress: Progress, signal: AbortSignal | undefined): Promise<void> {
  const { tf } = engine;
  const { steps, batch, learningRate, warmup } = pretraining.clip;
  const variables = trainableVariables({ visual: weights.visual, text: weights.text });
  const adam = new Adam(tf, variables, learningRate);
  const learn = optimizerStep(engine, variables, (gradients) => adam.step(gradients), (images: Tensor4D, labels: Tensor, places: Tensor2D) => {
    const { logits, looks } = captionLogits(tf, images, weights);
    const onBlob = looks.mul(places).sum(1).add(1e-6).log();
    const withBlob = places.max(1); // 1 where there is a blob
    const looking = onBlob.mul(withBlob).sum().div(withBlob.sum().maximum(1)).mul(-pretraining.clip.attention);
    return tf.losses.softmaxCrossEntropy(labels, logits).add<Scalar>(looking);
  });
  const step = async (_: number, at: number): Promise<number> => {
    adam.learningRate = at < warmup ? (learningRate * (at + 1)) / warmup : 0.5 * learningRate * (1 + Math.cos((Math.PI * (at - warmup)) / (steps - warmup)));
    const textures = picked(pool, batch, random.stream(at));
    const images = clipTensor(tf, textures.map(({ size, image }) => clipPixels({ width: size, height: size, image }, standInClip.imageSize)), standInClip.imageSize);
    const labels = tf.tidy(() => tf.oneHot(tf.tensor1d(textures.map(({ caption }) => caption), "int32"), captions.length));
    const places = tf.tensor2d(textures.map(blobPatches));
    const [loss] = await takeNumbers(learn(images, labels, places));
    tf.dispose([images, labels, places]);
    return loss;
  };
  await runTraining({ task: "train the stand-in of CLIP", epochs: 1, stepsPerEpoch: steps, step, save: async () => "nothing", progress, signal }, startOfTraining(learningRate));
  adam.dispose();
}

async function pretrainSegmenter(engine: Runner, { segmenter }: StandInWeights, pool: readonly Texture[], random: Random, progress: Progress, signal: AbortSignal | undefined): Promise<void> {
  const { tf } = engine;
  const { steps, batch, learningRate } = pretraining.segmenter;
  const variables = trainableVariables(segmenter);
  const adam = new Adam(tf, variables, learningRate);
  const learn = optimizerStep(engine, variables, (gradients) => adam.step(gradients), (input: Tensor4D, target: Tensor4D) => {
    const logits = unet(tf, input, segmenter as unknown as UNetWeights, segmenterShape, "train");
    const p = logits.sigmoid();
    const overlap = p.mul(target).sum([1, 2, 3]).mul(2).add(1).div(p.sum([1, 2, 3]).add(target.sum([1, 2, 3])).add(1));
    return tf.losses.sigmoidCrossEntropy(target, logits).add<Scalar>(tf.sub(1, overlap.mean()));
  });
  const step = async (_: number, at: number): Promise<number> => {
    const textures = picked(pool, batch, random.stream(at));
    const { input, target } = segmenterBatch(tf, textures, random.stream(at).stream("boxes"));
    const [loss] = await takeNumbers(learn(input, target));
    tf.dispose([input, target]);
    return loss;
  };
  await runTraining({ task: "train the stand-in of MedSAM", epochs: 1, stepsPerEpoch: steps, step, save: async () => "nothing", progress, signal }, startOfTraining(learningRate));
  adam.dispose();
}

const drawMany = (count: number, random: Random, blob?: boolean): Texture[] => Array.from({ length: count }, (_, i) => drawTexture(pretraining.size, random.stream(i), blob));

function picked(pool: readonly Texture[], count: number, random: Random): Texture[] {
  return Array.from({ length: count }, () => {
    const texture = random.pick(pool);
    const across = random.chance(0.5) ? mirroredTexture(texture, "across") : texture;
    return random.chance(0.5) ? mirroredTexture(across, "down") : across;
  });
}

/** Images with the mask of a loose box round the blob, and the blob. */
function segmenterBatch(tf: TensorFlow, textures: readonly Texture[], random: Random): { input: Tensor4D; target: Tensor4D } {
  const { size, segmenter: { jitter } } = pretraining;
  const input = new Float32Array(textures.length * size * size * 2);
  for (const [n, { image, blob }] of textures.entries()) {
    const box = boxMask(jitteredBox(boxOf(blob, size), size, jitter, random.stream(n)), size);
    for (let i = 0; i < size * size; i++) input.set([image[i] / 255, box[i]], 2 * (n * size * size + i));
  }
  const target = Float32Array.from(textures.flatMap(({ blob }) => [...blob]));
  return { input: tf.tensor4d(input, [textures.length, size, size, 2]), target: tf.tensor4d(target, [textures.length, size, size, 1]) };
}

function boxOf(mask: Uint8Array, size: number): Box {
  const inside = [...mask.keys()].filter((i) => mask[i] > 0);
  const [rows, columns] = [inside.map((i) => Math.floor(i / size)), inside.map((i) => i % size)];
  return { left: Math.min(...columns), right: Math.max(...columns), top: Math.min(...rows), bottom: Math.max(...rows) };
}

/** Share of pictures whose own caption scores highest; 0.2 is chance. */
async function captionAccuracy(tf: TensorFlow, weights: StandInWeights, random: Random): Promise<number> {
  const textures = drawMany(200, random.stream("captions"));
  const size = standInClip.imageSize;
  const images = clipTensor(tf, textures.map(({ size: side, image }) => clipPixels({ width: side, height: side, image }, size)), size);
  const chosen = tf.tidy(() => captionLogits(tf, images, weights).logits.argMax(1));
  const found = await chosen.data();
  tf.dispose([images, chosen]);
  return textures.filter(({ caption }, i) => caption === found[i]).length / textures.length;
}

async function segmenterDice(tf: TensorFlow, { segmenter }: StandInWeights, random: Random): Promise<number> {
  const textures = drawMany(64, random.stream("blobs"), true);
  const { input, target } = segmenterBatch(tf, textures, random.stream("boxes"));
  const score = tf.tidy(() => {
    const inside = unet(tf, input, segmenter as unknown as UNetWeights, segmenterShape, "eval").greater(0).toFloat();
    return inside.mul(target).sum([1, 2, 3]).mul(2).div(inside.sum([1, 2, 3]).add(target.sum([1, 2, 3]))).mean();
  });
  const [dice] = await score.data();
  tf.dispose([input, target, score]);
  return dice;
}
