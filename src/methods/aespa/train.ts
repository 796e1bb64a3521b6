import { InvalidValue, seededRandom, silent, type Progress, type Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { assignArrays, disposeWeights, namedVariables, runTraining, startOfTraining, type Adam, type EpochRecord, type NamedArray, type Runner, type TrainingState } from "../../nn/index.js";
import { checkConfig, type AespaConfig, type TrainingConfig } from "./config.js";
import { loadLatest, saveCheckpoint, startName } from "./checkpoints.js";
import { initAespa, type AespaModel } from "./model.js";
import { makeSpaOptimizers, makeSpaTrainStep } from "./spa-step.js";
import { makeOptimizers, makeTrainStep, type StepLoss } from "./train-step.js";
import type { TensorFlow } from "./tensorflow.js";

export interface TrainAespaOptions {
  readonly engine: Runner;
  /** At the size of `config.sam.imageSize`. */
  readonly cases: readonly RatedCase[];
  readonly config: AespaConfig;
  readonly seed: number;
  /** What {@link readStart} read: the tensors that do not begin at random. */
  readonly start?: ReadonlyMap<string, NamedArray>;
  /** Where checkpoints go and where training goes on from; nothing is saved without. */
  readonly folder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface TrainedAespa extends AespaModel {
  /** One entry an epoch: the mean cross-entropy of a round. */
  readonly history: readonly EpochRecord[];
}

/**
 * Trains AESPA (spec §4.1) for the epochs of its configuration; the last state is the result. The published code takes the epoch
 * and the round that score best on the test set; here nothing is chosen, so the test set stays unseen.
 *
 * With a folder, the state is saved after every epoch and when the signal fires; a later call goes on from there.
 *
 * @returns the trained model; the caller owns its variables
 * @throws Interrupted when the signal fires; InvalidValue for cases of another size
 */
export async function trainAespa(options: TrainAespaOptions): Promise<TrainedAespa> {
  return trainWith(options, "AESPA", makeOptimizers, makeTrainStep);
}

/** Trains the parent method SPA (spec §4.2) on the same network; otherwise as {@link trainAespa}. */
export async function trainSpa(options: TrainAespaOptions): Promise<TrainedAespa> {
  return trainWith(options, "SPA", makeSpaOptimizers, makeSpaTrainStep);
}

async function trainWith<Optimizers extends Readonly<Record<string, Adam>>>(
  options: TrainAespaOptions,
  name: string,
  makeOptimizers: (tf: TensorFlow, model: AespaModel) => Optimizers,
  makeStep: (engine: Runner, model: AespaModel, optimizers: Optimizers) => (cases: readonly RatedCase[], random: Random) => Promise<StepLoss>,
): Promise<TrainedAespa> {
  const { engine, cases, seed, folder, progress = silent, signal } = options;
  const { tf } = engine;
  const config = checkConfig(options.config);
  const { training, sam } = config;
  const odd = cases.find(({ size }) => size !== sam.imageSize);
  if (cases.length === 0 || odd) throw new InvalidValue(`train ${name}`, `needs images of ${sam.imageSize}×${sam.imageSize}`, odd?.size ?? "none");
  const model = initAespa(tf, config, seed);
  if (options.start !== undefined) beginAt(tf, model, options.start);
  const optimizers = makeOptimizers(tf, model);
  const trainBatch = makeStep(engine, model, optimizers);
  const random = seededRandom(seed).stream(`${name.toLowerCase()}-training`);
  try {
    const start = (folder && (await loadLatest(tf, folder, model, optimizers))) || startOfTraining(training.learningRate);
    const { history } = await runTraining({
      task: `train ${name}`,
      epochs: training.epochs,
      stepsPerEpoch: Math.ceil(cases.length / training.batch),
      step: async (epoch, step) => {
        for (const adam of Object.values(optimizers)) adam.learningRate = learningRateAt(epoch, training);
        const order = random.stream(epoch).permutation(cases.length);
        const chosen = Array.from(order.slice(step * training.batch, (step + 1) * training.batch), (at) => cases[at]);
        return (await trainBatch(chosen, random.stream(epoch).stream(step))).mask;
      },
      save: async (state: TrainingState) => (folder ? saveCheckpoint(folder, state, model, optimizers) : "nothing"),
      progress,
      signal,
    }, start);
    if (training.epochs === 0 && folder) await saveCheckpoint(folder, start, model, optimizers); // published weights as a run
    return { ...model, history };
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  } finally {
    for (const adam of Object.values(optimizers)) adam.dispose();
  }
}

function beginAt(tf: TensorFlow, model: AespaModel, start: ReadonlyMap<string, NamedArray>): void {
  assignArrays(tf, namedVariables(model.weights).filter(({ name }) => start.has(name)), start, "start weights");
  const mixture = start.get(startName);
  if (mixture?.data.length === model.start.length) model.start.set(mixture.data);
}

/** `halved`: after 60 % and again after 85 % of the epochs. */
export function learningRateAt(epoch: number, { epochs, learningRate, schedule }: TrainingConfig): number {
  if (schedule === "constant") return learningRate;
  const halvings = [0.6, 0.85].filter((share) => epoch >= Math.round(share * epochs)).length;
  return learningRate / 2 ** halvings;
}
