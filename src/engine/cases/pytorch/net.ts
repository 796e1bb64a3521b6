import type { Scalar, Tensor, Tensor1D, Tensor3D, Tensor4D, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

/** A small network that tests/golden/training_nets.py trains with PyTorch: its weights, and the loss of one fixed batch. */
export interface PytorchNet {
  readonly variables: readonly Variable[];
  /** The weights that are compared at the end. */
  readonly shown: Readonly<Record<string, Variable>>;
  readonly loss: () => Scalar;
}

/** scale · sin(seed + 1.7·i) · cos(0.3·i): the formula of the Python script. */
export function numbers<T extends Tensor>(tf: TensorFlow, shape: number[], seed: number, scale: number): T {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(seed + 1.7 * i) * Math.cos(0.3 * i)),
    shape,
  ) as T;
}

/** Makes layers, and keeps their weights in the order in which they were made. */
export function layers(tf: TensorFlow) {
  const variables: Variable[] = [];
  const keep = <T extends Tensor>(tensor: T): T => {
    variables.push(tf.variable(tensor));
    return variables.at(-1) as Tensor as T;
  };
  /** A filter [height, width, in, out]. */
  const filter = (shape: number[], seed: number): Tensor4D =>
    keep(numbers<Tensor4D>(tf, shape, seed, Math.sqrt(4 / tf.util.sizeFromShape(shape.slice(0, -1)))));
  const batchNorm = (channels: number) => {
    const [gain, shift] = [keep(tf.ones([channels]) as Tensor1D), keep(tf.zeros([channels]) as Tensor1D)];
    return (z: Tensor4D): Tensor4D => {
      const { mean, variance } = tf.moments(z, [0, 1, 2]);
      return tf.batchNorm(z, mean as Tensor1D, variance as Tensor1D, shift, gain, 1e-5);
    };
  };
  const layerNorm = (width: number) => {
    const [gain, shift] = [keep(tf.ones([width])), keep(tf.zeros([width]))];
    return (z: Tensor3D): Tensor3D => {
      const { mean, variance } = tf.moments(z, -1, true);
      return tf.add(tf.mul(tf.mul(tf.sub(z, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain), shift);
    };
  };
  const linear = (from: number, to: number, seed: number) => {
    const w = keep(numbers(tf, [from, to], seed, Math.sqrt(4 / from)));
    const b = keep(tf.zeros([to]));
    return (z: Tensor3D): Tensor3D => tf.add(tf.matMul(z.reshape([-1, from]), w), b).reshape([...z.shape.slice(0, -1), to]) as Tensor3D;
  };
  return { variables, keep, filter, batchNorm, layerNorm, linear };
}
