import { parameter, uniform, type Weights } from "./plan.js";
import type { Rank, Tensor, Tensor2D, TensorFlow } from "./tensorflow.js";

/** y = x·Wᵀ + b with PyTorch's start values U(−1/√in, 1/√in). */
export const planLinear = (inputs: number, outputs: number) => {
  const fill = uniform(1 / Math.sqrt(inputs));
  return { weight: parameter<Rank.R2>([outputs, inputs], fill), bias: parameter<Rank.R1>([outputs], fill) };
};

type Affine = Weights<ReturnType<typeof planLinear>>;

/** A linear layer on every vector along the last axis: […, in] → […, out]. */
export function mapVectors<T extends Tensor>(tf: TensorFlow, x: T, { weight, bias }: Affine): T {
  const [outputs, inputs] = weight.shape;
  const rows = tf.matMul(x.reshape<Tensor2D>([-1, inputs]), weight as Tensor2D, false, true).add(bias);
  return rows.reshape([...x.shape.slice(0, -1), outputs]) as unknown as T;
}

/** Linear layers with ReLU between them, none after the last. Paths are SAM's `layers.0` … */
export const planMlp = (widths: readonly number[]) => ({ layers: widths.slice(1).map((outputs, i) => planLinear(widths[i], outputs)) });

export type MlpWeights = Weights<ReturnType<typeof planMlp>>;

/** […, widths[0]] → […, widths.at(-1)] */
export function mlp<T extends Tensor>(tf: TensorFlow, x: T, { layers }: MlpWeights): T {
  return layers.reduce((y, layer, i) => {
    const next = mapVectors(tf, y, layer);
    return i === layers.length - 1 ? next : next.relu<T>();
  }, x);
}
