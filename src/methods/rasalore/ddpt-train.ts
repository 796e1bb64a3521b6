import { InvalidValue, seededRandom, silent, type Progress, type Random } from "../../core/index.js";
import type { LoadedSlice } from "../../datasets/index.js";
import { disposeWeights, Momentum, optimizerStep, runTraining, startOfTraining, takeNumbers, trainableVariables, type EpochRecord, type Runner, type TrainingState } from "../../nn/index.js";
import { loadState, saveState } from "./checkpoints.js";
import { clipPixels, clipTensor, mirrored, randomCrop, type ClipPixels } from "./clip-images.js";
import type { DdptConfig } from "./config.js";
import { classLogits, classTexts, handWrittenFeatures, initDdpt, plainFeatures, promptedImage, type DdptModel } from "./ddpt-model.js";
import type { FrozenClip } from "./frozen.js";
import type { Scalar, Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

export interface TrainDdptOptions {
  readonly engine: Runner;
  readonly slices: readonly LoadedSlice[];
  readonly config: DdptConfig;
  readonly clip: FrozenClip;
  readonly seed: number;
  /** Where the checkpoint goes and where training goes on from; nothing is saved without. */
  readonly folder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface TrainedDdpt extends DdptModel {
  readonly history: readonly EpochRecord[];
  /** Slices it learned from: at most `perClass` of each class. */
  readonly trainedOn: number;
}

export const ddptCheckpoint = "ddpt.safetensors";

/**
 * Stage 1 (spec §4.1): learns prompts for a frozen CLIP from healthy and unhealthy slices. No mask is looked at.
 * @returns the trained model; the caller owns its variables
 * @throws Interrupted after a step when the signal fires; InvalidValue when a class has no slice or there are fewer than a batch
 */
export async function trainDdpt(options: TrainDdptOptions): Promise<TrainedDdpt> {
  const { engine, config, clip, seed, folder, progress = silent, signal } = options;
  const { tf } = engine;
  const random = seededRandom(seed).stream("ddpt-training");
  const slices = capped(options.slices, config.perClass, random.stream("few"));
  const batch = Math.min(config.batch, slices.length);
  for (const label of ["healthy", "unhealthy"] as const) {
    if (!slices.some(({ slice }) => slice.label === label)) throw new InvalidValue("train DDPT", `needs ${label} slices`, "none");
  }
  const model = initDdpt(tf, config, clip, seed);
  const groups = [
    { optimizer: new Momentum(tf, trainableVariables({ visual: model.weights.visual, class_aware: model.weights.class_aware }), 0, { weightDecay: 5e-4 }), rates: config.visual },
    { optimizer: new Momentum(tf, trainableVariables({ text: model.weights.text }), 0, { weightDecay: 5e-4 }), rates: config.text },
  ];
  const optimizers = Object.fromEntries(groups.map(({ optimizer }, i) => [`sgd${i}`, optimizer]));
  const hand = tf.tidy(() => handWrittenFeatures(tf, clip));
  const whole = slices.map((slice) => clipPixels(slice, clip.config.imageSize));
  const step = (prompts: Teaching) =>
    optimizerStep(
      engine,
      trainableVariables(model.weights),
      (gradients) => groups.forEach(({ optimizer }) => optimizer.step(gradients)),
      (images: Tensor4D, labels: Tensor2D) => ddptLoss(tf, { images, labels, hand, model, prompts }),
    );
  const steps = { apart: step("apart"), together: step("together") };
  try {
    const start = (folder && (await loadState(tf, folder, ddptCheckpoint, model.weights, optimizers))) || startOfTraining(config.visual.learningRate);
    const { history } = await runTraining({
      task: "train DDPT",
      epochs: config.epochs,
      stepsPerEpoch: Math.max(1, Math.floor(slices.length / batch)), // the last, smaller batch is dropped
      step: async (epoch, step) => {
        for (const { optimizer, rates } of groups) optimizer.learningRate = ddptLearningRate(epoch + 1, rates, config.epochs);
        const order = random.stream(epoch).permutation(slices.length).slice(step * batch, (step + 1) * batch);
        const own = random.stream(epoch).stream(step);
        const images = clipTensor(tf, Array.from(order, (at, i) => viewOf(slices[at], whole[at], config, own.stream(i))), clip.config.imageSize);
        const labels = tf.tensor2d(Array.from(order, (at) => (slices[at].slice.label === "unhealthy" ? [0, 1] : [1, 0])));
        const [loss] = await takeNumbers(steps[epoch < config.switchEpoch ? "apart" : "together"](images, labels));
        tf.dispose([images, labels]);
        return loss;
      },
      save: async (state: TrainingState) => (folder ? saveState(folder, ddptCheckpoint, state, model.weights, optimizers) : "nothing"),
      progress,
      signal,
    }, start);
    return { ...model, history, trainedOn: slices.length };
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  } finally {
    hand.dispose();
    for (const { optimizer } of groups) optimizer.dispose();
  }
}

interface Batch {
  readonly images: ReturnType<typeof clipTensor>;
  /** [B, 2] */
  readonly labels: Tensor2D;
  readonly hand: Tensor2D;
  readonly model: DdptModel;
  readonly prompts: Teaching;
}

/** Until the switch both kinds of prompts are taught apart; then together (spec §4.1). */
type Teaching = "apart" | "together";

function ddptLoss(tf: TensorFlow, { images, labels, hand, model, prompts }: Batch): Scalar {
  const { features: texts, asking } = classTexts(tf, model);
  const { features, layerLogits } = promptedImage(tf, images, asking, model);
  const against = (logits: Tensor2D): Scalar => tf.losses.softmaxCrossEntropy(labels, logits);
  const both = against(classLogits(tf, features, texts, model.clip));
  // The row of the prompt that belongs to the slice's own class.
  const own = layerLogits.mul(tf.expandDims(labels, 2)).sum(1) as Tensor2D;
  const layer = against(own).mul<Scalar>(0.3);
  if (prompts === "together") return both.add(layer);
  const text = against(classLogits(tf, plainFeatures(tf, images, model.clip), texts, model.clip));
  const image = against(classLogits(tf, features, hand, model.clip));
  return text.add<Scalar>(image).add<Scalar>(both.mul(0.1)).add(layer);
}

/**
 * Warm-up at 10⁻⁵, then a cosine of the run's length that begins anew after it (and so never reaches 0).
 * @param epoch from 1
 * @example ddptLearningRate(12, { learningRate: 0.01, warmup: 10 }, 60) // 0.00999315
 */
export function ddptLearningRate(epoch: number, { learningRate, warmup }: DdptConfig["visual"], epochs: number): number {
  return epoch <= warmup ? 1e-5 : 0.5 * learningRate * (1 + Math.cos((Math.PI * (epoch - 1 - warmup)) / epochs));
}

function viewOf(slice: LoadedSlice, whole: ClipPixels, { augmentation, clip }: DdptConfig, random: Random): ClipPixels {
  const pixels = augmentation === "flip" ? whole : randomCrop(slice, clip.imageSize, random);
  return random.chance(0.5) ? mirrored(pixels, clip.imageSize) : pixels;
}

/** At most so many slices of each class. */
function capped(slices: readonly LoadedSlice[], most: number, random: Random): LoadedSlice[] {
  return (["healthy", "unhealthy"] as const).flatMap((label) => {
    const own = slices.filter(({ slice }) => slice.label === label);
    return own.length <= most ? own : random.stream(label).shuffled(own).slice(0, most);
  });
}
