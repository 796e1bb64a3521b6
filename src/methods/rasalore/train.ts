import { join } from "node:path";
import { InvalidValue, numpyPermutation, seededRandom, silent, type Progress, type Random } from "../../core/index.js";
import {
  Adam, assignArrays, disposeWeights, Momentum, namedVariables, optimizerStep, readArrays, readCheckpoint, runTraining, startOfTraining, takeNumbers, trainableVariables, writeCheckpoint,
  type EpochRecord, type NamedArray, type Runner, type TrainingState,
} from "../../nn/index.js";
import { augment } from "./augment.js";
import { loadState, saveState } from "./checkpoints.js";
import { checkConfig, type RasaloreConfig, type TrainingConfig } from "./config.js";
import { drawMasks, givenDropout, listDropout, noDropout } from "./dropout.js";
import { embeddingHash } from "./lore.js";
import { makeSmoothing, pointsInside, rasaloreLoss, type Smoothing } from "./loss.js";
import { hardDice } from "./measure.js";
import { initRasalore, segment, type RasaloreModel } from "./network.js";
import { predictPrepared } from "./predict.js";
import { mapArea, prepareSlice, type PreparedSlice } from "./prepare.js";
import type { GuidedSlice } from "./pseudo-masks.js";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

export interface TrainRasaloreOptions {
  readonly engine: Runner;
  /** Unhealthy training slices with their pseudo masks; healthy ones play no part in stage 2. */
  readonly guided: readonly GuidedSlice[];
  readonly config: RasaloreConfig;
  readonly seed: number;
  /** Seed of the location embeddings where it is to differ. */
  readonly loreSeed?: number;
  /** Where checkpoints go and where training goes on from; nothing is saved without. */
  readonly folder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface TrainedRasalore extends RasaloreModel {
  readonly history: readonly EpochRecord[];
  /** Slices it learned from, after those with too small a map were left out. */
  readonly trainedOn: number;
}

const latest = "rasalore.safetensors";
const best = "rasalore-best.safetensors";

/**
 * Stage 2 (spec §4.2): learns masks from both pseudo masks. Ground truth is looked at only where the configuration says `ground-truth`.
 * @returns the model of the last epoch, or of the epoch with the best validation Dice; the caller owns its variables
 * @throws Interrupted after a step when the signal fires, the state saved; InvalidValue when no slice is left; BadFile when a checkpoint has other embeddings
 */
export async function trainRasalore(options: TrainRasaloreOptions): Promise<TrainedRasalore> {
  const { engine, seed, folder, progress = silent, signal } = options;
  const { tf } = engine;
  const config = checkConfig(options.config);
  const { training } = config;
  const { train, validation } = splitByPatient(prepared(options.guided, config), training.selectOn === "last-epoch" ? 0 : training.validation);
  if (train.length === 0) throw new InvalidValue("train RASALoRE", `needs slices whose map marks ${config.guide.minMapArea} pixels or more`, 0, "Train stage 1 longer, or look at its maps.");
  const model = initRasalore(tf, config, seed, { lore: options.loreSeed });
  const variables = trainableVariables(model.weights);
  const optimizer = training.optimizer === "adam-cosine" ? new Adam(tf, variables, training.learningRate) : new Momentum(tf, variables, training.learningRate);
  const smoothing = makeSmoothing(tf, 2 * config.network.imageSize, training.sigma);
  const random = seededRandom(seed).stream("rasalore-training");
  const hash = { embedding: embeddingHash(model.embeddings) };
  const choice = new BestWeights(tf, model, folder, hash.embedding);
  const trainBatch = batchStep(engine, model, optimizer, smoothing);
  try {
    const start = (folder && (await loadState(tf, folder, latest, model.weights, { optimizer }, hash))) || startOfTraining(training.learningRate);
    await choice.resume();
    const stepsPerEpoch = Math.ceil(train.length / training.batch);
    const { history } = await runTraining({
      task: "train RASALoRE",
      epochs: training.epochs,
      stepsPerEpoch,
      step: async (epoch, step) => {
        optimizer.learningRate = learningRateAt(epoch, step, stepsPerEpoch, training);
        const order = random.stream(epoch).permutation(train.length);
        // The last batch is filled up from the start of the order: one batch shape, and no slice is left out.
        const chosen = Array.from({ length: training.batch }, (_, i) => train[order[(step * training.batch + i) % train.length]]);
        return trainBatch(chosen, random.stream(epoch).stream(step));
      },
      save: async (state: TrainingState) => {
        if (validation.length > 0 && state.step === 0 && state.epoch > 0) await choice.consider(await validationDice(tf, model, validation, training.selectOn));
        return folder ? saveState(folder, latest, state, model.weights, { optimizer }, hash) : "nothing";
      },
      progress,
      signal,
    }, start);
    if (validation.length > 0) choice.restore();
    return { ...model, history, trainedOn: train.length };
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  } finally {
    optimizer.dispose();
    tf.dispose([smoothing.foreground, smoothing.background]);
  }
}

/** A run's trained model; the caller owns its variables. @throws BadFile when the folder holds none, or one with other embeddings */
export async function loadTrained(tf: TensorFlow, folder: string, config: RasaloreConfig, seed: number, loreSeed = seed): Promise<RasaloreModel | undefined> {
  const model = initRasalore(tf, config, seed, { lore: loreSeed });
  const expected = { embedding: embeddingHash(model.embeddings) };
  try {
    const state = await loadState(tf, folder, latest, model.weights, {}, expected);
    if (state === undefined) {
      disposeWeights(model.weights);
      return undefined;
    }
    if (config.training.selectOn !== "last-epoch") {
      const choice = new BestWeights(tf, model, folder, expected.embedding);
      await choice.resume();
      choice.restore();
    }
    return model;
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  }
}

/** The weights with the best validation score so far, in memory and in the run's folder. */
class BestWeights {
  #found: { readonly score: number; readonly arrays: ReadonlyMap<string, NamedArray> } | undefined;
  constructor(
    private readonly tf: TensorFlow,
    private readonly model: RasaloreModel,
    private readonly folder: string | undefined,
    private readonly embedding: string,
  ) {}

  async resume(): Promise<void> {
    if (this.folder === undefined) return;
    const found = await readCheckpoint(join(this.folder, best)).catch(() => undefined);
    if (found && found.metadata.embedding === this.embedding) this.#found = { score: Number(found.metadata.validation_dice), arrays: found.arrays };
  }

  async consider(score: number): Promise<void> {
    if (this.#found !== undefined && score <= this.#found.score) return;
    this.#found = { score, arrays: await readArrays(namedVariables(this.model.weights)) };
    if (this.folder) await writeCheckpoint(join(this.folder, best), { arrays: this.#found.arrays, metadata: { validation_dice: String(score), embedding: this.embedding } });
  }

  restore(): void {
    if (this.#found) assignArrays(this.tf, namedVariables(this.model.weights), this.#found.arrays, best);
  }
}

/** Slices as stage 2 sees them; those whose map marks too little, or that are dark, are left out. */
function prepared(guided: readonly GuidedSlice[], config: RasaloreConfig): PreparedSlice[] {
  return guided.flatMap(({ loaded, masks }) => {
    if (mapArea(masks.map, loaded.width, loaded.height) < config.guide.minMapArea) return [];
    const slice = prepareSlice(loaded, config, masks);
    return slice ? [slice] : [];
  });
}

/**
 * Sets whole patients apart, so that none is on both sides (the published split is by slice and leaks). The order is scikit-learn's with seed 42.
 * @returns no validation slice for a share of 0 or a single patient
 */
export function splitByPatient<T extends { readonly patient: string }>(slices: readonly T[], share: number): { train: T[]; validation: T[] } {
  const patients = [...new Set(slices.map(({ patient }) => patient))].sort();
  const count = share === 0 ? 0 : Math.min(patients.length - 1, Math.ceil(share * patients.length));
  const held = new Set(numpyPermutation(patients, 42).slice(0, count));
  return { train: slices.filter(({ patient }) => !held.has(patient)), validation: slices.filter(({ patient }) => held.has(patient)) };
}

type Optimizer = Adam | Momentum;

/** @returns a function that makes one step on a batch of augmented slices and gives its loss */
function batchStep(engine: Runner, model: RasaloreModel, optimizer: Optimizer, smoothing: Smoothing): (chosen: readonly PreparedSlice[], random: Random) => Promise<number> {
  const { tf } = engine;
  const { network, segmenterTerm, training } = model.config;
  const { imageSize: size, grid, dropout: share } = network;
  const shapes = share > 0 ? dropoutShapes(tf, model, training.batch) : [];
  const step = optimizerStep(
    engine,
    trainableVariables(model.weights),
    (gradients) => optimizer.step(gradients),
    (images: Tensor4D, map: Tensor3D, segmenter: Tensor3D, inside: Tensor2D, ...masks: Tensor[]) => {
      const output = segment(tf, images, model, { mode: "train", dropout: share > 0 ? givenDropout(masks) : noDropout });
      return rasaloreLoss(tf, output, { map, segmenter }, inside, smoothing).total;
    },
  );
  return async (chosen, random) => {
    const views = chosen.map((slice, i) => augment(slice, size, random.stream(i)));
    const inputs = [
      tf.tensor4d(joined(views.map(({ image }) => image)), [views.length, size, size, 1]),
      tf.tensor3d(joined(views.map(({ mapLarge }) => binary(mapLarge))), [views.length, 2 * size, 2 * size]),
      tf.tensor3d(joined(views.map(({ segmenterLarge }) => (segmenterTerm === "used" ? binary(segmenterLarge) : segmenterLarge.map(() => 0)))), [views.length, 2 * size, 2 * size]),
      tf.tensor2d(joined(views.map(({ map }) => pointsInside(binary(map), size, grid))), [views.length, grid * grid]),
      ...drawMasks(tf, share, shapes, random.stream("dropout")),
    ] as const;
    const [loss] = await takeNumbers(step(...inputs));
    tf.dispose([...inputs]);
    return loss;
  };
}

/** The masks that dropout needs for a batch, by a pass whose numbers nobody wants. */
function dropoutShapes(tf: TensorFlow, model: RasaloreModel, batch: number): (readonly number[])[] {
  const { imageSize: size } = model.config.network;
  const shapes: (readonly number[])[] = [];
  tf.tidy(() => void segment(tf, tf.zeros([batch, size, size, 1]), model, { mode: "eval", dropout: listDropout(shapes) }));
  return shapes;
}

const binary = (mask: Uint8Array): Uint8Array => mask.map((value) => (value > 127.5 ? 1 : 0));

function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  const whole = new Float32Array(parts.length * parts[0].length);
  for (const [i, part] of parts.entries()) whole.set(part, i * part.length);
  return whole;
}

/**
 * `sgd-halved`: halved every 20 epochs, the first time in epoch 21; `adam-cosine`: up in a straight line over the warm-up, then half a cosine to the run's end.
 * @param epoch from 0
 * @param step of the epoch, from 0
 * @example learningRateAt(21, 0, 100, presets.paper.training) // 0.005
 */
export function learningRateAt(epoch: number, step: number, stepsPerEpoch: number, { learningRate, epochs, optimizer, warmupSteps }: TrainingConfig): number {
  if (optimizer === "sgd-halved") return learningRate * 0.5 ** Math.max(0, Math.floor((epoch - 1) / 20));
  const [at, all] = [epoch * stepsPerEpoch + step, epochs * stepsPerEpoch];
  if (at < warmupSteps) return (learningRate * (at + 1)) / warmupSteps;
  return 0.5 * learningRate * (1 + Math.cos((Math.PI * (at - warmupSteps)) / Math.max(1, all - warmupSteps)));
}

/** Mean hard Dice on slices that are not trained on and not augmented. */
async function validationDice(tf: TensorFlow, model: RasaloreModel, slices: readonly PreparedSlice[], on: TrainingConfig["selectOn"]): Promise<number> {
  const predictions = await predictPrepared(tf, model, slices);
  const scores = slices.map(({ mapLarge, truth }, i) => hardDice(predictions[i].probability, on === "ground-truth" && truth ? truth : binary(mapLarge)));
  return scores.reduce((sum, x) => sum + x, 0) / scores.length;
}
