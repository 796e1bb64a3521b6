import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { namedVariables, readArrays } from "../../nn/index.js";
import { initAespa } from "./model.js";
import { everyRater } from "./roll-out.js";
import { selectCluster } from "./spa-clusters.js";
import { rollOutSpa } from "./spa-roll-out.js";
import { makeSpaOptimizers, makeSpaTrainStep } from "./spa-step.js";
import { spaFirstClick, spaTarget } from "./spa-target.js";
import { squares, tiny } from "./squares.fixture.js";

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
});
after(() => engine.close());

const mask = (...pixels: number[]): Uint8Array => Uint8Array.from(pixels);

describe("spaTarget", () => {
  const rated = { raters: [mask(1, 0, 0, 0), mask(1, 1, 0, 0), mask(1, 1, 1, 0)], valid: [true, true, true], size: 2 };

  it("is the mean of the raters who say the same at a pixel, cut at one half, ties foreground", () => {
    // At pixel 1 (two votes): yes → raters 2, 3 → (1, 1, ½, 0) → 1110; no → rater 1.
    // At pixel 2 (one vote): no → raters 1, 2 → (1, ½, 0, 0) → 1100; yes → rater 3. Undisputed: everyone → (1, ⅔, ⅓, 0) → 1100.
    const possible = new Set(["1110", "1000", "1100"]);
    const drawn = new Set(Array.from({ length: 200 }, (_, seed) => spaTarget(rated, seededRandom(seed)).join("")));
    assert.deepEqual([...drawn].sort(), [...possible].sort());
  });

  it("leaves out raters who drew nothing", () => {
    for (let seed = 0; seed < 50; seed++) assert.deepEqual([...spaTarget({ ...rated, valid: [true, false, false] }, seededRandom(seed))], [1, 0, 0, 0]);
  });

  it("the first click lies where everybody agrees", () => {
    for (let seed = 0; seed < 20; seed++) {
      assert.deepEqual(spaFirstClick(rated, seededRandom(seed)), { y: 0, x: 0, label: 1 });
      const nowhere = spaFirstClick({ ...rated, raters: [mask(1, 0, 0, 0), mask(0, 1, 1, 0)], valid: [true, true] }, seededRandom(seed));
      assert.deepEqual(nowhere, { y: 1, x: 1, label: 0 });
    }
  });
});

describe("selectCluster", () => {
  const maps = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]].map((map) => Float32Array.from(map));

  it("picks the group nearest to what is wanted, with the means of it and of the rest", () => {
    const { chosen, picked, rest } = selectCluster(maps, [1, 0], 2, seededRandom(1));
    assert.deepEqual(chosen, [0, 1]);
    assert.ok(Math.abs(picked[0] - 0.85) < 1e-6 && Math.abs(rest[0] - 0.1) < 1e-6);
    assert.deepEqual(selectCluster(maps, [0, 1], 2, seededRandom(1)).chosen, [2]);
  });

  it("survives candidates that coincide and fewer candidates than groups", () => {
    const same = selectCluster([maps[0], maps[0], maps[0]], [1, 0], 2, seededRandom(1));
    assert.ok(same.chosen.length > 0);
    assert.deepEqual([...same.rest], [...same.picked]);
    assert.deepEqual(selectCluster([maps[0]], [1, 0], 4, seededRandom(1)).chosen, [0]);
  });
});

describe("SPA", () => {
  it("trains the mask, the latent and the weight network, each by its own step (spec §4.2)", async () => {
    const model = initAespa(tf, tiny, 1);
    const before = await readArrays(namedVariables(model.weights));
    const optimizers = makeSpaOptimizers(tf, model);
    const losses: number[] = [];
    const trainBatch = makeSpaTrainStep(engine, model, optimizers);
    for (let step = 0; step < 10; step++) losses.push((await trainBatch(squares(2), seededRandom(2).stream(step))).mask);
    assert.ok(losses.slice(-3).every((loss) => loss < losses[0]), losses.join(" "));
    const after = await readArrays(namedVariables(model.weights));
    const changed = [...after].filter(([key, { data }]) => data.some((value, i) => value !== before.get(key)!.data[i])).map(([key]) => key);
    for (const part of ["image_encoder.", "mask_decoder.", "EM_weights.", "EM_mean_variance.", "prompt_encoder.mask_downscaling"]) {
      assert.ok(changed.some((key) => key.startsWith(part)), part);
    }
  });

  it("leaves no tensors behind, in training and in play", async () => {
    const model = initAespa(tf, tiny, 1);
    const optimizers = makeSpaOptimizers(tf, model);
    const trainBatch = makeSpaTrainStep(engine, model, optimizers);
    await trainBatch(squares(2), seededRandom(1));
    const tensors = tf.memory().numTensors;
    for (let step = 2; step < 6; step++) await trainBatch(squares(2), seededRandom(step));
    const sessions = everyRater(squares(1)).slice(0, 2);
    const [one, two] = await rollOutSpa(tf, model, sessions, 1);
    assert.equal(tf.memory().numTensors, tensors);
    assert.deepEqual([one.rounds.length, one.candidates[0].length, one.clicks.length], [3, tiny.spa.samples, 4]);
    assert.ok(two.candidates[0].some((map, i) => map.some((p, at) => p !== two.candidates[0][(i + 1) % tiny.spa.samples][at])), "candidates differ");
    assert.deepEqual((await rollOutSpa(tf, model, sessions, 1))[1].clicks, two.clicks);
  });
});
