import { InvalidValue, seededRandom, silent, type Progress, type Random } from "../../core/index.js";
import { Adam, assignArrays, disposeWeights, namedVariables, optimizerStep, readArrays, runTraining, startOfTraining, takeNumbers, trainableVariables, type EpochRecord, type Runner, type TrainingState } from "../../nn/index.js";
import { loadTrainee, saveTrainee, type CheckpointName, type Trainee } from "./checkpoints.js";
import { blocksMask, vdsMask, type ColumnMask } from "./column-masks.js";
import { checkConfig, type AsmrConfig, type DataConfig, type RewardModelConfig } from "./config.js";
import { mean, pooledDice, predictor } from "./predict.js";
import { drawSlices, makeSampler, presenceBin } from "./sampler.js";
import { headsLoss } from "./segmentation-loss.js";
import { initSegmenter, segmentHeads, type Segmenter } from "./segmenter.js";
import { flippedSlice, kspaceTensors, rows, vectors, type KspaceSlice } from "./slices.js";
import type { Tensor2D, Tensor3D } from "./tensorflow.js";

export interface TrainSegmenterOptions {
  readonly engine: Runner;
  readonly config: AsmrConfig;
  readonly train: readonly KspaceSlice[];
  readonly val: readonly KspaceSlice[];
  readonly seed: number;
  /** Where its checkpoint goes and training goes on from; nothing is saved without. */
  readonly folder?: string;
  readonly name?: CheckpointName;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface TrainedSegmenter extends Segmenter {
  readonly history: readonly (EpochRecord & { readonly valDice: number })[];
}

interface SegmenterState extends TrainingState {
  /** Mean foreground Dice on the validation slices, an entry an epoch. */
  readonly valDice: readonly number[];
}

/**
 * Trains a segmentation network under masks of many densities, so that it knows what sparse reconstructions look like (spec §4.1–4.3).
 * The weights with the best mean Dice on the validation slices, whose masks are fixed by the seed, are the result.
 *
 * @returns the model; the caller owns its variables
 * @throws Interrupted when the signal fires, after saving; InvalidValue without slices or for slices of another size
 */
export async function trainSegmenter(options: TrainSegmenterOptions): Promise<TrainedSegmenter> {
  const { engine, seed, folder, name = "reward-model", progress = silent, signal, val } = options;
  const { tf } = engine;
  const config = checkConfig(options.config);
  const { rewardModel, data } = config;
  const train = rewardModel.emptySlices === "keep" ? options.train : options.train.filter(({ label }) => presenceBin(label) > 0);
  requireSlices(train, data.size, "the training split");
  requireSlices(val, data.size, "the validation split");
  const segmenter = initSegmenter(tf, config, seed);
  const adam = new Adam(tf, trainableVariables(segmenter.weights), rewardModel.learningRate, { weightDecay: rewardModel.weightDecay });
  const trainee: Trainee = { weights: segmenter.weights, adam };
  const random = seededRandom(seed).stream(name);
  const predict = predictor(engine, segmenter);
  const valMasks = val.map((_, i) => trainingMask(rewardModel, data, random.stream("val-masks").stream(i)));
  const batchStep = segmenterStep(engine, segmenter, adam);
  const stepsPerEpoch = Math.max(1, Math.floor(train.length / rewardModel.batch));
  const total = rewardModel.epochs * stepsPerEpoch;
  const weights = rewardModel.sampler === "weighted" ? makeSampler(train).weights : undefined;
  let valDice: readonly number[] = [];
  try {
    const saved = folder && (await loadTrainee<SegmenterState>(tf, folder, name, trainee));
    valDice = saved ? saved.valDice : [];
    const { history } = await runTraining({
      task: `train ${name}`,
      epochs: rewardModel.epochs,
      stepsPerEpoch,
      step: async (epoch, step) => {
        adam.learningRate = learningRateAt(epoch, epoch * stepsPerEpoch + step, total, rewardModel);
        const own = random.stream(epoch);
        const order = weights === undefined ? own.permutation(train.length) : drawSlices(weights, train.length, own);
        const chosen = Array.from({ length: rewardModel.batch }, (_, i) => train[order[(step * rewardModel.batch + i) % train.length]]);
        const loss = await batchStep(augmented(chosen, rewardModel, own.stream(`flip${step}`)), chosen.map((_, i) => trainingMask(rewardModel, data, own.stream(step).stream(i))));
        if (step === stepsPerEpoch - 1) await judge();
        return loss;
      },
      save: async (state) => (folder ? saveTrainee(folder, name, trainee, { ...state, valDice }) : "nothing"),
      progress,
      signal,
    }, saved || startOfTraining(rewardModel.learningRate));
    if (trainee.best) assignArrays(tf, namedVariables(segmenter.weights), trainee.best, name);
    return { ...segmenter, history: history.map((record, i) => ({ ...record, learningRate: learningRateAt(i, i * stepsPerEpoch, total, rewardModel), valDice: valDice[i] })) };
  } catch (error) {
    disposeWeights(segmenter.weights);
    throw error;
  } finally {
    adam.dispose();
  }

  async function judge(): Promise<void> {
    const predicted = await predict(val, valMasks, signal);
    const dice = mean(pooledDice(predicted.map(({ label }) => label), val.map(({ label }) => label)));
    if (!(dice < Math.max(...valDice))) trainee.best = await readArrays(namedVariables(segmenter.weights));
    valDice = [...valDice, dice];
  }
}

function segmenterStep(engine: Runner, segmenter: Segmenter, adam: Adam): (slices: readonly KspaceSlice[], masks: readonly ColumnMask[]) => Promise<number> {
  const { tf } = engine;
  const step = optimizerStep(
    engine,
    trainableVariables(segmenter.weights),
    (gradients) => adam.step(gradients),
    (kReal: Tensor3D, kImag: Tensor3D, label: Tensor3D, mask: Tensor2D) =>
      headsLoss(tf, segmentHeads(tf, { real: kReal, imag: kImag }, mask, segmenter, "train"), label, segmenter.config.rewardModel.segLoss),
  );
  return async (slices, masks) => {
    const { size } = slices[0];
    const inputs = [
      ...kspaceTensors(tf, slices),
      rows(tf, slices.map(({ label }) => label), size), vectors(tf, masks),
    ] as const;
    const [loss] = await takeNumbers(step(...inputs));
    tf.dispose([...inputs]);
    return loss;
  };
}

/** One training mask by the law of the configuration. */
export function trainingMask({ masks, rates: [least, most] }: Pick<RewardModelConfig, "masks" | "rates">, { size, sampledIndices }: DataConfig, random: Random): ColumnMask {
  if (masks === "vds-and-blocks" && random.chance(0.65)) return blocksMask(size, sampledIndices, random);
  return vdsMask(size, sampledIndices, random.uniform(least, most), random);
}

function augmented(slices: readonly KspaceSlice[], { augment }: RewardModelConfig, random: Random): readonly KspaceSlice[] {
  if (augment === "none") return slices;
  return slices.map((slice) => flippedSlice(slice, { vertical: random.chance(0.5), horizontal: random.chance(0.5) }));
}

export function requireSlices(slices: readonly KspaceSlice[], size: number, what: string): void {
  const odd = slices.find((slice) => slice.size !== size);
  if (slices.length === 0 || odd) throw new InvalidValue("train asmr", `${what} must have slices of ${size}×${size}`, odd?.size ?? "none");
}

/**
 * `cosine` falls to 10⁻⁶ over the epochs; `one-cycle` rises for 30 % of the steps from rate/25 and falls to rate/250,000, both along cosines, as PyTorch's OneCycleLR;
 * `asmr-step` falls tenfold every three epochs.
 */
export function learningRateAt(epoch: number, step: number, total: number, { schedule, learningRate, epochs }: Pick<RewardModelConfig, "schedule" | "learningRate" | "epochs">): number {
  if (schedule === "asmr-step") return learningRate * 0.1 ** Math.floor(epoch / 3);
  const between = (from: number, to: number, share: number): number => to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
  if (schedule === "cosine") return between(learningRate, 1e-6, epoch / epochs);
  const peak = 0.3 * total - 1;
  if (step <= peak) return between(learningRate / 25, learningRate, peak > 0 ? step / peak : 1);
  return between(learningRate, learningRate / 25 / 1e4, (step - peak) / Math.max(1, total - 1 - peak));
}
