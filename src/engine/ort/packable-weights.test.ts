import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs";
import { seededRandom } from "../../core/index.js";
import type { RunningBackend } from "../backend.js";
import type { TensorFlow } from "../engine.js";
import { loadTensorFlow } from "../tfjs.js";
import { startLazy, type LazyStart } from "./backend.js";

const random = seededRandom(3);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.uniform(-1, 1));
const [input, first, second] = [numbers(20 * 128), numbers(128 * 160), numbers(192 * 160)];

/** relu(x·W₁)·W₂ᵀ with variables that may be large enough to pack. */
async function withNet(options: LazyStart, use: (net: { tf: TensorFlow; running: RunningBackend; forward: () => Tensor; w: Tensor2D[]; packed: () => number }) => Promise<void>): Promise<void> {
  const tf = await loadTensorFlow();
  const running = await startLazy(tf, { threads: 1, weights: "fixed", ...options });
  const x = tf.tensor2d(input, [20, 128]);
  const w = [tf.variable(tf.tensor2d(first, [128, 160])), tf.variable(tf.tensor2d(second, [192, 160]))] as unknown as Tensor2D[];
  const forward = (): Tensor => tf.tidy(() => tf.matMul(tf.relu(tf.matMul(x, w[0])), w[1], false, true));
  await use({ tf, running, forward, w, packed: () => running.counters!().weightsPacked });
  tf.dispose([x, ...w]);
  await running.close();
}

/** The same in double precision. */
const product = (rows: number, inner: number, columns: number, a: (row: number, k: number) => number, b: (k: number, column: number) => number): number[] =>
  Array.from({ length: rows * columns }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a(Math.floor(i / columns), k) * b(k, i % columns);
    return sum;
  });
const hidden = product(20, 128, 160, (row, k) => input[row * 128 + k], (k, column) => first[k * 160 + column]).map((value) => Math.max(0, value));
const output = product(20, 160, 192, (row, k) => hidden[row * 160 + k], (k, column) => second[column * 160 + k]);

/** @param factor what W₁ was multiplied by, and so the output */
async function assertIs(y: Tensor, factor = 1): Promise<void> {
  const given = await y.data();
  for (const [i, value] of output.entries()) assert.ok(Math.abs(given[i] / factor - value) < 1e-4, `number ${i}: ${given[i] / factor}, ${value}`);
  y.dispose();
}

describe("fixed weights", () => {
  for (const replayed of [false, true])
    it(`are packed, and followed when they change (${replayed ? "engine.step" : "plain calls"})`, async () => {
      await withNet({}, async ({ tf, running, forward, w, packed }) => {
        const run = replayed ? (running.step!(forward) as () => Tensor) : forward;
        for (let call = 0; call < 4; call++) await assertIs(run());
        assert.equal(packed(), 2);
        (w[0] as never as { assign(to: Tensor): void }).assign(tf.tensor2d(first.map((value) => 3 * value), [128, 160]));
        for (let call = 0; call < 3; call++) await assertIs(run(), 3);
        const before = running.counters!().graphsCompiled;
        for (let round = 4; round < 9; round++) {
          (w[0] as never as { assign(to: Tensor): void }).assign(tf.tensor2d(first.map((value) => round * value), [128, 160]));
          for (let call = 0; call < 4; call++) await assertIs(run(), round);
        }
        assert.ok(running.counters!().graphsCompiled - before <= 3, "weights that go on changing are left alone");
      });
    });

  it("are seen to change by a training step that is replayed", async () => {
    await withNet({}, async ({ tf, running, forward, w, packed }) => {
      const shrink = running.step!(() => {
        (w[0] as never as { assign(to: Tensor): void }).assign(tf.mul(w[0], 0.5));
        return tf.scalar(0);
      });
      const run = running.step!(forward) as () => Tensor;
      for (let call = 0; call < 4; call++) shrink();
      for (let call = 0; call < 4; call++) await assertIs(run(), 1 / 16);
      assert.equal(packed(), 2);
      shrink();
      await assertIs(run(), 1 / 32);
      shrink();
      await assertIs(run(), 1 / 64);
    });
  });

  it("are not packed where they train, nor unless it was asked for", async () => {
    await withNet({}, async ({ tf, running, forward, w, packed }) => {
      const optimizer = tf.train.adam(0.01);
      const step = running.step!(() => optimizer.minimize(() => tf.mean(tf.square(forward())) as Scalar, true, w as never)!);
      for (let call = 0; call < 14; call++) await step().data();
      assert.equal(packed(), 0);
    });
    await withNet({ weights: "variable" }, async ({ forward, packed }) => {
      for (let call = 0; call < 4; call++) await assertIs(forward());
      assert.equal(packed(), 0);
    });
  });
});
