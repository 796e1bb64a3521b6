import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "../../core/index.js";
import { tensorWithin, within } from "../../core/near.fixture.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { namedVariables, parameterCount, plannedCount, readArrays } from "../../nn/index.js";
import { trainedTwice } from "../../nn/replay.fixture.js";
import { agreementTarget, firstTarget, largest, nextRater, simulateClick } from "./click.js";
import { checkConfig, forms, presets } from "./config.js";
import { planFcomb } from "./fcomb.js";
import { detached, weightedCrossEntropy } from "./loss.js";
import { hardMajority, scoreSession } from "./measure.js";
import { initAespa, planAespa } from "./model.js";
import { latent, planMeanVarianceNetwork, planWeightNetwork } from "./preference.js";
import { responsibilities } from "./responsibility.js";
import { everyRater, rollOut } from "./roll-out.js";
import { squares, tiny } from "./squares.fixture.js";
import { makeOptimizers, makeTrainStep } from "./train-step.js";
import { learningRateAt, trainAespa, trainSpa } from "./train.js";
import type { Tensor } from "./tensorflow.js";

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
});
after(() => engine.close());

const near = tensorWithin(1e-5);

describe("parameter counts (spec §3, §9), without making the parameters", () => {
  it("paper: 94,521,920; at 256 pixels 94,530,112", () => {
    const { paper } = presets;
    assert.equal(plannedCount(planAespa(paper)), 94_521_920);
    assert.equal(plannedCount(planAespa({ ...paper, sam: { ...paper.sam, imageSize: 256 } })), 94_530_112);
    assert.equal(plannedCount(planAespa(paper).image_encoder), 89_827_328);
    assert.equal(plannedCount(planFcomb(paper)), 213_760);
    assert.equal(plannedCount(planMeanVarianceNetwork(paper)), 545_408);
    for (const [components, count] of [[16, 84_624], [8, 83_592], [4, 83_076]]) {
      assert.equal(plannedCount(planWeightNetwork({ ...paper, preference: { ...paper.preference, components } })), count);
    }
  });
  it("small: 768,704, planned and made", () => {
    assert.equal(plannedCount(planAespa(presets.small)), 768_704);
    assert.equal(parameterCount(initAespa(tf, presets.small, 1).weights), 768_704);
  });
  it("presets are sound, and unsound settings are refused", () => {
    for (const config of Object.values(presets)) checkConfig(config);
    assert.throws(() => checkConfig({ ...presets.small, sam: { ...presets.small.sam, imageSize: 60 } }), { code: "invalid-value" });
    assert.throws(() => checkConfig({ ...presets.small, spa: { samples: 2, clusters: 3 } }), { code: "invalid-value" });
  });
});

describe("weightedCrossEntropy", () => {
  it("gives the worked values (spec §10, vector 6)", async () => {
    await near(weightedCrossEntropy(tf, tf.tensor1d([0, 2, -1]), tf.tensor1d([0.5, 1, 0])), [0.5356129]);
  });
  it("stays finite for logits no exponential can hold", async () => {
    await near(weightedCrossEntropy(tf, tf.tensor1d([500, -500]), tf.tensor1d([1, 0])), [0]);
    await near(weightedCrossEntropy(tf, tf.tensor1d([-500]), tf.tensor1d([1])), [1000], 0.01);
  });
});

describe("detached", () => {
  it("lets the value through and no gradient", async () => {
    const gradient = tf.grad((x) => x.mul(detached(tf, x)).sum())(tf.tensor1d([2, 3]));
    await near(gradient, [2, 3]);
  });
});

describe("responsibilities (spec §10, vector 7)", () => {
  const of = (y: number[], w: number[], means: number[], variances: number[], form: "direct" | "log-space"): Tensor =>
    responsibilities(tf, tf.tensor2d([y]), { weights: tf.tensor2d([w]), means: tf.tensor2d([means]), variances: tf.tensor2d([variances]) }, form);
  for (const form of ["direct", "log-space"] as const) {
    it(`${form}: the worked values`, async () => {
      await near(of([0, 1], [0.25, 0.75], [0, 1], [0.25, 0.25], form), [0.3771996, 0.6228004]);
      await near(of([0, 0.5, 1], [0.5, 0.5], [0, 1], [1, 1], form), [0.5, 0.5]);
    });
  }
  it("direct underflows to nothing, log-space does not", async () => {
    await near(of([0, 1], [0.5, 0.5], [50, -50], [1e-6, 1e-6], "direct"), [0, 0]);
    // 0 is as near to 50 as to −50, 1 is nearer to 50: (½ + 1) / 2
    await near(of([0, 1], [0.5, 0.5], [50, -50], [1e-6, 1e-6], "log-space"), [0.75, 0.25]);
  });
});

describe("latent (spec §10, vector 8)", () => {
  it("is one number, and one Gaussian", async () => {
    const preference = { weights: tf.tensor2d([[0.2, 0.3, 0.5]]), means: tf.tensor2d([[1, -2, 4]]), variances: tf.tensor2d([[4, 1, 0.25]]) };
    await near(latent(tf, preference), [1.6]);
    await near(latent(tf, preference, tf.tensor2d([[0, 1]])), [1.6, 2.55]);
  });
});

const mask = (...pixels: number[]): Uint8Array => Uint8Array.from(pixels);
const [A, B, P, E] = [mask(1, 0, 0, 0), mask(1, 1, 1, 0), mask(1, 1, 0, 0), mask(0, 0, 0, 0)];

describe("clicks", () => {
  it("the raters who agree are the next target (spec §10, vector 12)", () => {
    const rated = { raters: [A, B, P], valid: [true, true, true], size: 2 };
    assert.deepEqual([...agreementTarget(rated, { y: 0, x: 1, label: 1 })], [1, 1, 0.5, 0]);
    const all = agreementTarget(rated, { y: 0, x: 0, label: 1 });
    for (const [i, value] of [1, 2 / 3, 1 / 3, 0].entries()) assert.ok(Math.abs(all[i] - value) < 1e-6);
    assert.deepEqual([...agreementTarget(rated, { y: 1, x: 1, label: 1 })], [0, 0, 0, 0]);
  });
  it("the first target counts raters who drew nothing, or not", () => {
    const rated = { raters: [P, E], valid: [true, false], size: 2 };
    assert.deepEqual([...firstTarget(rated, "all-raters")], [0.5, 0.5, 0, 0]);
    assert.deepEqual([...firstTarget(rated, "valid-raters")], [1, 1, 0, 0]);
  });
  it("fall on one of the worst pixels, with the rater's label", () => {
    const probability = [0.9, 0.1, 0.2, 0.05];
    for (let seed = 0; seed < 20; seed++) {
      assert.deepEqual(simulateClick(probability, B, 2, 1, seededRandom(seed)), { y: 0, x: 1, label: 1 });
    }
  });
  it("largest is a sort, cut", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 25 }), (values, count) => {
      const expected = values.map((value, at) => ({ value, at })).sort((a, b) => b.value - a.value || a.at - b.at).slice(0, count).map(({ at }) => at);
      assert.deepEqual(largest(values.length, (i) => values[i], count), expected);
    }));
  });
  it("a rater stays with probability keep, never becomes one who drew nothing", () => {
    const random = seededRandom(1);
    assert.equal(nextRater([true, true, true], 1, 1, random), 1);
    for (let i = 0; i < 50; i++) {
      assert.notEqual(nextRater([true, true, true], 1, 0, random), 1);
      assert.notEqual(nextRater([true, false, true], undefined, 0.8, random), 1);
      assert.equal(nextRater([true, false], 0, 0, random), 0);
    }
    const kept = Array.from({ length: 2000 }, () => nextRater([true, true, true], 2, 0.8, random)).filter((rater) => rater === 2).length;
    assert.ok(Math.abs(kept / 2000 - 0.8) < 0.03);
  });
});

describe("scoreSession (spec §10, vectors 2–4, on the valid raters)", () => {
  const session = (raters: Uint8Array[], valid: boolean[], rater: number, rounds: Uint8Array[]) =>
    scoreSession({ case: { id: "c", patient: "p", size: 2, image: new Uint8Array(12), raters, valid }, rater, clicks: [], rounds: rounds.map((each) => Float32Array.from(each)) });
  const close = within(1e-6);

  it("one round, two raters", () => {
    const [{ scores }] = session([A, B], [true, true], 1, [P]);
    close(scores.ged_repository, -0.2833333);
    close(scores.ged, 0.2833333);
    close(scores.dice_max, 0.7333333);
    close(scores.dice_match, 0.4);
    close(scores.dice_soft, 0.75);
    close(scores.dice_personal, 0.7333333);
    close(scores.dice_follow, 0.8);
    close(scores.delta_follow, 0.1333333);
    assert.deepEqual([...hardMajority([A, B])], [...A]); // ties are not foreground
  });
  it("raters who drew nothing do not count; the published set metrics would count them (vectors 3–4)", () => {
    const [first, second] = session([A, B, E], [true, true, false], 0, [P, E]);
    close(first.scores.dice_max, 0.7333333);
    close(first.scores.dice_soft, 0.75);
    close(second.scores.dice_max, 0.7333333);
    close(second.scores.dice_follow, 0);
    // With E counted as a rater, as there:
    const [asPublished, withEmpty] = session([A, B, E], [true, true, true], 0, [P, E]);
    close(asPublished.scores.ged_repository, -0.4666666);
    close(asPublished.scores.dice_max, 0.4888889);
    close(asPublished.scores.dice_match, 0.2666667);
    close(withEmpty.scores.ged_repository, -0.1222222);
    close(withEmpty.scores.dice_max, 0.8222222);
    close(withEmpty.scores.dice_match, 0.6);
  });
});

describe("learningRateAt", () => {
  it("halves at 60 % and 85 %, or never", () => {
    const at = (epoch: number): number => learningRateAt(epoch, presets.small.training);
    assert.deepEqual([0, 6, 7, 9, 10, 11].map(at), [1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4, 2.5e-4]);
    assert.equal(learningRateAt(19, presets.paper.training), 1e-4);
  });
});

describe("training", () => {
  for (const [name, form] of Object.entries(forms)) {
    it(`${name}: trains what spec §4.1 says it trains, and lowers the loss`, async () => {
      const model = initAespa(tf, { ...tiny, form }, 1);
      const before = await readArrays(namedVariables(model.weights));
      const optimizers = makeOptimizers(tf, model);
      const cases = squares(2);
      const losses: number[] = [];
      const trainBatch = makeTrainStep(engine, model, optimizers);
      for (let step = 0; step < 12; step++) losses.push((await trainBatch(cases, seededRandom(1).stream(step))).mask);
      assert.ok(losses.slice(-3).every((loss) => loss < losses[0]), losses.join(" "));
      const after = await readArrays(namedVariables(model.weights));
      const changed = [...after].filter(([key, { data }]) => data.some((value, i) => value !== before.get(key)!.data[i])).map(([key]) => key);
      const has = (part: string): boolean => changed.some((key) => key.startsWith(part));
      assert.ok(has("image_encoder.blocks.0.attn.rel_pos_h") && has("image_encoder.fcomb") && has("mask_decoder.transformer") && has("EM_weights"));
      assert.ok(!has("mask_decoder.iou_prediction_head") && !has("mask_decoder.output_hypernetworks_mlps.1"), "never receive a gradient");
      assert.equal(has("EM_mean_variance"), name === "corrected", "trained by the mask loss, or by nothing");
      const clicked = ["point_embeddings.0", "point_embeddings.1", "not_a_point_embed"].every((part) => has(`prompt_encoder.${part}`));
      assert.ok(clicked);
      assert.equal(has("prompt_encoder.mask_downscaling"), name === "corrected");
      assert.ok(!has("prompt_encoder.point_embeddings.2") && !has("prompt_encoder.pe_layer"));
    });
  }

  it("goes on from a checkpoint as if it had never stopped", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-aespa-"));
    try {
      const options = { engine, cases: squares(4), config: tiny, seed: 3 };
      const whole = await trainAespa(options);
      const stopping = new AbortController();
      const progress = { begin: () => ({ update: (done: number): void => (done === 3 ? stopping.abort() : undefined), end: (): void => {} }) };
      await assert.rejects(trainAespa({ ...options, folder, progress, signal: stopping.signal }), { code: "interrupted" });
      const resumed = await trainAespa({ ...options, folder });
      assert.deepEqual(resumed.history, whole.history);
      const [a, b] = [await readArrays(namedVariables(whole.weights)), await readArrays(namedVariables(resumed.weights))];
      for (const [key, { data }] of a) assert.deepEqual(b.get(key)!.data, data, key);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("replays its steps, to the same bits", async () => {
    const config = { ...tiny, training: { ...tiny.training, epochs: 3 } };
    for (const train of [trainAespa, trainSpa]) {
      const { replayed, recorded } = await trainedTwice(engine, (runner) => train({ engine: runner, cases: squares(4), config, seed: 3 }));
      assert.ok(replayed > 0 && replayed > recorded, `${replayed} replayed, ${recorded} recorded`);
    }
  });

  it("leaves no tensors behind", async () => {
    const model = initAespa(tf, tiny, 1);
    const optimizers = makeOptimizers(tf, model);
    const trainBatch = makeTrainStep(engine, model, optimizers);
    await trainBatch(squares(2), seededRandom(1));
    const tensors = tf.memory().numTensors;
    for (let step = 2; step < 6; step++) await trainBatch(squares(2), seededRandom(step));
    await rollOut(tf, model, everyRater(squares(1)), 1);
    assert.equal(tf.memory().numTensors, tensors);
  });
});

describe("rollOut", () => {
  it("does not depend on the neighbours in a batch, in either form", async () => {
    for (const form of Object.values(forms)) {
      const model = initAespa(tf, { ...tiny, form }, 2);
      const sessions = everyRater(squares(2));
      assert.equal(sessions.length, 6);
      const together = await rollOut(tf, model, sessions, 5, { batch: 4 });
      const alone = await rollOut(tf, model, sessions.slice(5), 5, { batch: 1 });
      assert.deepEqual(together[5].clicks, alone[0].clicks);
      assert.equal(together[5].clicks.length, tiny.training.rounds - 1);
      for (const [round, map] of alone[0].rounds.entries()) map.forEach((p, i) => assert.ok(Math.abs(p - together[5].rounds[round][i]) < 1e-4));
    }
  });
});
