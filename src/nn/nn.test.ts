import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { withinShare } from "../core/near.fixture.js";
import { openEngine, type Engine } from "../engine/index.js";
import { batchNorm, initBatchNorm } from "./batch-norm.js";
import { initLinear } from "./linear.js";
import { assignArrays, namedVariables, readArrays } from "./named.js";
import { ntXent } from "./nt-xent.js";
import { plateau, type PlateauState } from "./plateau.js";
import type { Tensor4D } from "./tensorflow.js";

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
  ({ tf } = engine);
});
after(() => engine.close());

const near = withinShare(1e-6);

describe("ntXent", () => {
  const loss = async (z1: number[][], z2: number[][], temperature: number): Promise<number> =>
    (await ntXent(tf, tf.tensor2d(z1), tf.tensor2d(z2), temperature).data())[0];

  it("gives the worked values", async () => {
    const [a1, a2] = [[[1, 0], [0, 1]], [[0.8, 0.6], [0.6, 0.8]]];
    near(await loss(a1, a2, 0.1), 0.96680164);
    near(await loss(a1, a2, 0.5), 0.87071371);
    const [b1, b2] = [[[1, 2, 2], [2, -1, 0], [0, 3, 4]], [[2, 2, 1], [1, -1, 1], [-1, 0, 2]]];
    near(await loss(b1, b2, 0.1), 0.5826094745);
    near(await loss(b1, b2, 0.5), 0.9245579538);
  });

  it("is ln(2N − 1) when all vectors are equal and 0 for a single clip", async () => {
    const same = Array.from({ length: 4 }, () => [0.3, -0.4]);
    near(await loss(same, same, 0.1), Math.log(7));
    near(await loss([[1, 2]], [[3, -1]], 0.1), 0);
  });

  it("has a finite gradient even for a zero vector", async () => {
    const other = tf.tensor2d([[1, 0], [0, 1]]);
    const gradient = tf.grad((z) => ntXent(tf, z as never, other, 0.1))(tf.tensor2d([[0, 0], [1, 1]]));
    for (const value of await gradient.data()) assert.ok(Number.isFinite(value));
  });
});

describe("batchNorm", () => {
  const x = (): Tensor4D => tf.tensor4d([1, 2, 3, 4, 5, 9, 7, 5], [2, 2, 1, 2]); // channel 0: 1 3 5 7, channel 1: 2 4 9 5

  it("normalises by the batch and moves the running statistics as PyTorch does", async () => {
    const weights = initBatchNorm(tf, 2);
    const y = await batchNorm(tf, x(), weights, { mode: "train" }).data();
    near(y[0], -3 / Math.sqrt(5 + 1e-5)); // mean 4, population variance 5
    near(y[1], -3 / Math.sqrt(6.5 + 1e-5)); // mean 5, population variance 6.5
    const [mean, variance] = await Promise.all([weights.running_mean.data(), weights.running_var.data()]);
    near(mean[0], 0.4);
    near(variance[0], 0.9 + (0.1 * 5 * 4) / 3); // the unbiased variance
    near((await batchNorm(tf, x(), weights, { mode: "eval" }).data())[0], (1 - 0.4) / Math.sqrt(variance[0] + 1e-5));
  });

  it("has the gradient that finite differences give", async () => {
    const weights = initBatchNorm(tf, 2);
    weights.weight.assign(tf.tensor1d([1.5, -0.5]));
    const probe = tf.tensor4d([0.3, -1, 0.7, 0.2, -0.4, 0.9, 0.1, 0.5], [2, 2, 1, 2]);
    const f = (input: Tensor4D) => batchNorm(tf, input, weights, { mode: "train" }).mul(probe).sum();
    const gradient = await tf.grad(f as never)(x()).data();
    const values = await x().data();
    for (const [i, slope] of gradient.entries()) {
      const at = async (shift: number): Promise<number> => {
        const moved = values.map((v, j) => (j === i ? v + shift : v));
        return (await f(tf.tensor4d(moved, [2, 2, 1, 2])).data())[0];
      };
      near(slope, ((await at(0.01)) - (await at(-0.01))) / 0.02, "slope", 2e-3);
    }
  });
});

describe("plateau", () => {
  it("lowers the rate when PyTorch's ReduceLROnPlateau does", () => {
    const losses = [1.0, 0.9, 0.89995, 0.89992, 0.9, 0.8999, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6];
    const rates: number[] = [];
    let state: PlateauState = { learningRate: 2e-4, best: null, badEpochs: 0 };
    for (const loss of losses) {
      state = plateau(state, loss, { factor: 0.5, patience: 2, threshold: 1e-4 });
      rates.push(state.learningRate);
    }
    assert.deepEqual(rates, [2e-4, 2e-4, 2e-4, 2e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 5e-5, 5e-5, 5e-5, 2.5e-5]);
  });

  it("leaves a rate that would change by less than 1e-8", () => {
    const tiny = { learningRate: 1.5e-8, best: 1, badEpochs: 0 };
    assert.equal(plateau(tiny, 2, { factor: 0.5, patience: 0, threshold: 1e-4 }).learningRate, 1.5e-8);
  });
});

describe("named arrays", () => {
  it("go out and back unchanged, and say which tensor a file lacks or has in another shape", async () => {
    const weights = { head: initLinear(tf, 3, 2, seededRandom(1)) };
    const variables = namedVariables(weights);
    const saved = await readArrays(variables);
    assert.deepEqual([...saved.keys()], ["head.weight", "head.bias"]);
    weights.head.weight.assign(tf.zeros([2, 3]));
    assignArrays(tf, variables, saved, "file");
    assert.deepEqual(await weights.head.weight.data(), saved.get("head.weight")!.data);
    assert.throws(
      () => assignArrays(tf, variables, new Map(), "model.safetensors"),
      /model.safetensors: has no tensor head.weight/,
    );
    saved.set("head.bias", { shape: [3], data: new Float32Array(3) });
    assert.throws(
      () => assignArrays(tf, variables, saved, "model.safetensors"),
      /head.bias: expected shape \[2\] but got \[3\]/,
    );
  });
});
