import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Scalar, Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import { gelu } from "../../ops/gelu.js";
import type { TensorFlow } from "../../engine.js";
import { loadTensorFlow } from "../../tfjs.js";
import { startLazy, type LazyStart } from "../backend.js";
import { nativeRuntime } from "../native-runtime.js";
import type { Runtime } from "../runtime.js";
import { fusionRules } from "./fusion.js";
import { probeFusions } from "./probe.js";

type Net = (tf: TensorFlow) => Tensor;

/** What a net gives, and how many chains of it were fused. */
async function run(net: Net, options: LazyStart = {}): Promise<{ values: Float32Array; fused: number }> {
  const tf = await loadTensorFlow();
  const running = await startLazy(tf, { threads: 1, ...options });
  const y = tf.tidy(() => net(tf));
  const values = (await y.data()) as Float32Array;
  const fused = running.counters!().chainsFused;
  y.dispose();
  await running.close();
  return { values, fused };
}

const numbers = (tf: TensorFlow, ...shape: number[]): Tensor => tf.randomNormal(shape, 0, 1, "float32", shape.length);

/** Layer normalisation as it is written: once with a quotient, once with the reciprocal root. */
function layerNorm(tf: TensorFlow, x: Tensor, how: "quotient" | "reciprocal", eps = 1e-5): Tensor {
  const centred = x.sub(x.mean(-1, true));
  const guarded = centred.square().mean(-1, true).add(eps);
  const standard = how === "quotient" ? centred.div(guarded.sqrt()) : centred.mul(guarded.rsqrt());
  return standard.mul(numbers(tf, x.shape.at(-1)!)).add(tf.linspace(-1, 1, x.shape.at(-1)!));
}

/** Attention over [2, 12, 24] in four heads, the scale on the queries or on the scores. */
function attention(tf: TensorFlow, scaled: "queries" | "scores", keys = 12): Tensor {
  const heads = (tokens: number, seed: number): Tensor4D => tf.transpose(tf.randomNormal<import("@tensorflow/tfjs").Rank.R3>([2, tokens, 24], 0, 1, "float32", seed).reshape<Tensor4D>([2, tokens, 4, 6]), [0, 2, 1, 3]);
  const [q, k, v] = [heads(12, 1), heads(keys, 2), heads(keys, 3)];
  const scores = scaled === "queries" ? tf.matMul(q.mul(0.4), k, false, true) : tf.matMul(q, k, false, true).mul(0.4);
  return tf.transpose(tf.matMul(scores.softmax(), v), [0, 2, 1, 3]).reshape<Tensor3D>([2, 12, 24]);
}

const nets: Record<string, { net: Net; tolerance: number; chains?: number }> = {
  "GELU, to the same bits": { net: (tf) => gelu(tf, numbers(tf, 40, 8)), tolerance: 0 },
  "GELU with a bias": { net: (tf) => gelu(tf, numbers(tf, 40, 8).add(numbers(tf, 8))), tolerance: 1e-6 },
  "GELU of a sum that is wanted, too": { net: (tf) => {
    const sum = numbers(tf, 40, 8).add(numbers(tf, 8));
    return gelu(tf, sum).add(sum);
  }, tolerance: 0 },
  "layer normalisation by a quotient": { net: (tf) => layerNorm(tf, numbers(tf, 3, 5, 16), "quotient"), tolerance: 3e-6 },
  "layer normalisation by the reciprocal root, of an image": { net: (tf) => layerNorm(tf, numbers(tf, 2, 3, 3, 16), "reciprocal"), tolerance: 3e-6 },
  "attention with scaled queries": { net: (tf) => attention(tf, "queries"), tolerance: 2e-6 },
  "attention with scaled scores, to other tokens": { net: (tf) => attention(tf, "scores", 7), tolerance: 2e-6 },
  "a block of all three": { net: (tf) => gelu(tf, layerNorm(tf, attention(tf, "queries"), "quotient")), tolerance: 5e-6, chains: 3 },
};

const unfused: Record<string, Net> = {
  "a GELU whose inner curve is wanted, too": (tf) => {
    const x = numbers(tf, 40, 8);
    const phi = tf.erf(x.mul(Math.SQRT1_2)).add(1);
    return x.mul(0.5).mul(phi).add(phi);
  },
  "another curve than GELU's": (tf) => {
    const x = numbers(tf, 40, 8);
    return x.mul(0.5).mul(tf.erf(x.mul(0.7)).add(1));
  },
  "a norm over the first axis": (tf) => {
    const x = numbers(tf, 8, 8);
    const centred = x.sub(x.mean(0, true));
    return centred.mul(centred.square().mean(0, true).add(1e-5).rsqrt()).mul(numbers(tf, 8)).add(1);
  },
};

describe("fusions", () => {
  for (const [name, { net, tolerance, chains = 1 }] of Object.entries(nets))
    it(`compute ${name}`, async () => {
      const [fused, plain] = [await run(net), await run(net, { fusions: [] })];
      assert.deepEqual([fused.fused, plain.fused], [chains, 0]);
      for (const [i, value] of plain.values.entries()) assert.ok(Math.abs(fused.values[i] - value) <= tolerance, `${i}: ${fused.values[i]}, unfused ${value}`);
    });

  for (const [name, net] of Object.entries(unfused))
    it(`leave alone ${name}`, async () => {
      const [fused, plain] = [await run(net), await run(net, { fusions: [] })];
      assert.equal(fused.fused, 0);
      assert.deepEqual(fused.values, plain.values);
    });

  it("leave alone what gradients read, and follow numbers that change", async () => {
    const tf = await loadTensorFlow();
    const running = await startLazy(tf, { threads: 1 });
    const x = numbers(tf, 40, 8);
    const gradient = tf.tidy(() => tf.grad((x) => gelu(tf, x).sum() as Scalar)(x));
    await gradient.data();
    assert.equal(running.counters!().chainsFused, 0);
    const curve = (half: number): Tensor => tf.tidy(() => x.mul(half).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1)));
    const [one, twice] = [curve(0.5), curve(1)];
    const [a, b] = [await one.data(), await twice.data()];
    assert.equal(running.counters!().chainsFused, 1);
    assert.ok(a.every((value, i) => Math.abs(b[i] - 2 * value) < 1e-6));
    tf.dispose([x, gradient, one, twice]);
    await running.close();
  });

  it("are left out where ONNX Runtime lacks their operator, or computes anything else", async () => {
    const runtime = await nativeRuntime();
    assert.deepEqual(await probeFusions(runtime), Object.values(fusionRules));
    const refusing = (model: Uint8Array, ...rest: unknown[]) => {
      if (Buffer.from(model).includes("MultiHeadAttention")) throw new Error("com.microsoft:MultiHeadAttention(-1) is not a registered function/op");
      return runtime.compile(model, ...(rest as [never]));
    };
    assert.deepEqual(await probeFusions({ ...runtime, compile: refusing }), [fusionRules.Gelu, fusionRules.LayerNormalization]);
    const lying = (...given: Parameters<Runtime["compile"]>) => {
      const session = runtime.compile(...given);
      return { ...session, run: async (...call: Parameters<typeof session.run>) => {
        const computed = await session.run(...call);
        (computed.y.data as Float32Array)[3] += 1e-3;
        return computed;
      } };
    };
    assert.deepEqual(await probeFusions({ ...runtime, compile: lying as Runtime["compile"] }), []);
  });
});
