import type { Rank, Tensor, Tensor1D, TensorFlow, Variable } from "./tensorflow.js";
import { constant, parameter } from "./plan.js";
import { newVariable } from "./variable.js";

export interface BatchNormWeights {
  readonly weight: Variable<Rank.R1>; // [C], γ
  readonly bias: Variable<Rank.R1>; // [C], β
  readonly running_mean: Variable<Rank.R1>; // [C], not trained
  readonly running_var: Variable<Rank.R1>; // [C], not trained
}

export interface BatchNormOptions {
  /** `train` normalises by the batch and moves the running statistics; `eval` normalises by them. */
  readonly mode: "train" | "eval";
  readonly eps?: number;
  /** The share of the new batch in the running statistics, as PyTorch counts it. */
  readonly momentum?: number;
}

/** γ 1, β 0, running mean 0, running variance 1. */
export function initBatchNorm(tf: TensorFlow, channels: number): BatchNormWeights {
  const filled = (value: number, trainable: boolean): Variable<Rank.R1> =>
    newVariable<Rank.R1>(tf, new Float32Array(channels).fill(value), [channels], trainable);
  return { weight: filled(1, true), bias: filled(0, true), running_mean: filled(0, false), running_var: filled(1, false) };
}

/** The same before it takes memory. */
export const planBatchNorm = (channels: number) => ({
  weight: parameter<Rank.R1>([channels], constant(1)),
  bias: parameter<Rank.R1>([channels], constant(0)),
  running_mean: parameter<Rank.R1>([channels], constant(0), { trainable: false }),
  running_var: parameter<Rank.R1>([channels], constant(1), { trainable: false }),
});

/**
 * Batch normalisation over all axes but the last of [N, …, C], with PyTorch's conventions: the batch is normalised by its
 * population variance, while the running variance takes the unbiased one.
 */
export function batchNorm<T extends Tensor>(
  tf: TensorFlow,
  x: T,
  weights: BatchNormWeights,
  { mode, eps = 1e-5, momentum = 0.1 }: BatchNormOptions,
): T {
  if (mode === "eval") {
    const scale = weights.weight.mul<Tensor1D>(weights.running_var.add(eps).rsqrt()); // [C]
    return x.mul<T>(scale).add(weights.bias.sub(weights.running_mean.mul(scale)));
  }
  const n = x.size / weights.weight.size;
  const { mean, variance } = tf.moments(x, allButLast(x)) as { mean: Tensor1D; variance: Tensor1D };
  moveTowards(weights.running_mean, mean, momentum);
  moveTowards(weights.running_var, variance.mul(n / Math.max(1, n - 1)), momentum);
  return normalise(tf, x, mean, variance.add<Tensor1D>(eps).rsqrt(), weights);
}

function moveTowards(average: Variable<Rank.R1>, value: Tensor1D, momentum: number): void {
  average.assign(average.mul(1 - momentum).add(value.mul(momentum)));
}

/**
 * γ·(x − μ)/σ + β with the gradient written out, a third of the passes that automatic differentiation makes:
 * dx = γ/σ · (dy − mean(dy) − x̂·mean(dy·x̂)), dγ = Σ dy·x̂, dβ = Σ dy (Ioffe & Szegedy 2015, §3).
 */
function normalise<T extends Tensor>(
  tf: TensorFlow,
  x: T,
  mean: Tensor1D,
  inverseDeviation: Tensor1D,
  { weight, bias }: BatchNormWeights,
): T {
  const n = x.size / weight.size;
  const axes = allButLast(x);
  const forward = tf.customGrad((...inputs) => {
    const [x, gamma, beta] = inputs as [T, Tensor1D, Tensor1D];
    const save = inputs[3] as unknown as (tensors: Tensor[]) => void;
    const scale = gamma.mul(inverseDeviation);
    save([x, gamma, mean, inverseDeviation]);
    return { value: x.mul(scale).add(beta.sub(mean.mul(scale))), gradFunc: backward };
  });
  const backward = (dy: Tensor, saved: Tensor[]): Tensor[] => {
    const [x, gamma, mean, inverseDeviation] = saved as [T, Tensor1D, Tensor1D, Tensor1D];
    const standard = x.sub(mean).mul(inverseDeviation); // x̂ [N, …, C]
    const dGamma = dy.mul(standard).sum(axes); // [C]
    const dBeta = dy.sum(axes); // [C]
    const inner = dy.sub(standard.mul(dGamma.div(n))).sub(dBeta.div(n));
    return [inner.mul(gamma.mul(inverseDeviation)), dGamma, dBeta];
  };
  return forward(x, weight as Tensor1D, bias as Tensor1D) as T;
}

const allButLast = (x: Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, axis) => axis);
