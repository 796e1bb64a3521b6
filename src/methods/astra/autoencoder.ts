import type { Scalar, Tensor2D } from "@tensorflow/tfjs";
import { concatenate, seededRandom, silent, type Progress, type Random } from "../../core/index.js";
import {
  Adam,
  batchNorm,
  disposeWeights,
  initBatchNorm,
  initLinear,
  linear,
  optimizerStep,
  runTraining,
  startOfTraining,
  takeNumbers,
  trainableVariables,
  type BatchNormWeights,
  type LinearWeights,
  type Runner,
  type TensorFlow,
} from "../../nn/index.js";
import { logMel } from "../../signal/index.js";
import { columnMeans, mahalanobisSquared, pseudoInverse, type Gaussian } from "../../stats/index.js";
import type { AstraConfig } from "./config.js";

/** Consecutive frames the autoencoder sees at once, and bands of each. */
const [frames, bands] = [5, 128];
const widths = [frames * bands, 128, 128, 128, 128, 8, 128, 128, 128, 128, frames * bands];

/** Linear + batch norm + ReLU nine times over, the last linear alone: 640–128–128–128–128–8–128–128–128–128–640. */
export type AutoencoderWeights = readonly { readonly linear: LinearWeights; readonly bn?: BatchNormWeights }[];

/** The windows of one clip, [windows, 640], frame by frame. */
export type Windows = Float32Array;

/** @example parameterCount(initAutoencoder(tf, random)) // 267,928 */
export function initAutoencoder(tf: TensorFlow, random: Random): AutoencoderWeights {
  return widths.slice(1).map((width, i) => ({
    linear: initLinear(tf, widths[i], width, random.stream(i)),
    ...(i < widths.length - 2 && { bn: initBatchNorm(tf, width) }),
  }));
}

/** [n, 640] → [n, 640] */
export function reconstruct(tf: TensorFlow, x: Tensor2D, weights: AutoencoderWeights, mode: "train" | "eval"): Tensor2D {
  return weights.reduce((y, { linear: layer, bn }) => {
    const sum = linear(tf, y, layer);
    return bn ? batchNorm(tf, sum, bn, { mode, eps: 1e-3, momentum: 0.01 }).relu() : sum;
  }, x);
}

/** The baseline's features (spec §5): log-mel from 0 Hz, 10·log10(max(S, 2.2e-16)), five frames after another. */
export function clipWindows(samples: ArrayLike<number>, { sampleRate, nFft, hopLength }: AstraConfig["image"]): Windows {
  const { data, shape } = logMel(samples, {
    sampleRate,
    nFft,
    hopLength,
    nMels: bands,
    fMin: 0,
    fMax: sampleRate / 2,
    ref: 1,
    amin: Number.EPSILON,
    topDb: null,
  });
  const count = Math.max(0, shape[1] - frames + 1);
  const windows = new Float32Array(count * frames * bands);
  for (let w = 0, to = 0; w < count; w++) {
    for (let f = 0; f < frames; f++) for (let band = 0; band < bands; band++) windows[to++] = data[band * shape[1] + w + f];
  }
  return windows;
}

/** Clips of one machine, by domain. */
export interface BaselineClip {
  readonly domain: string;
  readonly windows: Windows;
}

/** A trained autoencoder of one machine with the residual covariance of each domain. */
export interface Baseline {
  readonly weights: AutoencoderWeights;
  readonly residuals: readonly Pick<Gaussian, "mean" | "precision">[];
}

export interface BaselineScore {
  /** Mean squared error over the clip. */
  readonly mse: number;
  /** Squared Mahalanobis length of the clip's mean residual, under the nearer of the domains' covariances. */
  readonly mahalanobis: number;
}

export interface TrainAutoencoderOptions {
  readonly seed: number;
  readonly task?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Trains the challenge's autoencoder to reconstruct one machine's normal windows; a share of them is kept out of it.
 * @returns the weights, and the mean loss of each epoch
 * @see nttcslab/dcase2023_task2_baseline_ae; Harada et al., First-shot anomaly sound detection, 2023
 */
export async function trainAutoencoder(
  engine: Runner,
  clips: readonly BaselineClip[],
  { epochs, batch, learningRate, validationShare }: AstraConfig["autoencoder"],
  { seed, task = "autoencoder", progress = silent, signal }: TrainAutoencoderOptions,
): Promise<{ weights: AutoencoderWeights; history: readonly number[] }> {
  const { tf } = engine;
  const random = seededRandom(seed).stream("autoencoder");
  const all = concatenate(clips.map(({ windows }) => windows));
  const width = frames * bands;
  const shuffled = random.stream("validation").permutation(all.length / width);
  const training = shuffled.subarray(0, Math.ceil(shuffled.length * (1 - validationShare)));
  const size = Math.min(batch, training.length);
  const weights = initAutoencoder(tf, random.stream("weights"));
  const variables = trainableVariables(weights);
  const adam = new Adam(tf, variables, learningRate);
  const learn = optimizerStep(
    engine,
    variables,
    (gradients) => adam.step(gradients),
    (x: Tensor2D) => reconstruct(tf, x, weights, "train").sub(x).square().mean<Scalar>(),
  );
  const step = async (epoch: number, at: number): Promise<number> => {
    const order = random.stream(`order/${epoch}`).permutation(training.length);
    const rows = Array.from(order.subarray(at * size, (at + 1) * size), (i) => training[i]);
    const x = tf.tensor2d(concatenate(rows.map((row) => all.subarray(row * width, (row + 1) * width))), [
      rows.length,
      width,
    ]);
    const [loss] = await takeNumbers(learn(x));
    x.dispose();
    return loss;
  };
  try {
    const stepsPerEpoch = Math.floor(training.length / size);
    const { history } = await runTraining(
      { task, epochs, stepsPerEpoch, step, save: async () => "nothing", progress, signal },
      startOfTraining(learningRate),
    );
    return { weights, history: history.map(({ loss }) => loss) };
  } catch (error) {
    disposeWeights(weights);
    throw error;
  } finally {
    adam.dispose();
  }
}

/**
 * Adds the covariance of each domain's training residuals a frame (128 bands), centred a batch of windows and divided by
 * windows − 1 although there are five frames to a window, as the published code has it.
 */
export async function fitBaseline(
  tf: TensorFlow,
  weights: AutoencoderWeights,
  clips: readonly BaselineClip[],
  batch: number,
): Promise<Baseline> {
  const residuals: Baseline["residuals"][number][] = [];
  for (const domain of new Set(clips.map((clip) => clip.domain))) {
    residuals.push(
      await residualGaussian(
        tf,
        weights,
        clips.filter((clip) => clip.domain === domain),
        batch,
      ),
    );
  }
  return { weights, residuals };
}

/** Both scores of one clip. */
export async function baselineScore(
  tf: TensorFlow,
  { weights, residuals }: Baseline,
  windows: Windows,
): Promise<BaselineScore> {
  const residual = await residualOf(tf, weights, windows);
  const mse = residual.reduce((sum, value) => sum + value ** 2, 0) / residual.length;
  const mean = columnMeans(rowsOf(residual));
  return { mse, mahalanobis: Math.min(...residuals.map((gaussian) => mahalanobisSquared(mean, gaussian))) };
}

/** The domain's residuals measured from zero: the score's residual is not centred. */
async function residualGaussian(
  tf: TensorFlow,
  weights: AutoencoderWeights,
  clips: readonly BaselineClip[],
  batch: number,
): Promise<Baseline["residuals"][number]> {
  const windows = concatenate(clips.map((clip) => clip.windows));
  const width = frames * bands;
  const scatter = new Float64Array(bands * bands);
  for (let from = 0; from < windows.length; from += batch * width) {
    const rows = rowsOf(await residualOf(tf, weights, windows.subarray(from, from + batch * width)));
    const mean = columnMeans(rows);
    for (const row of rows)
      addOuterProduct(
        scatter,
        row.map((value, j) => value - mean[j]),
      );
  }
  const count = Math.max(1, windows.length / width - 1);
  return {
    mean: new Float64Array(bands),
    precision: pseudoInverse(
      scatter.map((value) => value / count),
      bands,
    ),
  };
}

async function residualOf(tf: TensorFlow, weights: AutoencoderWeights, windows: Windows): Promise<Float32Array> {
  const residual = tf.tidy(() => {
    const x = tf.tensor2d(windows, [windows.length / (frames * bands), frames * bands]);
    return x.sub(reconstruct(tf, x, weights, "eval"));
  });
  const values = await residual.data<"float32">();
  residual.dispose();
  return values;
}

function rowsOf(residual: Float32Array): Float64Array[] {
  return Array.from({ length: residual.length / bands }, (_, i) =>
    Float64Array.from(residual.subarray(i * bands, (i + 1) * bands)),
  );
}

function addOuterProduct(matrix: Float64Array, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) matrix[i * x.length + j] += x[i] * x[j];
}
