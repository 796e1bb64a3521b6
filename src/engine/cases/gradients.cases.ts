import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs";
import { seededRandom } from "../../core/index.js";
import type { Engine } from "../engine.js";
import { differentiableOps } from "./differentiable-ops.js";
import { gradientErrors } from "./finite-differences.js";

/** The gradient table: the same for every engine. */
export function gradientCases(engine: () => Engine): void {
  describe("gradients agree with finite differences", () => {
    for (const op of differentiableOps) {
      it(op.name, async () => {
        const { tf } = engine();
        const random = seededRandom("gradient table").stream(op.name);
        const errors = await gradientErrors(tf, (...x: Tensor[]) => op.f(tf, ...x), op.inputs(random), random);
        for (const { input, analytic, numeric, error } of errors) {
          assert.ok(error < 2e-3, `input ${input}: gradient ${analytic} but finite difference ${numeric} (relative error ${error})`);
        }
      });
    }
  });

  describe("values agree with TensorFlow.js's plain JavaScript kernels", () => {
    for (const op of differentiableOps) {
      it(op.name, async () => {
        const { tf } = engine();
        const inputs = op.inputs(seededRandom("values").stream(op.name));
        const evaluate = async (): Promise<{ shape: number[]; values: number[] }> => {
          const y = tf.tidy(() => op.f(tf, ...inputs.map(({ values, shape }) => tf.tensor(values, [...shape]))));
          const result = { shape: y.shape, values: Array.from(await y.data()) };
          y.dispose();
          return result;
        };
        const ours = await evaluate();
        const backend = tf.getBackend();
        await tf.setBackend("cpu");
        try {
          const reference = await evaluate();
          assert.deepEqual(ours.shape, reference.shape);
          const worst = Math.max(
            0,
            ...ours.values.map((value, i) => Math.abs(value - reference.values[i]) / (1 + Math.abs(reference.values[i]))),
          );
          assert.ok(worst < 1e-4, `largest relative difference ${worst}`);
        } finally {
          await tf.setBackend(backend);
        }
      });
    }
  });
}
