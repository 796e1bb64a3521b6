import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Rank, Tensor4D } from "@tensorflow/tfjs";
import { packageRoot, seededRandom } from "../../core/index.js";
import { withinShare } from "../../core/near.fixture.js";
import { openEngine, type Engine } from "../../engine/index.js";
import {
  Adam,
  assignArrays,
  disposeWeights,
  initResNet,
  namedVariables,
  ntXent,
  parameterCount,
  readArrays,
  trainableVariables,
  type NamedArray,
} from "../../nn/index.js";
import { astraConfig } from "./config.js";
import {
  astraForward,
  attentionWeights,
  initAstra,
  poolPatches,
  type AstraWeights,
  type AttentionWeights,
} from "./model.js";

interface Golden {
  eval: { fused: number[][]; attention: number[][] };
  steps: { loss: number; gradients?: Record<string, [norm: number, last: number]> }[];
  after: Record<string, [sum: number, norm: number]>;
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/astra_model.json"), "utf8")) as Golden;

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
  ({ tf } = engine);
});
after(() => engine.close());

/** The numbers in (−1, 1) that belong to a name; the same rule is in astra_model.py. */
function numbers(name: string, count: number): Float32Array {
  let state = 7;
  for (const character of name) state = (Math.imul(31, state) + character.charCodeAt(0)) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

function goldenArray(name: string, shape: readonly number[]): NamedArray {
  const size = shape.reduce((a, b) => a * b, 1);
  const isScale = name.endsWith("running_var") || (/\.bn|downsample\.1/.test(name) && name.endsWith("weight"));
  const fanIn = size / shape[0];
  const data = numbers(name, size).map((value) =>
    shape.length > 1 ? value / Math.sqrt(fanIn) : isScale ? 1 + 0.3 * value : 0.2 * value,
  );
  return { shape, data };
}

const shape = {
  ...astraConfig("small").model,
  blocks: [1, 2, 1, 1],
  widths: [4, 8, 8, 16],
  projectorHidden: 10,
  embedding: 6,
  attentionHidden: 5,
  attributeHidden: 3,
} as const;
const [clips, perClip, attributeCount] = [4, 4, 2];

async function goldenModel(): Promise<AstraWeights> {
  const weights = initAstra(tf, shape, attributeCount, seededRandom(1));
  const variables = namedVariables(weights);
  const shapes = await readArrays(variables);
  assignArrays(tf, variables, new Map([...shapes].map(([name, array]) => [name, goldenArray(name, array.shape)])), "golden");
  return weights;
}

function goldenView(name: string): Tensor4D {
  return tf.tidy(() =>
    tf.tensor4d(numbers(name, clips * perClip * 3 * 32 * 32), [clips * perClip, 3, 32, 32]).transpose([0, 2, 3, 1]),
  );
}

const near = withinShare(1e-6);

describe("ASTRA's model", () => {
  it("has the published number of parameters", () => {
    const paper = initAstra(tf, astraConfig("paper").model, 3, seededRandom(1));
    assert.equal(parameterCount(paper), 21_633_989);
    assert.equal(parameterCount(paper.encoder), 21_284_672);
    assert.equal(parameterCount({ ...paper, attr_mlp: undefined, attn_pool: paper.attn_pool.attn_net }), 21_629_633);
    disposeWeights(paper);
    const small = initAstra(tf, astraConfig("small").model, 1, seededRandom(1));
    assert.equal(parameterCount(small), 93_035);
    disposeWeights(small);
  });

  it("carries torchvision's names and PyTorch's shapes", async () => {
    const weights = initResNet(tf, { blocks: [1, 1, 1, 1], widths: [8, 16, 32, 64] }, seededRandom(1));
    const arrays = await readArrays(namedVariables(weights));
    assert.deepEqual(arrays.get("conv1.weight")?.shape, [8, 3, 7, 7]);
    assert.deepEqual(arrays.get("layer2.0.downsample.0.weight")?.shape, [16, 8, 1, 1]);
    assert.deepEqual(arrays.get("layer4.0.bn2.running_var")?.shape, [64]);
    disposeWeights(weights);
  });

  it("computes what PyTorch computes from the same weights in evaluation", async () => {
    const weights = await goldenModel();
    const [view, attributes] = [
      goldenView("view one"),
      tf.tensor2d(numbers("attributes", clips * attributeCount), [clips, attributeCount]),
    ];
    const { fused, attention } = tf.tidy(() => ({
      ...astraForward(tf, view, attributes, weights, { clips, mode: "eval", pooling: "attention" }),
    }));
    (await fused.array()).forEach((row, i) =>
      row.forEach((value, j) => near(value, golden.eval.fused[i][j], `fused[${i}, ${j}]`, 2e-6)),
    );
    (await attention.array()).forEach((row, i) =>
      row.forEach((value, j) => near(value, golden.eval.attention[i][j], `attention[${i}, ${j}]`, 2e-6)),
    );
    tf.dispose([view, attributes, fused, attention]);
    disposeWeights(weights);
  });

  it("trains as PyTorch trains: loss, gradients, running statistics and three Adam steps", async () => {
    const weights = await goldenModel();
    const [one, two, attributes] = [
      goldenView("view one"),
      goldenView("view two"),
      tf.tensor2d(numbers("attributes", clips * attributeCount), [clips, attributeCount]),
    ];
    const variables = trainableVariables(weights);
    const adam = new Adam(tf, variables, 1e-3);
    const options = { clips, mode: "train", pooling: "attention" } as const;
    for (const [i, expected] of golden.steps.entries()) {
      const { value, grads } = tf.variableGrads(
        () => {
          const [z1, z2] = [one, two].map((view) => astraForward(tf, view, attributes, weights, options).fused);
          return ntXent(tf, z1, z2, 0.1);
        },
        variables.map(({ variable }) => variable),
      );
      near((await value.data())[0], expected.loss, `loss of step ${i}`, 1e-4);
      if (expected.gradients) {
        for (const { name, variable } of variables) {
          const gradient = grads[variable.name];
          const norm = Math.sqrt((await gradient.square().sum().data())[0]);
          near(norm, expected.gradients[name][0], `gradient norm of ${name}`, 1e-3);
        }
      }
      adam.step(grads);
      tf.dispose([grads, value]);
    }
    for (const [name, { data }] of await readArrays(namedVariables(weights))) {
      const [, norm] = golden.after[name];
      near(Math.hypot(...data), norm, `norm of ${name} after three steps`, 2e-3);
    }
    tf.dispose([one, two, attributes]);
    adam.dispose();
    disposeWeights(weights);
  });

  it("leaks no tensor in a step", async () => {
    const before = tf.memory().numTensors;
    const weights = await goldenModel();
    const [view, attributes] = [goldenView("view one"), tf.zeros<Rank.R2>([clips, attributeCount])];
    const variables = trainableVariables(weights).map(({ variable }) => variable);
    const step = (): void => {
      const { value, grads } = tf.variableGrads(
        () => astraForward(tf, view, attributes, weights, { clips, mode: "train", pooling: "attention" }).fused.sum(),
        variables,
      );
      tf.dispose([value, grads]);
    };
    step();
    const settled = tf.memory().numTensors;
    step();
    assert.equal(tf.memory().numTensors, settled);
    tf.dispose([view, attributes]);
    disposeWeights(weights);
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("attention pooling", () => {
  const linearOf = (weight: number[][], bias: number[]) => ({
    weight: tf.variable(tf.tensor2d(weight)),
    bias: tf.variable(tf.tensor1d(bias)),
  });
  const worked = (): AttentionWeights => ({
    attn_net: { 0: linearOf([[1, 0.5], [-0.5, 1]], [0.1, -0.2]), 2: linearOf([[2, -1]], [0.3]) },
    attr_bias: linearOf([[0.7, -0.4]], [0.25]),
  });
  const patches = [[[1, 0], [0, 1], [-1, 2]]];

  it("gives the worked weights and pooled vector whatever the attributes, because the softmax cancels their bias", async () => {
    for (const a of [[0, 0], [1, 2], [5, -3]]) {
      const [e, described] = [tf.tensor3d(patches), tf.tensor2d([a])];
      const alpha = attentionWeights(tf, e, described, worked());
      [0.8219900999, 0.136513689, 0.0414962111].forEach((value, n) => near(alpha.dataSync()[n], value, `α${n}`, 1e-6));
      [0.7804938889, 0.2195061111].forEach((value, j) =>
        near(poolPatches(tf, alpha, e).dataSync()[j], value, `pooled ${j}`, 1e-6),
      );
    }
  });

  it("does change with the attributes when they enter the hidden layer", () => {
    const { attn_net } = worked();
    const conditioned = { attn_net, attr_hidden: { weight: tf.variable(tf.tensor2d([[0.7, -0.4], [-0.2, 0.9]])) } };
    const at = (a: number[]): number =>
      attentionWeights(tf, tf.tensor3d(patches), tf.tensor2d([a]), conditioned).dataSync()[0];
    near(at([0, 0]), 0.8219900999, "α₀ without attributes", 1e-6);
    assert.ok(Math.abs(at([1, 2]) - at([0, 0])) > 0.01);
  });
});
