import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs";
import { packageRoot } from "../../core/index.js";
import type { Engine, TensorFlow } from "../engine.js";

interface Golden {
  readonly losses: readonly number[];
  readonly head: readonly number[];
  /** The first 32 weights. */
  readonly stem: readonly number[];
}

/** Training as PyTorch does it; the numbers come from tests/golden/training.py, which has the same network. */
export function pytorchCases(engine: () => Engine): void {
  it("has PyTorch's losses and weights over 20 steps of a residual network, within 1e-4", async () => {
    const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "training.json"), "utf8")) as Golden;
    const { tf, step } = engine();
    const { variables, loss, stem, head } = residualNet(tf);
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
    const once = step(() => optimizer.minimize(loss, true, variables)!);
    for (const [i, expected] of golden.losses.entries()) {
      const value = once();
      const [ours] = await value.data();
      assert.ok(Math.abs(ours - expected) < 1e-4, `step ${i}: loss ${ours}, PyTorch ${expected}`);
      value.dispose();
    }
    const compare = async (variable: Variable, expected: readonly number[]): Promise<void> => {
      const ours = await variable.data();
      for (const [i, value] of expected.entries()) assert.ok(Math.abs(ours[i] - value) < 1e-4, `weight ${i}: ${ours[i]}, PyTorch ${value}`);
    };
    await compare(head, golden.head);
    await compare(stem, golden.stem);
  });
}

function residualNet(tf: TensorFlow): { variables: Variable[]; loss: () => Scalar; stem: Variable; head: Variable } {
  const variables: Variable[] = [];
  const keep = (tensor: Tensor): Variable => {
    const variable = tf.variable(tensor);
    variables.push(variable);
    return variable;
  };
  const weight = (shape: number[], seed: number): Variable =>
    keep(numbers(tf, shape, seed, Math.sqrt(4 / tf.util.sizeFromShape(shape.slice(0, -1)))));
  const [stem, first, second, shortcut, head] = [
    weight([5, 5, 3, 8], 1),
    weight([3, 3, 8, 16], 2),
    weight([3, 3, 16, 16], 3),
    weight([1, 1, 8, 16], 4),
    weight([16, 4], 5),
  ];
  const norms = [8, 16, 16, 16].map((channels) => {
    const [gain, shift] = [keep(tf.ones([channels])), keep(tf.zeros([channels]))];
    return (z: Tensor4D): Tensor4D => {
      const { mean, variance } = tf.moments(z, [0, 1, 2]);
      return tf.batchNorm(z, mean as Tensor1D, variance as Tensor1D, shift as Tensor as Tensor1D, gain as Tensor as Tensor1D, 1e-5);
    };
  });
  const convolve = (x: Tensor4D, filter: Variable, stride: number, pad: number): Tensor4D =>
    tf.conv2d(x, filter as Tensor as Tensor4D, stride, pad);
  const x = numbers(tf, [8, 16, 16, 3], 6, 1) as Tensor4D;
  const y = numbers(tf, [8, 4], 7, 1);
  const loss = (): Scalar => {
    const low = tf.maxPool(tf.relu(norms[0](convolve(x, stem, 2, 2))), 3, 2, 1); //                        [8, 4, 4, 8]
    const inner = norms[2](convolve(tf.relu(norms[1](convolve(low, first, 2, 1))), second, 1, 1)); //     [8, 2, 2, 16]
    const features = tf.mean(tf.relu(tf.add(inner, norms[3](convolve(low, shortcut, 2, 0)))), [1, 2]); // [8, 16]
    return tf.mean(tf.square(tf.sub(tf.matMul(features as Tensor2D, head as Tensor as Tensor2D), y))) as Scalar;
  };
  return { variables, loss, stem, head };
}

/** scale · sin(seed + 1.7·i) · cos(0.3·i): the formula of tests/golden/training.py. */
function numbers(tf: TensorFlow, shape: number[], seed: number, scale: number): Tensor {
  const values = Float32Array.from(
    { length: tf.util.sizeFromShape(shape) },
    (_, i) => scale * Math.sin(seed + 1.7 * i) * Math.cos(0.3 * i),
  );
  return tf.tensor(values, shape);
}
