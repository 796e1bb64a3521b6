import type { Rank, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { BadFile, InvalidValue, seededRandom, silent, type Progress } from "../../core/index.js";
import { selectClips, type DcaseDataset } from "../../datasets/index.js";
import {
  Adam,
  assignArrays,
  disposeWeights,
  namedVariables,
  ntXent,
  optimizerStep,
  runTraining,
  startOfTraining,
  takeNumbers,
  trainableVariables,
  type EpochRecord,
  type NamedArray,
  type Runner,
  type TensorFlow,
  type TrainingState,
} from "../../nn/index.js";
import { fitAttributeScales, type AttributeScales } from "./attributes.js";
import { patchesPerView, stepsPerEpoch, trainingBatch, type BatchSource, type TrainingBatch } from "./batches.js";
import type { AstraConfig } from "./config.js";
import { clipImages, type Images } from "./images.js";
import { astraForward, initAstra, type AstraWeights } from "./model.js";
import { loadLatest, saveCheckpoint } from "./checkpoints.js";

/** A model with everything that is needed to use it. */
export interface TrainedAstra {
  readonly config: AstraConfig;
  readonly seed: number;
  readonly weights: AstraWeights;
  readonly scales: AttributeScales;
  /** One entry an epoch; empty when untrained. */
  readonly history: readonly EpochRecord[];
}

export interface TrainAstraOptions {
  readonly engine: Runner;
  readonly dataset: DcaseDataset;
  readonly config: AstraConfig;
  readonly seed: number;
  /** Where checkpoints go and where training goes on from; nothing is saved without. */
  readonly folder?: string;
  /** Pictures of the training clips, when they have been made already. */
  readonly images?: Images;
  /** Weights the backbone starts from, under torchvision's names (`conv1.weight` …; `fc.*` is not needed). Random without. */
  readonly backbone?: ReadonlyMap<string, NamedArray>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The model as it is before its first step: what training starts from, and what it must beat. */
export function untrainedAstra(tf: TensorFlow, dataset: DcaseDataset, config: AstraConfig, seed: number): TrainedAstra {
  const weights = initAstra(tf, config.model, dataset.attributeDim, seededRandom(seed).stream("weights"));
  return { config, seed, weights, scales: fitAttributeScales(dataset), history: [] };
}

/**
 * Trains on the normal training clips of all machines together (spec §4): two random views of each clip, NT-Xent between
 * them, Adam, and a learning rate that is halved when the loss stands still.
 *
 * With a folder, the state is saved after every epoch and when the signal fires; a later call goes on from there
 * and ends with the same bits as a call that was never interrupted (on one engine with one thread).
 *
 * @returns the trained model; the caller owns its variables
 * @throws Interrupted when the signal fires
 * @throws InvalidValue when there are fewer training clips than a batch
 */
export async function trainAstra(options: TrainAstraOptions): Promise<TrainedAstra> {
  const { engine, dataset, config, seed, folder, progress = silent, signal } = options;
  const { tf } = engine;
  const clips = selectClips(dataset.clips, { split: "train" });
  if (clips.length < Math.min(2, config.training.batch))
    throw new InvalidValue("trainAstra", "needs at least two training clips", clips.length);
  const images = options.images ?? (await clipImages(clips, config.image, { progress, signal }));
  const model = untrainedAstra(tf, dataset, config, seed);
  if (options.backbone) assignArrays(tf, namedVariables(model.weights.encoder.backbone), options.backbone, "backbone");
  const adam = new Adam(tf, trainableVariables(model.weights), config.training.learningRate);
  const source = { clips, images, scales: model.scales, config };
  try {
    const start =
      (folder && (await loadLatest(tf, folder, model.weights, adam))) || startOfTraining(config.training.learningRate);
    const { history } = await runTraining({ ...planOf(options, model, adam, source), progress, signal }, start);
    return { ...model, history };
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  } finally {
    adam.dispose();
  }
}

/**
 * The model of a run folder, as its furthest checkpoint left it.
 * @throws BadFile when the folder has no checkpoint or the data has other attributes than it was trained with
 */
export async function loadAstra(
  tf: TensorFlow,
  folder: string,
  dataset: DcaseDataset,
  { config, seed }: Pick<TrainedAstra, "config" | "seed">,
): Promise<TrainedAstra> {
  const model = untrainedAstra(tf, dataset, config, seed);
  const state = await loadLatest(tf, folder, model.weights);
  if (state === undefined)
    throw new BadFile("not-found", folder, "holds no checkpoint", "Train first: folio train astra --data DIR --out RUN");
  return { ...model, history: state.history };
}

function planOf(
  { engine, seed, folder, config }: TrainAstraOptions,
  { weights }: TrainedAstra,
  adam: Adam,
  source: BatchSource,
) {
  const random = seededRandom(seed).stream("training");
  const contrast = contrastiveStep(engine, weights, adam, config);
  return {
    task: "train",
    epochs: config.training.epochs,
    stepsPerEpoch: stepsPerEpoch(source.clips.length, config.training),
    plateau: config.training.plateau,
    step: async (epoch: number, step: number, learningRate: number): Promise<number> => {
      adam.learningRate = learningRate;
      return contrast(trainingBatch(source, epoch, step, random));
    },
    save: async (state: TrainingState): Promise<string> =>
      folder ? saveCheckpoint(folder, { state, weights, adam, keep: config.training.keepCheckpoints }) : "nothing",
  };
}

/**
 * Steps of NT-Xent between two views; batch statistics are those of each view.
 * @returns a function that makes a step on a batch and gives its loss
 */
function contrastiveStep(engine: Runner, weights: AstraWeights, adam: Adam, config: AstraConfig): (batch: TrainingBatch) => Promise<number> {
  const { tf } = engine;
  const { pooling } = config.model;
  const { size } = config.patches;
  const perClip = patchesPerView(config);
  const step = optimizerStep(
    engine,
    trainableVariables(weights),
    (gradients) => adam.step(gradients),
    (one: Tensor4D, two: Tensor4D, ...attributes: Tensor2D[]) => {
      const options = { clips: one.shape[0] / perClip, mode: "train", pooling } as const;
      const [z1, z2] = [one, two].map((view) => astraForward(tf, view, attributes[0] ?? null, weights, options).fused); // [B, 2E]
      return ntXent(tf, z1, z2, config.training.temperature);
    },
  );
  return async ({ clips, views, attributes }) => {
    const [one, two] = views.map((view) => tf.tensor<Rank.R4>(view, [clips * perClip, size, size, 3]));
    const described = attributes.length > 0 ? [tf.tensor2d(attributes, [clips, attributes.length / clips])] : [];
    const [loss] = await takeNumbers(step(one, two, ...described));
    tf.dispose([one, two, ...described]);
    return loss;
  };
}
