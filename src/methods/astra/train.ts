import type { Rank } from "@tensorflow/tfjs";
import { BadFile, InvalidValue, seededRandom, silent, type Progress } from "../../core/index.js";
import { selectClips, type DcaseDataset } from "../../datasets/index.js";
import {
  Adam,
  assignArrays,
  disposeWeights,
  namedVariables,
  ntXent,
  runTraining,
  startOfTraining,
  trainableVariables,
  type EpochRecord,
  type NamedArray,
  type TensorFlow,
  type TrainingState,
} from "../../nn/index.js";
import { fitAttributeScales, type AttributeScales } from "./attributes.js";
import { stepsPerEpoch, trainingBatch, type BatchSource, type TrainingBatch } from "./batches.js";
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
  readonly tf: TensorFlow;
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
  const { tf, dataset, config, seed, folder, progress = silent, signal } = options;
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
  { tf, seed, folder, config }: TrainAstraOptions,
  { weights }: TrainedAstra,
  adam: Adam,
  source: BatchSource,
) {
  const random = seededRandom(seed).stream("training");
  return {
    task: "train",
    epochs: config.training.epochs,
    stepsPerEpoch: stepsPerEpoch(source.clips.length, config.training),
    plateau: config.training.plateau,
    step: async (epoch: number, step: number, learningRate: number): Promise<number> => {
      adam.learningRate = learningRate;
      return contrastiveStep(tf, trainingBatch(source, epoch, step, random), weights, adam, config);
    },
    save: async (state: TrainingState): Promise<string> =>
      folder ? saveCheckpoint(folder, { state, weights, adam, keep: config.training.keepCheckpoints }) : "nothing",
  };
}

/** One step of NT-Xent between two views; batch statistics are those of each view. Returns the loss. */
export async function contrastiveStep(
  tf: TensorFlow,
  batch: TrainingBatch,
  weights: AstraWeights,
  adam: Adam,
  config: AstraConfig,
): Promise<number> {
  const { size } = config.patches;
  const { pooling } = config.model;
  const perClip = batch.views[0].length / (batch.clips * size * size * 3);
  const width = batch.attributes.length / batch.clips;
  const [one, two] = batch.views.map((view) => tf.tensor<Rank.R4>(view, [batch.clips * perClip, size, size, 3]));
  const attributes = width > 0 ? tf.tensor2d(batch.attributes, [batch.clips, width]) : null;
  const options = { clips: batch.clips, mode: "train", pooling } as const;
  const { value, grads } = tf.variableGrads(
    () => {
      const [z1, z2] = [one, two].map((view) => astraForward(tf, view, attributes, weights, options).fused); // [B, 2E]
      return ntXent(tf, z1, z2, config.training.temperature);
    },
    trainableVariables(weights).map(({ variable }) => variable),
  );
  adam.step(grads);
  // Before the loss is read: an engine that compiles whole steps would hand out every gradient still held then.
  tf.dispose(grads);
  const [loss] = await value.data();
  tf.dispose([one, two, value]);
  attributes?.dispose();
  return loss;
}
