import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from "@tensorflow/tfjs";
import { packageRoot } from "../../core/index.js";
import type { Engine, TensorFlow } from "../engine.js";
import { gelu } from "../ops/gelu.js";

interface Golden {
  readonly losses: readonly number[];
  /** The first 32 numbers of some weights. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

interface Net {
  readonly variables: readonly Variable[];
  readonly shown: Readonly<Record<string, Variable>>;
  readonly loss: () => Scalar;
}

/** Twenty Adam steps as PyTorch makes them; the numbers come from tests/golden/training_nets.py, which has the same networks. */
export function pytorchNetCases(engine: () => Engine): void {
  for (const [name, make] of Object.entries({ unet, transformer })) {
    it(`has PyTorch's losses and weights over 20 steps of a ${name}, within 1e-4`, async () => {
      const file = join(packageRoot, "tests", "golden", "training_nets.json");
      const golden = (JSON.parse(readFileSync(file, "utf8")) as Record<string, Golden>)[name];
      const { tf, step } = engine();
      const { variables, shown, loss } = make(tf);
      const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
      const once = step(() => optimizer.minimize(loss, true, [...variables])!);
      for (const [i, expected] of golden.losses.entries()) {
        const value = once();
        const [ours] = await value.data();
        assert.ok(Math.abs(ours - expected) < 1e-4, `step ${i}: loss ${ours}, PyTorch ${expected}`);
        value.dispose();
      }
      for (const [weight, expected] of Object.entries(golden.weights)) {
        const ours = await shown[weight].data();
        for (const [i, value] of expected.entries())
          assert.ok(Math.abs(ours[i] - value) < 1e-4, `${weight}, number ${i}: ${ours[i]}, PyTorch ${value}`);
      }
      tf.dispose([...variables]);
    });
  }
}

/** scale · sin(seed + 1.7·i) · cos(0.3·i). */
function numbers<T extends Tensor>(tf: TensorFlow, shape: number[], seed: number, scale: number): T {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(seed + 1.7 * i) * Math.cos(0.3 * i)),
    shape,
  ) as T;
}

function keeper(tf: TensorFlow) {
  const variables: Variable[] = [];
  const keep = <T extends Tensor>(tensor: T): T => {
    variables.push(tf.variable(tensor));
    return variables.at(-1) as Tensor as T;
  };
  return { variables, keep };
}

/** Two levels, widths 16 and 32, batch norm, max pooling, a transposed convolution and joined channels; 8 images 16×16. */
function unet(tf: TensorFlow): Net {
  const { variables, keep } = keeper(tf);
  const weight = (shape: number[], seed: number): Tensor4D =>
    keep(numbers<Tensor4D>(tf, shape, seed, Math.sqrt(4 / tf.util.sizeFromShape(shape.slice(0, -1)))));
  const shapes = [
    [3, 3, 1, 16],
    [3, 3, 16, 16],
    [3, 3, 16, 32],
    [3, 3, 32, 16],
  ];
  const filters = shapes.map((shape, i) => weight(shape, i + 1));
  const rise = weight([2, 2, 16, 32], 5);
  const head = weight([1, 1, 16, 1], 6);
  const norms = [16, 16, 32, 16].map((channels) => ({ gain: keep(tf.ones([channels])), shift: keep(tf.zeros([channels])) }));
  const x = numbers<Tensor4D>(tf, [8, 16, 16, 1], 7, 1);
  const mask = tf.cast(tf.greater(numbers(tf, [8, 16, 16, 1], 8, 1), 0), "float32");
  const block = (z: Tensor4D, i: number): Tensor4D => {
    const y = tf.conv2d(z, filters[i], 1, "same");
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    return tf.relu(tf.batchNorm(y, mean as Tensor1D, variance as Tensor1D, norms[i].shift as Tensor1D, norms[i].gain as Tensor1D, 1e-5));
  };
  const loss = (): Scalar => {
    const skip = block(block(x, 0), 1); //                                            [8, 16, 16, 16]
    const low = block(tf.maxPool(skip, 2, 2, "valid"), 2); //                         [8, 8, 8, 32]
    const wide = tf.conv2dTranspose(low, rise, [8, 16, 16, 16], 2, "valid"); //       [8, 16, 16, 16]
    const logits = tf.conv2d(block(tf.concat([skip, wide], 3), 3), head, 1, "same"); // [8, 16, 16, 1]
    return tf.losses.sigmoidCrossEntropy(mask, logits) as Scalar;
  };
  return { variables, shown: { first: variables[0], rise: variables[4], head: variables[5] }, loss };
}

/** One block of a vision transformer on 4 images of 16 patches: width 32, 4 heads, layer norm, GELU. */
function transformer(tf: TensorFlow): Net {
  const [batch, tokens, width, heads] = [4, 16, 32, 4];
  const { variables, keep } = keeper(tf);
  const linear = (from: number, to: number, seed: number) => {
    const w = keep(numbers<Tensor2D>(tf, [from, to], seed, Math.sqrt(4 / from)));
    const b = keep(tf.zeros([to]) as Tensor1D);
    return (z: Tensor3D): Tensor3D =>
      tf.add(tf.matMul(z.reshape([-1, from]), w), b).reshape([...z.shape.slice(0, -1), to]) as Tensor3D;
  };
  const norm = () => {
    const [gain, shift] = [keep(tf.ones([width])), keep(tf.zeros([width]))];
    return (z: Tensor3D): Tensor3D => {
      const { mean, variance } = tf.moments(z, -1, true);
      return tf.add(tf.mul(tf.mul(tf.sub(z, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain), shift);
    };
  };
  const embed = linear(12, width, 1);
  const positions = keep(numbers<Tensor2D>(tf, [tokens, width], 2, 0.1));
  const [before, qkv, out] = [norm(), linear(width, 3 * width, 3), linear(width, width, 4)];
  const [after, up, down] = [norm(), linear(width, 4 * width, 5), linear(4 * width, width, 6)];
  const [last, head] = [norm(), linear(width, 4, 7)];
  const x = numbers<Tensor3D>(tf, [batch, tokens, 12], 8, 1);
  const y = numbers<Tensor2D>(tf, [batch, 4], 9, 1);
  const loss = (): Scalar => {
    let z = tf.add<Tensor3D>(embed(x), positions); // [batch, tokens, width]
    const [q, k, v] = tf
      .split(qkv(before(z)), 3, 2)
      .map((part) => part.reshape([batch, tokens, heads, width / heads]).transpose([0, 2, 1, 3])); // [batch, heads, tokens, width/heads]
    const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)));
    z = tf.add(z, out(tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([batch, tokens, width])));
    z = tf.add(z, down(gelu(tf, up(after(z)))));
    const scores = head(tf.mean(last(z), 1, true) as Tensor3D).reshape([batch, 4]);
    return tf.mean(tf.square(tf.sub(scores, y)));
  };
  return { variables, shown: { embed: variables[0], positions: variables[2], head: variables.at(-2)! }, loss };
}
