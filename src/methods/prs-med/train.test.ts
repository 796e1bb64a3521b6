import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Interrupted, type Progress } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { disposeWeights, namedVariables, readArrays } from "../../nn/index.js";
import { askAll } from "./ask.js";
import { makeBase, type PrsMedBase } from "./base.js";
import { tinyConfig, someCases } from "./cases.fixture.js";
import { checkpointPath } from "./checkpoints.js";
import { checkConfig, onSam, presets } from "./config.js";
import { memoryNeed, requireMemory } from "./memory.js";
import { languageModel, hiddenStates, towerTokens, encodingOf } from "./model.js";
import { pixelTensor, textTensors } from "./batch.js";
import { trainPrsMed, type TrainedPrsMed } from "./train.js";
import { encodeRow } from "./text.js";
import { variantNames, variants } from "./variants.js";
import { variantChoices } from "../../cli/train-prs-med.js";

let engine: Engine;
let base: PrsMedBase;
const cases = someCases(12);
before(async () => {
  engine = await openEngine();
  base = await makeBase({ runner: engine, config: tinyConfig, seed: 1 });
});
after(() => engine.close());

const train = (more: object = {}): Promise<TrainedPrsMed> => trainPrsMed({ runner: engine, cases, config: tinyConfig, base, seed: 1, ...more });
const arraysOf = async (model: TrainedPrsMed) => [...(await readArrays(namedVariables(model.weights)))].map(([name, { data }]) => [name, [...data]] as const);

/** Fires after so many updates of the training task. */
function stopAfter(updates: number): { progress: Progress; signal: AbortSignal } {
  const controller = new AbortController();
  let seen = 0;
  const progress: Progress = { begin: (task) => ({ update: () => { if (task.startsWith("train") && ++seen === updates) controller.abort(); }, end: () => {} }) };
  return { progress, signal: controller.signal };
}

describe("training PRS-Med", () => {
  it("interrupted and resumed gives bit for bit what one go gives; no tensor is left behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-prs-med-run-"));
    try {
      const whole = await train();
      const expected = await arraysOf(whole);
      disposeWeights(whole.weights);
      const tensors = engine.tf.memory().numTensors;
      await assert.rejects(train({ folder, ...stopAfter(3) }), Interrupted);
      const resumed = await train({ folder });
      assert.equal(resumed.losses.length, 8);
      assert.deepEqual(resumed.losses, whole.losses);
      assert.deepEqual(await arraysOf(resumed), expected);
      disposeWeights(resumed.weights);
      assert.equal(engine.tf.memory().numTensors, tensors);
      await writeFile(checkpointPath(folder), "no checkpoint");
      await assert.rejects(train({ folder }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("keeps the vision-language model frozen and trains the rest", async () => {
    const model = await train();
    const now = await readArrays(namedVariables({ vlm: model.weights.vlm, image_encoder: model.weights.image_encoder }));
    const changed = [...now].filter(([name, { data }]) => data.some((x, i) => x !== base.arrays.get(name)!.data[i])).map(([name]) => name);
    assert.ok(changed.length > 0 && changed.every((name) => name.startsWith("image_encoder.")));
    const adapters = await readArrays(namedVariables({ lora: model.weights.lora }));
    assert.ok([...adapters].some(([name, { data }]) => name.includes("lora_B") && data.some((x) => x !== 0)));
    disposeWeights(model.weights);
  });

  it("keeps a base with its folder and takes it from there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-prs-med-base-"));
    try {
      const made = await makeBase({ runner: engine, config: tinyConfig, seed: 1, folder });
      const begun: string[] = [];
      const kept = await makeBase({ runner: engine, config: tinyConfig, seed: 1, folder, progress: { begin: (task) => (begun.push(task), { update: () => {}, end: () => {} }) } });
      assert.deepEqual(begun, []);
      assert.deepEqual(kept, made);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("runs every variant that the command line names", async () => {
    assert.deepEqual([...variantChoices], variantNames);
    for (const name of variantNames) {
      const config = variants[name].change({ ...tinyConfig, training: { ...tinyConfig.training, steps: 2 } });
      const own = name === "sam-encoder" ? await makeBase({ runner: engine, config, seed: 1 }) : base;
      const model = await train({ config, base: own });
      assert.ok(model.losses.every(({ total }) => Number.isFinite(total)), name);
      disposeWeights(model.weights);
    }
  });

  it("refuses pictures of another size, parts that do not fit, and paper where there is no GPU", async () => {
    await assert.rejects(train({ cases: someCases(2, 64) }), { code: "invalid-value" });
    assert.throws(() => checkConfig({ ...tinyConfig, head: { ...tinyConfig.head, prompt: 33 } }), { code: "invalid-value" });
    assert.throws(() => requireMemory(presets.paper, "ort", 2 ** 36), { code: "not-enough-memory" });
    assert.throws(() => requireMemory(presets.paper, "ort-cuda", 2 ** 33), { code: "not-enough-memory" });
    requireMemory(presets.paper, "ort-cuda", 80e9);
    requireMemory(presets.small, "ort", 2 ** 33);
    assert.ok(memoryNeed(presets.paper).frozen > 28e9);
    checkConfig(onSam(presets.paper)); // SAM-Med2D's size: 256 pixels, a map of 16×16
  });
});

describe("what the mask is drawn from", () => {
  it("the question's hidden states are the same with and without an answer after them", async () => {
    const { tf } = engine;
    const model = await train();
    const [{ question, answer, pixels }] = cases;
    const states = async (said: string | undefined) => {
      const row = encodeRow(model.tokenizer, question, said, encodingOf(tinyConfig));
      const hidden = hiddenStates(tf, towerTokens(tf, pixelTensor(tf, [pixels], 32), model.weights.vlm, tinyConfig), textTensors(tf, [row]).ids, model, languageModel(model, "with"));
      return { row, values: await hidden.data() };
    };
    const [prompt, whole] = [await states(undefined), await states(answer)];
    assert.deepEqual(prompt.row.question, whole.row.question);
    for (let at = 0; at < prompt.row.promptLength * 32; at++) assert.ok(Math.abs(prompt.values[at] - whole.values[at]) < 1e-5);
    disposeWeights(model.weights);
  });

  it("marks exactly the question's pieces, weighs the words that matter, and ends the answer", () => {
    const { tokenizer } = base;
    const row = encodeRow(tokenizer, "Where is the dark lesion in this scan?", "The dark lesion is in the top left.", encodingOf(tinyConfig));
    const text = (places: number[]) => tokenizer.decode(places.map((place) => row.ids[place]));
    const marked = [...row.question.keys()].filter((place) => row.question[place] === 1);
    assert.equal(text(marked).trim(), "Where is the dark lesion in this scan?");
    assert.equal(row.ids[row.length - 1], tokenizer.model.eosId);
    const heavy = [...row.targetWeights.keys()].filter((place) => row.targetWeights[place] === 5);
    assert.match(text(heavy).replaceAll(/\s+/g, " ").trim(), /^dark top left\.?$/);
    assert.ok(row.targetWeights.subarray(0, 17).every((weight) => weight === 0));
    assert.throws(() => encodeRow(tokenizer, "why ".repeat(80), undefined, encodingOf(tinyConfig)), { code: "invalid-value" });
  });

  it("asks one by one as in a batch, streams its words, and shows where it looked", async () => {
    const model = await train();
    const some = cases.slice(0, 3);
    const told: string[] = [];
    const together = await askAll(engine.tf, model, some, { batch: 3, maxNewTokens: 6, onText: (row, text) => { if (row === 1) told.push(text); } });
    const alone = await askAll(engine.tf, model, some.slice(1, 2), { batch: 1, maxNewTokens: 6 });
    together[1].probability.forEach((p, i) => assert.ok(Math.abs(p - alone[0].probability[i]) < 1e-4));
    assert.equal(together[1].answer, alone[0].answer);
    assert.equal(told.at(-1) ?? "", together[1].answer);
    const looks = together[0].attention;
    assert.ok(looks.length > 3);
    for (let place = 0; place < 64; place++) assert.ok(Math.abs(looks.reduce((sum, { map }) => sum + map[place], 0) - 1) < 1e-4);
    disposeWeights(model.weights);
  });
});
