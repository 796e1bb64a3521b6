import type { Random } from "../core/index.js";
import type { Rank, Tensor2D, TensorFlow, Variable } from "./tensorflow.js";
import { newVariable } from "./variable.js";

/** y = x·Wᵀ + b, stored as PyTorch stores it. */
export interface LinearWeights {
  readonly weight: Variable<Rank.R2>; // [out, in]
  readonly bias: Variable<Rank.R1>; // [out]
}

/** PyTorch's default: weight and bias U(−1/√in, 1/√in). */
export function initLinear(tf: TensorFlow, inputs: number, outputs: number, random: Random): LinearWeights {
  const limit = 1 / Math.sqrt(inputs);
  const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.uniform(-limit, limit));
  return {
    weight: newVariable<Rank.R2>(tf, draw(inputs * outputs), [outputs, inputs]),
    bias: newVariable<Rank.R1>(tf, draw(outputs), [outputs]),
  };
}

export function linear(tf: TensorFlow, x: Tensor2D, { weight, bias }: LinearWeights): Tensor2D {
  return tf.matMul(x, weight as Tensor2D, false, true).add(bias); // [rows, out]
}
