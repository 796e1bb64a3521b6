import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { fillByName, near, readGolden } from "../golden.fixture.js";
import { namedVariables } from "../named.js";
import { materialise, plannedCount } from "../plan.js";
import type { Tensor2D } from "../tensorflow.js";
import { adapted, causalLm, embedIds, generate, lmLogits, loadLora, mergeLora, mistral7b, planCausalLm, planLora, rmsNorm, sampleToken, saveLora, spliceImage, encodeWithImage, type CausalLm, type CausalLmConfig, type Lora } from "./index.js";

/** From PyTorch: tests/golden/language_model.py. */
const golden = readGolden<{
  readonly torch: string;
  readonly ids: number[][];
  readonly base: { readonly hidden: number[]; readonly logits: number[] };
  readonly lora: { readonly hidden: number[]; readonly logits: number[] };
  readonly loss: number;
  readonly gradients: Readonly<Record<string, number[]>>;
}>("language_model");

const config: CausalLmConfig = { vocabulary: 11, width: 16, layers: 2, heads: 4, kvHeads: 2, hidden: 20, ropeTheta: 1e4, eps: 1e-5 };
let engine: Engine;
let tf: Engine["tf"];
let base: CausalLm;
let lora: Lora;
const filled = (name: string): readonly [number, number] => (name.includes("norm") ? [0.2, 1] : [0.5, 0]);
before(async () => {
  engine = await openEngine();
  tf = engine.tf;
  base = { config, weights: materialise(tf, planCausalLm(config), seededRandom(1)) };
  lora = { weights: materialise(tf, planLora(config, { rank: 3, alpha: 6 }), seededRandom(1)), scale: 2 };
  await fillByName(tf, base.weights, filled);
  await fillByName(tf, lora.weights, filled);
});
after(() => engine.close());

describe("parameter counts, without making the parameters", () => {
  it("Mistral-7B: 7,241,732,096", () => assert.equal(plannedCount(planCausalLm(mistral7b)), 7_241_732_096));
  it("LoRA of rank 16 on it: 13,631,488", () => assert.equal(plannedCount(planLora(mistral7b, { rank: 16, alpha: 16 })), 13_631_488));
});

describe(`a tiny language model agrees with PyTorch ${golden.torch}`, () => {
  for (const name of ["base", "lora"] as const) {
    it(`hidden states and logits, ${name}`, async () => {
      const lm = name === "lora" ? { ...base, lora } : base;
      const { hidden } = causalLm(tf, embedIds(tf, tf.tensor2d(golden.ids, [2, 7], "int32"), lm), lm);
      await near(hidden, golden[name].hidden, "hidden");
      await near(lmLogits(tf, hidden, lm), golden[name].logits, "logits");
    });
  }

  it("gradients of the next-token loss, also of the adapters", async () => {
    const lm = { ...base, lora };
    const variables = [...namedVariables(base.weights), ...namedVariables(lora.weights)];
    const chosen = Object.keys(golden.gradients).map((name) => variables.find((each) => each.name === name)!.variable);
    const targets = golden.ids.flatMap((row) => row.slice(1));
    const counted = targets.map((id) => Number(id !== 0));
    const { value, grads } = tf.variableGrads(() => {
      const { hidden } = causalLm(tf, embedIds(tf, tf.tensor2d(golden.ids, [2, 7], "int32"), lm), lm);
      const logits = lmLogits(tf, hidden.slice([0, 0, 0], [-1, 6, -1]), lm).reshape<Tensor2D>([12, 11]);
      const losses = tf.logSoftmax(logits).mul(tf.oneHot(tf.tensor1d(targets, "int32"), 11)).sum(1).neg().mul(tf.tensor1d(counted));
      return losses.sum().div(counted.reduce((a, b) => a + b)).asScalar();
    }, chosen);
    await near(value, [golden.loss], "loss");
    for (const [i, [name, expected]] of Object.entries(golden.gradients).entries()) await near(grads[chosen[i].name], expected, name, 1e-4);
  });
});

describe("generation", () => {
  it("with the cache goes on as reading everything again does, row by row", async () => {
    const prompts = [[1, 4, 7], [1, 8, 8, 5, 6]];
    const rows = await generate(tf, embedIds(tf, tf.tensor2d([[...prompts[0], 0, 0, ...Array(7).fill(0)], [...prompts[1], ...Array(7).fill(0)]], [2, 12], "int32"), base), prompts.map(({ length }) => length), base,
      { temperature: 0, maxNewTokens: 6, stop: () => false, random: seededRandom(1) });
    for (const [i, prompt] of prompts.entries()) {
      const ids = [...prompt];
      for (let step = 0; step < 6; step++) {
        const { hidden } = causalLm(tf, embedIds(tf, tf.tensor2d(ids, [1, ids.length], "int32"), base), base);
        const logits = await lmLogits(tf, hidden, base).data();
        ids.push(sampleToken(logits.slice((ids.length - 1) * 11), { temperature: 0 }, seededRandom(1)));
      }
      assert.deepEqual(rows[i], ids.slice(prompt.length));
    }
  });

  it("stops where it is told, tells each token as it comes, and leaves no tensor behind", async () => {
    const embeddings = embedIds(tf, tf.tensor2d([[1, 4, 7, 0, 0, 0]], [1, 6], "int32"), base);
    const run = (stop: (ids: readonly number[]) => boolean, told: number[] = []) => generate(tf, embeddings, [3], base, { temperature: 1, topP: 0.9, maxNewTokens: 50, stop, random: seededRandom(4), onToken: (_, id) => told.push(id) });
    await run(() => true);
    const tensors = tf.memory().numTensors;
    const told: number[] = [];
    const [row] = await run((ids) => ids.length > 2, told);
    assert.deepEqual(told, row);
    assert.equal(row.length, 2);
    assert.equal((await run(() => false))[0].length, 3); // the sequence is full
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("samples from the nucleus with the right frequencies", () => {
    const random = seededRandom(2);
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) counts[sampleToken([Math.log(0.6), Math.log(0.3), Math.log(0.1)], { temperature: 1, topP: 0.8 }, random)]++;
    assert.equal(counts[2], 0);
    assert.ok(Math.abs(counts[0] / 3000 - 2 / 3) < 0.03);
    assert.throws(() => sampleToken([1], { temperature: -1 }, random), { code: "invalid-value" });
  });
});

describe("LoRA", () => {
  it("gives the worked values and the merged weights (spec §10, vector 7)", async () => {
    const variable = (rows: number[][]) => ({ weight: tf.variable(tf.tensor2d(rows)) });
    const [W, A, B] = [variable([[1, 0], [0, 1]]), variable([[1, 2]]), variable([[0.5], [-1]])];
    assert.deepEqual([...(await adapted(tf, tf.tensor2d([[3, 4]]), W.weight, { lora_A: A, lora_B: B }).data())], [8.5, -7]);
    assert.deepEqual([...(await W.weight.add(tf.matMul(B.weight as Tensor2D, A.weight as Tensor2D)).data())], [1.5, 1, -1, -1]);
  });

  it("merged into the base gives the same hidden states", async () => {
    const ids = tf.tensor2d(golden.ids, [2, 7], "int32");
    const copy: CausalLm = { config, weights: materialise(tf, planCausalLm(config), seededRandom(1)) };
    await fillByName(tf, copy.weights, filled);
    mergeLora(tf, copy.weights, lora);
    await near(causalLm(tf, embedIds(tf, ids, copy), copy).hidden, golden.lora.hidden, "merged");
  });

  it("is saved as PEFT saves it; zeros and other models are refused", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-lora-"));
    try {
      await saveLora(folder, lora.weights, { rank: 3, alpha: 6 });
      const other = materialise(tf, planLora(config, { rank: 3, alpha: 6 }), seededRandom(2));
      await loadLora(tf, folder, other);
      await near(causalLm(tf, embedIds(tf, tf.tensor2d(golden.ids, [2, 7], "int32"), base), { ...base, lora: { weights: other, scale: 2 } }).hidden, golden.lora.hidden, "loaded");
      const wider = materialise(tf, planLora(config, { rank: 4, alpha: 6 }), seededRandom(2));
      await assert.rejects(loadLora(tf, folder, wider), { code: "shape-mismatch" });
      await saveLora(folder, wider, { rank: 4, alpha: 6 });
      await assert.rejects(loadLora(tf, folder, wider), { code: "untrained-adapter" });
      await writeFile(join(folder, "adapter_model.safetensors"), "no");
      await assert.rejects(loadLora(tf, folder, wider));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("pieces worked by hand", () => {
  it("RMS norm of (3, 4)", async () => {
    const [a, b] = await rmsNorm(tf, tf.tensor1d([3, 4]), { weight: tf.variable(tf.ones([2])) as never }, 0).data();
    assert.ok(Math.abs(a - 3 / Math.sqrt(12.5)) < 1e-6 && Math.abs(b - 4 / Math.sqrt(12.5)) < 1e-6);
  });

  it("the image's places in a sequence (spec §10, vector 2)", () => {
    const llama = { model: { bosId: 1 } as never, encode: () => [13, 5365] };
    const ids = encodeWithImage(llama, "<image>\nhi");
    assert.deepEqual(ids, [1, -200, 13, 5365]);
    const { ids: places, labels } = spliceImage(ids, 576);
    assert.equal(places.length, 579);
    assert.ok(labels.slice(1, 577).every((label) => label === -100));
    assert.deepEqual(labels.slice(577), [13, 5365]);
  });
});
