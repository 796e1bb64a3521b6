import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { seededRandom } from "../../../core/index.js";
import type { TensorFlow } from "../../engine.js";
import { registerOps } from "../../ops/register.js";
import { loadTensorFlow } from "../../tfjs.js";
import { startLazy } from "../backend.js";
import { nativeRuntime } from "../native-runtime.js";
import { probeBlockSize } from "./block-size.js";

type Shape = readonly number[];
type Net = (tf: TensorFlow, x: Tensor4D, ...weights: Tensor4D[]) => Tensor;

/** A small network, the shape of its images and of its filters. */
interface Case {
  readonly name: string;
  readonly x: Shape;
  readonly filters: readonly Shape[];
  readonly f: Net;
  /** Largest difference allowed, in typical sizes; 2e-5 unless said otherwise. */
  readonly tolerance?: number;
}

const conv =
  (strides: number, pad: "same" | "valid" | number, dilations = 1): Net =>
  (tf, x, w) =>
    tf.conv2d(x, w, strides, pad, "NHWC", dilations);
const normalised = (tf: TensorFlow, y: Tensor4D): Tensor4D => {
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  return tf.batchNorm(y, mean as never, variance as never, tf.range(0, y.shape[3]) as never, tf.range(1, y.shape[3] + 1) as never, 1e-5);
};
const square: Shape = [8, 12, 12, 16];
const three: Shape = [3, 3, 16, 32];

const cases: Case[] = [
  { name: "3×3", x: square, filters: [three], f: conv(1, "same") },
  { name: "3×3 without padding", x: square, filters: [three], f: conv(1, "valid") },
  { name: "3×3 by steps of 2 on odd sizes", x: [8, 13, 11, 16], filters: [three], f: conv(2, "same") },
  { name: "3×3 by steps of 2 that leave a row unread", x: [8, 12, 12, 16], filters: [three], f: conv(2, "valid") },
  { name: "5×5 dilated", x: [4, 16, 16, 16], filters: [[5, 5, 16, 16]], f: conv(1, "same", 2) },
  { name: "7×7 by steps of 2 on three channels", x: [8, 20, 20, 3], filters: [[7, 7, 3, 16]], f: conv(2, 3) },
  { name: "one channel", x: [8, 20, 20, 1], filters: [[3, 3, 1, 16]], f: conv(1, "same") },
  ...[1, 3, 12, 16, 24].map((batch) => ({ name: `a batch of ${batch}`, x: [batch, 12, 12, 16], filters: [three], f: conv(1, "same") })),
  { name: "large maps", x: [4, 64, 64, 16], filters: [[3, 3, 16, 16]], f: conv(1, "same") },
  {
    name: "1×1 after 3×3",
    x: square,
    filters: [three, [1, 1, 32, 16]],
    f: (tf, x, v, w) => tf.conv2d(tf.relu(tf.conv2d(x, v, 1, "same")), w, 1, "same"),
  },
  {
    name: "transposed 2×2 by steps of 2",
    x: square,
    filters: [three, [2, 2, 16, 32]],
    f: (tf, x, v, w) => tf.conv2dTranspose(tf.conv2d(x, v, 1, "same"), w, [8, 24, 24, 16], 2, "same"),
  },
  {
    name: "transposed 3×3 by steps of 2",
    x: square,
    filters: [three, [3, 3, 16, 32]],
    f: (tf, x, v, w) => tf.conv2dTranspose(tf.conv2d(x, v, 1, "same"), w, [8, 24, 24, 16], 2, "same"),
  },
  {
    name: "a residual block with batch norm",
    x: square,
    filters: [
      [3, 3, 16, 16],
      [3, 3, 16, 16],
    ],
    f: (tf, x, v, w) => {
      const y = tf.relu(normalised(tf, tf.conv2d(x, v, 1, "same")));
      return tf.relu(tf.add(y, normalised(tf, tf.conv2d(y, w, 1, "same"))));
    },
  },
  {
    // Both layouts round x·gain at 300 times its spread; a variance by E[x²] − E[x]² would be 5e-3 off.
    name: "batch norm of images whose mean is large",
    x: square,
    filters: [three],
    tolerance: 5e-4,
    f: (tf, x, w) => normalised(tf, tf.conv2d(tf.add(x, 300), w, 1, "same")),
  },
  {
    name: "joined channels",
    x: square,
    filters: [three, [3, 3, 48, 16]],
    f: (tf, x, v, w) => tf.conv2d(tf.concat([tf.relu(tf.conv2d(x, v, 1, "same")), x], 3), w, 1, "same"),
  },
  {
    name: "channels cut apart",
    x: square,
    filters: [three],
    f: (tf, x, w) => {
      const [a, b] = tf.split(tf.conv2d(x, w, 1, "same"), 2, 3);
      return tf.add(tf.mul(a, b), tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, 16]));
    },
  },
  { name: "max pooling", x: square, filters: [three], f: (tf, x, w) => tf.maxPool(tf.relu(tf.conv2d(x, w, 1, "same")), 2, 2, "valid") },
  {
    name: "max pooling of ties above zero",
    x: square,
    filters: [three],
    f: (tf, x, w) => tf.maxPool(tf.relu(tf.add(tf.conv2d(tf.mul(x, 0), w, 1, "same"), 1)), 2, 2, "valid"),
  },
  { name: "overlapping max pooling", x: square, filters: [three], f: (tf, x, w) => tf.maxPool(tf.conv2d(x, w, 1, "same"), 3, 2, 1) },
  { name: "average pooling", x: square, filters: [three], f: (tf, x, w) => tf.avgPool(tf.conv2d(x, w, 1, "same"), 3, 2, "same") },
  { name: "global pooling", x: square, filters: [three], f: (tf, x, w) => tf.mean(tf.relu(tf.conv2d(x, w, 1, "same")), [1, 2]) },
  {
    name: "biases, gates and other functions",
    x: square,
    filters: [three],
    f: (tf, x, w) => {
      const y = tf.sub(tf.div(tf.conv2d(x, w, 1, "same"), tf.range(1, 33)), tf.range(0, 32));
      return tf.add(tf.mul(y, tf.sigmoid(y)), tf.square(tf.sub(1, tf.tanh(y))));
    },
  },
  {
    name: "depthwise 3×3",
    x: square,
    filters: [three, [3, 3, 32, 1]],
    f: (tf, x, v, w) => tf.depthwiseConv2d(tf.conv2d(x, v, 1, "same"), w, 1, "same"),
  },
  {
    name: "depthwise 3×3 by steps of 2",
    x: square,
    filters: [three, [3, 3, 32, 1]],
    f: (tf, x, v, w) => tf.depthwiseConv2d(tf.relu(tf.conv2d(x, v, 1, "same")), w, 2, "same"),
  },
  {
    name: "sums over channels, and images that are only added",
    x: square,
    filters: [three],
    f: (tf, x, w) => {
      const y = tf.conv2d(x, w, 1, "same");
      return tf.add(tf.mean(y, 3), tf.sum(tf.mul(tf.addN([y, y, tf.ones([8, 12, 12, 32])]), y), 3));
    },
  },
];

/** The network's values, and the gradients of a weighted sum of them, for images and filters. */
async function computeAll(tf: TensorFlow): Promise<Map<string, Float32Array[]>> {
  const computed = new Map<string, Float32Array[]>();
  for (const { name, x, filters, f } of cases) {
    const random = seededRandom("layout").stream(name);
    const tensors = [x, ...filters].map((shape) => {
      const size = tf.util.sizeFromShape([...shape]);
      const scale = shape === x ? 1 : Math.sqrt(2 / (size / shape[3]));
      return tf.tensor(
        Float32Array.from({ length: size }, () => scale * random.normal()),
        [...shape],
      );
    });
    const net = (...inputs: Tensor[]): Tensor => f(tf, ...(inputs as [Tensor4D, ...Tensor4D[]]));
    const value = tf.tidy(() => net(...tensors));
    const weights = tf.tensor(
      Float32Array.from({ length: value.size }, () => random.normal()),
      value.shape,
    );
    const gradients = tf.grads((...inputs) => tf.sum(tf.mul(net(...inputs), weights)))(tensors);
    computed.set(name, (await Promise.all([value, ...gradients].map((tensor) => tensor.data()))) as Float32Array[]);
    tf.dispose([...tensors, value, weights, ...gradients]);
  }
  return computed;
}

describe("blocked layout", async () => {
  const block = await probeBlockSize(await nativeRuntime());
  let natural: Map<string, Float32Array[]>;
  let blocked: Map<string, Float32Array[]>;
  before(async () => {
    const tf = await loadTensorFlow();
    registerOps(tf);
    for (const images of ["natural", "blocked"] as const) {
      const running = await startLazy(tf, { threads: 1, images });
      const computed = await computeAll(tf);
      if (images === "natural") natural = computed;
      else blocked = computed;
      await running.close();
    }
  });
  after(() => {
    natural.clear();
    blocked.clear();
  });

  it("is found where ONNX Runtime has it for the processor", (context) => {
    if (block === 0) context.skip(`no blocked layout on ${process.arch}`);
    else assert.ok([8, 16].includes(block));
  });

  describe("values and gradients agree with the natural layout", { skip: block === 0 && "this processor has no blocked layout" }, () => {
    for (const { name, tolerance = 2e-5 } of cases) {
      it(name, () => {
        for (const [i, expected] of natural.get(name)!.entries()) {
          const actual = blocked.get(name)![i];
          const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length) + 1e-12;
          const worst = expected.reduce((largest, value, at) => Math.max(largest, Math.abs(value - actual[at])), 0);
          const what = i === 0 ? "values" : i === 1 ? "gradient of the images" : `gradient of filter ${i - 1}`;
          assert.ok(worst < tolerance * scale, `${what}: ${worst} at a typical size of ${scale}`);
        }
      });
    }
  });
});
