import type { NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs";
import type { Random } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";

/** A small network for the cases: its variables, and the loss of one fixed batch. */
export interface CaseNet {
  readonly variables: Variable[];
  readonly loss: () => Scalar;
}

/**
 * A contrastive network in small: strided 7×7 convolution, batch norm, max pooling, a residual block that narrows,
 * attention over positions, a projection, and NT-Xent over pairs of views (Chen et al. 2020, eq. 1).
 */
export function contrastiveNet(tf: TensorFlow, random: Random, pairs = 6): CaseNet {
  const variables: Variable[] = [];
  const weights = (name: string, shape: number[], fanIn: number): Variable => {
    const stream = random.stream(name);
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => stream.normal(0, Math.sqrt(2 / fanIn)));
    const variable = tf.variable(tf.tensor(values, shape), true);
    variables.push(variable);
    return variable;
  };
  const vector = (length: number, value: 0 | 1): Variable => {
    const variable = tf.variable(value === 1 ? tf.ones([length]) : tf.zeros([length]), true);
    variables.push(variable);
    return variable;
  };
  const block = (name: string, size: number, from: number, to: number) => {
    const filter = weights(name, [size, size, from, to], size * size * from);
    const gain = vector(to, 1);
    const shift = vector(to, 0);
    return (x: Tensor4D, stride: number): Tensor4D => {
      const y = tf.conv2d(x, filter as unknown as Tensor4D, stride, "same");
      const { mean, variance } = tf.moments(y, [0, 1, 2]);
      return tf.batchNorm(y, mean as Tensor1D, variance as Tensor1D, shift as unknown as Tensor1D, gain as unknown as Tensor1D, 1e-5);
    };
  };
  const stem = block("stem", 7, 3, 8);
  const first = block("first", 3, 8, 16);
  const second = block("second", 3, 16, 16);
  const shortcut = block("shortcut", 1, 8, 16);
  const score = weights("score", [16, 1], 16);
  const hidden = weights("hidden", [16, 16], 16);
  const projection = weights("projection", [16, 8], 16);

  const input = random.stream("input");
  const views = 2 * pairs;
  const x = tf.tensor4d(
    Float32Array.from({ length: views * 16 * 16 * 3 }, () => input.normal()),
    [views, 16, 16, 3],
  );
  const others = tf.sub(tf.ones([views, views]), tf.eye(views)) as Tensor2D; //            1 everywhere but on the diagonal
  const partner = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: views }, (_, i) => (i + pairs) % views),
      "int32",
    ),
    views,
  );

  const loss = (): Scalar => {
    const low = tf.maxPool(tf.relu(stem(x, 2)), 3, 2, 1); //                                [V, 4, 4, 8]
    const inner = second(tf.relu(first(low, 2)), 1); //                                     [V, 2, 2, 16]
    const features = tf.relu(tf.add(inner, shortcut(low, 2))).reshape([views, 4, 16]); //   [V, positions, 16]
    const attention = tf.softmax(tf.matMul(tf.tanh(features), (score as Tensor).reshape([1, 16, 1])).squeeze([2])); // [V, 4]
    const pooled = tf.sum(tf.mul(features, attention.expandDims(2)), 1) as Tensor2D; //     [V, 16]
    const z = tf.matMul(tf.relu(tf.matMul(pooled, hidden as unknown as Tensor2D)), projection as unknown as Tensor2D);
    const unit = tf.div(z, tf.add(tf.norm(z, "euclidean", 1, true), 1e-8)) as Tensor2D;
    const similarity = tf.div(tf.matMul(unit, unit, false, true), 0.5); //                  [V, V]
    const masked = tf.add(similarity, tf.mul(tf.sub(others, 1), 1e9)); //                   never with itself
    const positive = tf.sum(tf.mul(similarity, partner), 1);
    return tf.mean(tf.sub(tf.logSumExp(masked, 1), positive)) as Scalar;
  };
  return { variables, loss };
}

/** The losses of some steps of plain TensorFlow.js training with Adam. */
export async function train(tf: TensorFlow, net: CaseNet, steps: number, learningRate = 0.01): Promise<number[]> {
  const optimizer = tf.train.adam(learningRate);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = optimizer.minimize(net.loss, true, net.variables)!;
    losses.push((await loss.data())[0]);
    loss.dispose();
  }
  optimizer.dispose();
  return losses;
}

export function disposeAll(tensors: NamedTensorMap | readonly Tensor[]): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
