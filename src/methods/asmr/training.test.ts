import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Interrupted, seededRandom, silent, type Progress } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { namedVariables, readArrays } from "../../nn/index.js";
import { compareSystems } from "./compare.js";
import { asmrConfig, checkConfig, presets, type AsmrConfig } from "./config.js";
import { qualityFunction, ScanEnvironment, type QualityOf } from "./environment.js";
import { distinctMasks, evaluateAsmr } from "./evaluate.js";
import { greedyFixed, greedyOracle, inChunks } from "./greedy.js";
import { valueAt } from "./measure.js";
import { makeSampler, readSampler, writeSampler } from "./sampler.js";
import { initSegmenter } from "./segmenter.js";
import { flippedSlice, simulateKspace, type KspaceSlice } from "./slices.js";
import { trainPolicy } from "./train-policy.js";
import { learningRateAt, trainSegmenter } from "./train-segmenter.js";

/** Everything the method has, as small as it can be. */
const config: AsmrConfig = {
  ...presets.small,
  data: { ...presets.small.data, size: 16, sampledIndices: [0, 15] },
  rewardModel: { ...presets.small.rewardModel, unet: { widths: [2, 4], upsampling: "transposed" }, epochs: 3, batch: 4 },
  environment: { ...presets.small.environment, numEnvs: 4, budgets: [2, 4] },
  ppo: { ...presets.small.ppo, updates: 4, numSteps: 5, minibatch: 10, evaluateEvery: 2, evaluateBudget: 3 },
  evaluation: { budgets: [2, 3], greedySlices: 4, loupe: { ...presets.small.evaluation.loupe, steps: 3, batch: 4 } },
};

let engine: Engine;
let folder: string;
let slices: KspaceSlice[];
before(async () => {
  engine = await openEngine();
  folder = await mkdtemp(join(tmpdir(), "folio-asmr-"));
  const size = 16;
  const cine = Array.from({ length: 12 }, (_, i) => {
    const random = seededRandom(i);
    const [cx, cy] = [5 + random.integer(6), 5 + random.integer(6)];
    const label = Uint8Array.from({ length: size * size }, (_, at) => {
      const distance = Math.hypot((at % size) - cx, Math.floor(at / size) - cy);
      return distance < 2 ? 3 : distance < 3.5 ? 2 : at % size < 3 ? 1 : 0;
    });
    const patient = `patient${String(1 + Math.floor(i / 4)).padStart(3, "0")}`;
    const facts = { id: `${patient}/${i % 4}`, patient, index: i % 4, volume: `${patient}/ED`, phase: "ED" as const, z: i % 4, spacingMm: [1, 1, 8] as const, group: undefined, split: "train" as const };
    return { ...facts, size, label, image: Float32Array.from(label, (value) => value / 4 + 0.05 * random.uniform()) };
  });
  slices = await simulateKspace(engine.tf, cine, config.data);
});
after(async () => {
  await rm(folder, { recursive: true });
  await engine.close();
});

/** Fires after so many steps; the loop ends after the step that is running. */
function interruptAfter(steps: number): { progress: Progress; signal: AbortSignal } {
  const controller = new AbortController();
  return { signal: controller.signal, progress: { begin: (task, total) => ({ ...silent.begin(task, total), update: (done) => done >= steps && controller.abort() }) } };
}

const weightsOf = async (weights: object): Promise<string> => JSON.stringify([...(await readArrays(namedVariables(weights)))].map(([name, { data }]) => [name, [...data]]));

describe("trainSegmenter", () => {
  for (const network of ["unet", "unetpp", "unext"] as const) {
    it(`learns with ${network} and leaves no tensors behind`, async () => {
      const own = { ...config, rewardModel: { ...config.rewardModel, network, epochs: 2, unetpp: { base: 2, cap: 4, norm: "instance" as const } } };
      const tensors = engine.tf.memory().numTensors;
      const trained = await trainSegmenter({ engine, config: own, train: slices, val: slices.slice(0, 4), seed: 1 });
      assert.equal(engine.tf.memory().numTensors, tensors + namedVariables(trained.weights).length);
      const { history } = trained;
      assert.ok(history[1].loss < history[0].loss && history.every(({ valDice }) => valDice >= 0 && valDice <= 1));
    });
  }

  it("goes on after an interruption to the same weights", async () => {
    const options = { engine, config, train: slices, val: slices.slice(0, 4), seed: 3 };
    const whole = await trainSegmenter(options);
    await assert.rejects(trainSegmenter({ ...options, folder: join(folder, "resume"), ...interruptAfter(4) }), Interrupted);
    const resumed = await trainSegmenter({ ...options, folder: join(folder, "resume") });
    assert.equal(await weightsOf(resumed.weights), await weightsOf(whole.weights));
    assert.deepEqual(resumed.history, whole.history);
  });

  it("says what is wrong with slices of another size", () => assert.rejects(trainSegmenter({ engine, config, train: slices.map((slice) => ({ ...slice, size: 8 })), val: slices, seed: 1 }), /16×16, but got 8/));

  it("follows the three schedules", () => {
    const at = (schedule: "one-cycle" | "cosine" | "asmr-step", epoch: number, step: number): number => learningRateAt(epoch, step, 100, { schedule, learningRate: 1, epochs: 10 });
    // torch 1.13 OneCycleLR(max_lr=1, total_steps=100): steps 0, 29, 64, 99
    for (const [step, rate] of [[0, 0.04], [29, 1], [64, 0.500002], [99, 4e-6]]) assert.ok(Math.abs(at("one-cycle", 0, step) - rate) < 1e-6, `${step}`);
    assert.deepEqual([0, 2, 3, 6].map((epoch) => at("asmr-step", epoch, 0)).map((x) => Number(x.toPrecision(6))), [1, 1, 0.1, 0.01]);
    assert.ok(Math.abs(at("cosine", 5, 0) - 0.5000005) < 1e-9);
  });
});

describe("ScanEnvironment", () => {
  /** The quality of a mask is the number of its columns among 3, 4, 5. */
  const quality: QualityOf = async (_, masks) => Float32Array.from(masks, (mask) => [3, 4, 5].filter((column) => mask[column] === 1).length);
  const scan = (reward: Partial<AsmrConfig["reward"]>, budgets: readonly [number, number] = [3, 3]) =>
    new ScanEnvironment({ ...config, reward: { ...config.reward, ...reward }, environment: { ...config.environment, numEnvs: 2, budgets } }, slices, slices.map(() => 1), quality, seededRandom(1));

  it("delta rewards add up to the final quality; the episode ends with its budget and another begins", async () => {
    const environment = scan({ mode: "delta", delayStep: 0 });
    let state = await environment.reset();
    assert.deepEqual([state.budget, state.masks[0].some(Boolean)], [3, false]);
    const rewards: number[][] = [];
    for (const [t, action] of [3, 9, 4].entries()) {
      assert.equal(environment.legal(state)[0].reduce((sum, x) => sum + x, 0), 16 - t);
      const step = await environment.step(state, [[action], [10 + t]]);
      rewards.push([...step.rewards]);
      assert.equal(step.done, t === 2);
      state = step.next;
    }
    assert.deepEqual(rewards, [[1, 0], [0, 0], [1, 0]]);
    assert.deepEqual([state.acquired, state.episode, state.masks[0].some(Boolean)], [0, 2, false]);
  });

  it("level pays the quality at every step after the delay", async () => {
    const environment = scan({ mode: "level", delayStep: 1 });
    const first = await environment.step(await environment.reset(), [[3], [9]]);
    const second = await environment.step(first.next, [[4], [3]]);
    assert.deepEqual([[...first.rewards], [...second.rewards]], [[0, 0], [2, 1]]);
  });

  it("takes several columns a step, budgets in whole steps", async () => {
    const two = { ...config, reward: { ...config.reward, mode: "delta" as const, delayStep: 0 }, environment: { ...config.environment, numEnvs: 2, budgets: [2, 6] as const, linesPerStep: 2 } };
    const environment = new ScanEnvironment(two, slices, slices.map(() => 1), quality, seededRandom(1));
    const states = await Promise.all(Array.from({ length: 30 }, (_, episode) => environment.reset(episode)));
    assert.deepEqual([...new Set(states.map(({ budget }) => budget))].sort(), [2, 4, 6]);
    const { rewards, done, next } = await environment.step(states.find(({ budget }) => budget === 2)!, [[3, 4], [9, 5]]);
    assert.deepEqual([[...rewards], done, next.acquired], [[2, 1], true, 0]);
    assert.throws(() => checkConfig({ ...two, environment: { ...two.environment, budgets: [3, 6] } }), /multiple of linesPerStep = 2/);
  });

  it("draws budgets from its range and slices by their weights, the same for the same seed", async () => {
    const environment = scan({}, [2, 4]);
    const states = await Promise.all(Array.from({ length: 40 }, (_, episode) => environment.reset(episode)));
    assert.deepEqual([...new Set(states.map(({ budget }) => budget))].sort(), [2, 3, 4]);
    assert.deepEqual((await scan({}, [2, 4]).reset(7)).slices, states[7].slices);
    const only = new ScanEnvironment(config, slices, slices.map((_, i) => (i === 5 ? 1 : 0)), quality, seededRandom(1));
    assert.deepEqual([...new Set((await only.reset()).slices)], [5]);
  });
});

describe("the sampler's file", () => {
  it("reads back, and refuses other slices", async () => {
    const path = join(folder, "sampler.json");
    const sampler = makeSampler(slices);
    await writeSampler(path, sampler);
    assert.deepEqual(await readSampler(path, slices), sampler);
    await assert.rejects(readSampler(path, slices.slice(1)), { code: "other-slices" });
    await assert.rejects(readSampler(join(folder, "none.json"), slices), { code: "not-found" });
  });
});

describe("trainPolicy", () => {
  const train = async (options: { folder?: string; progress?: Progress; signal?: AbortSignal } = {}, own = config) =>
    trainPolicy({ engine, config: own, segmenter: initSegmenter(engine.tf, own, 1), train: slices, val: slices.slice(0, 4), seed: 5, ...options });

  it("goes on after an interruption, in the middle of an episode, to the same weights", async () => {
    const whole = await train();
    await assert.rejects(train({ folder: join(folder, "policy"), ...interruptAfter(3) }), Interrupted);
    const resumed = await train({ folder: join(folder, "policy") });
    assert.equal(await weightsOf(resumed.weights), await weightsOf(whole.weights));
    assert.deepEqual([resumed.history, resumed.validation], [whole.history, whole.validation]);
    assert.equal(whole.history.length, 4);
    assert.ok(whole.history.every(({ entropy, gradNorm }) => entropy > 0 && entropy < Math.log(16) && gradNorm > 0));
  });

  it("leaves no tensors behind", async () => {
    const segmenter = initSegmenter(engine.tf, config, 1);
    const run = () => trainPolicy({ engine, config, segmenter, train: slices, val: slices.slice(0, 4), seed: 1 });
    await run();
    const tensors = engine.tf.memory().numTensors;
    const policy = await run();
    assert.equal(engine.tf.memory().numTensors, tensors + namedVariables(policy.weights).length);
  });

  for (const linesPerStep of [1, 3]) it(`finds the columns that pay, ${linesPerStep} a step`, async () => {
    // A reconstruction reward alone: the middle columns hold the energy, so a policy that learns moves there from 2 in 16 by chance.
    const own = asmrConfig("small", {});
    const paying: AsmrConfig = {
      ...own, ...config, evaluation: { ...config.evaluation, budgets: [3] }, reward: { ...config.reward, lambdaReconstruction: 1, lambdaSegmentation: 0, recReward: "nmse" },
      environment: { ...config.environment, numEnvs: 16, budgets: [3, 3], linesPerStep }, ppo: { ...config.ppo, updates: 24, numSteps: 3, evaluateBudget: 3, minibatch: 24, evaluateEvery: 24, learningRate: 2e-3 },
    };
    const { history } = await train({}, paying);
    const late = history.slice(-4).reduce((sum, { meanReturn }) => sum + meanReturn!, 0) / 4;
    assert.ok(late > history[0].meanReturn! + 0.15, `${history[0].meanReturn} → ${late}`);
  });
});

describe("greedy searches", () => {
  it("find what pays: one set for all, or each slice its own", async () => {
    const wanted = new Map(slices.map(({ id }, i) => [id, i % 2 === 0 ? [2, 7] : [7, 11]]));
    const quality: QualityOf = async (asked, masks) => Float32Array.from(masks, (mask, i) => wanted.get(asked[i].id)!.filter((column) => mask[column] === 1).length);
    const search = { quality: inChunks(quality, 5), range: [0, 15] as const, width: 16, budget: 2 };
    assert.deepEqual(await greedyFixed(slices, search), [7, 2]);
    assert.deepEqual((await greedyOracle(slices.slice(0, 3), search)).map((order) => [...order].sort((a, b) => a - b)), [[2, 7], [7, 11], [2, 7]]);
  });

  it("agree with a quality that is asked without chunks", async () => {
    const quality = qualityFunction(engine, initSegmenter(engine.tf, config, 1), config.reward);
    const masks = slices.map((_, i) => Float32Array.from({ length: 16 }, (_, c) => ((c + i) % 3 === 0 ? 1 : 0)));
    const whole = await quality(slices, masks);
    (await inChunks(quality, 5)(slices, masks)).forEach((value, i) => assert.ok(Math.abs(value - whole[i]) < 1e-5));
  });
});

describe("evaluateAsmr", () => {
  it("measures policies and all baselines on the same slices, at every budget", async () => {
    const segmenter = await trainSegmenter({ engine, config, train: slices, val: slices.slice(0, 4), seed: 1 });
    const second = initSegmenter(engine.tf, config, 2);
    const policy = await trainPolicy({ engine, config, segmenter, train: slices, val: slices.slice(0, 4), seed: 1 });
    const options = { engine, config, segmenter, second, policies: [{ variant: "ppo", what: "", policy }], train: slices, test: slices, spacing: "mm" as const, seed: 1 };
    const evaluations = await evaluateAsmr(options);
    assert.deepEqual(evaluations.map(({ variant }) => variant), ["ppo", "random", "centre", "equispaced", "vds", "loupe", "greedy-fixed", "greedy-oracle", "all-lines"]);
    for (const { variant, budgets, metrics } of evaluations) {
      for (const { budget, orders } of budgets) assert.ok(orders.every((order) => new Set(order).size === (variant === "all-lines" ? 16 : budget)), variant);
      const dice = valueAt(metrics, "dice", 3);
      assert.ok(dice.value! >= 0 && dice.value! <= 1 && dice.interval?.cluster === "patient");
      assert.notEqual(valueAt(metrics, "dice_second", 2).value, null);
    }
    const full = evaluations.at(-1)!;
    assert.equal(valueAt(full.metrics, "psnr", 2).excluded.length + valueAt(full.metrics, "psnr", 2).n, 12);
    assert.ok(valueAt(full.metrics, "ssim", 2).value! > 0.9999);
    assert.equal(distinctMasks(evaluations.find(({ variant }) => variant === "loupe")!.budgets[0]), 1);
    // The oracle's own measure is at least what any other mask of one line reaches.
    const better = compareSystems(full, evaluations[1], "ssim", 2);
    assert.ok(better.difference > 0 && better.separated && better.n === 12);
    assert.deepEqual((await evaluateAsmr(options)).map(({ metrics }) => metrics), evaluations.map(({ metrics }) => metrics));
  });
});

describe("flippedSlice", () => {
  it("turns image and label together and transforms anew", async () => {
    const flipped = flippedSlice(slices[0], { vertical: false, horizontal: true });
    assert.deepEqual([flipped.image[0], flipped.label[3]], [slices[0].image[15], slices[0].label[12]]);
    const [again] = await simulateKspace(engine.tf, [{ ...flipped }], config.data);
    again.kReal.forEach((value, i) => assert.ok(Math.abs(value - flipped.kReal[i]) < 1e-5));
  });
});

describe("asmrConfig", () => {
  it("changes single settings and says what cannot be", () => {
    assert.equal(asmrConfig("small", { "reward.lambdaReconstruction": 0.5 }).reward.lambdaReconstruction, 0.5);
    assert.throws(() => asmrConfig("small", { "reward.gamma": 1 }), { code: "usage", message: /gamma is none of lambdaReconstruction/ });
    assert.throws(() => asmrConfig("small", { "reward.mode": 3 }), { code: "usage" });
    assert.throws(() => asmrConfig("small", { "ppo.evaluateBudget": 60 }), { code: "invalid-value", message: /1 to 48/ });
    assert.throws(() => asmrConfig("paper", { "reward.mode": "delta" }), { code: "invalid-value", message: /delayStep must be 0/ });
  });
});
