import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { openEngine, type Engine } from "../engine/index.js";
import { groupNorm, planGroupNorm } from "./group-norm.js";
import { materialise } from "./plan.js";
import type { Tensor3D } from "./tensorflow.js";

let engine: Engine;
before(async () => (engine = await openEngine({ threads: 1 })));
after(() => engine.close());

describe("groupNorm", () => {
  it("takes mean and deviation of a group of channels over all positions, by hand", async () => {
    const { tf } = engine;
    const weights = materialise(tf, planGroupNorm(4), seededRandom(1));
    tf.tidy(() => {
      weights.weight.assign(tf.tensor1d([1, 2, 1, 1]));
      weights.bias.assign(tf.tensor1d([0, 0, 10, 0]));
    });
    const x = tf.tensor3d([0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 4]);
    const y = tf.tidy(() => groupNorm<Tensor3D>(tf, x, weights, { groups: 2, eps: 0 }));
    const s = Math.sqrt(4.25); // of 0, 1, 4, 5 about 2.5, and of 2, 3, 6, 7 about 4.5
    const expected = [-2.5, 2 * -1.5, -2.5 + 10 * s, -1.5, 1.5, 2 * 2.5, 1.5 + 10 * s, 2.5].map((value) => value / s);
    for (const [i, value] of (await y.data()).entries()) assert.ok(Math.abs(value - expected[i]) < 1e-5, `${i}: ${value}, by hand ${expected[i]}`);
    assert.throws(() => groupNorm(tf, x, weights, { groups: 3 }), /groups must divide the 4 channels/);
    tf.dispose([x, y, weights.weight, weights.bias]);
  });
});
