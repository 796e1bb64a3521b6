import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as ort from "onnxruntime-node";
import { artifact, readRecords } from "../results/index.js";
import { captured } from "./captured.fixture.js";

let folder: string;
const folio = (...args: string[]) => captured(args, { cwd: folder });
const settings = [
  "rewardModel.epochs=1", "rewardModel.batch=32", "ppo.updates=2", "ppo.evaluateEvery=2", "ppo.numSteps=4", "ppo.minibatch=16", "environment.numEnvs=4",
  "environment.budgets=[3,4]", "ppo.evaluateBudget=4", "evaluation.budgets=[3,4]",
];
const train = (...more: string[]) => folio("train", "asmr", "--data", "data/acdc-quick", "--out", "run", "--set", ...settings, ...more);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-asmr-cli-"));
  assert.equal((await folio("data", "make", "acdc")).code, 0);
});
after(() => rm(folder, { recursive: true }));

describe("folio train asmr, folio evaluate asmr", () => {
  it("trains the reward network, the second one and the policy, and goes on from what is there", async () => {
    const first = await train("--json");
    assert.equal(first.code, 0, first.err);
    const { rewardModel, policy, slices } = JSON.parse(first.out) as { rewardModel: { parameters: number }; policy: { parameters: number; updates: number; lastReturn: number }; slices: number };
    assert.deepEqual([rewardModel.parameters, policy.parameters, policy.updates, slices], [29_508, 198_653, 2, 144]);
    const again = await train("--json");
    assert.equal((JSON.parse(again.out) as { policy: typeof policy }).policy.lastReturn, policy.lastReturn);
    const other = await train("--seed", "2");
    assert.deepEqual([other.code, /another seed/.test(other.err)], [2, true]);
  });

  it("says which setting does not exist, and what a backbone is for", async () => {
    const wrong = await folio("train", "asmr", "--data", "data/acdc-quick", "--out", "other", "--set", "reward.lambda=1");
    assert.deepEqual([wrong.code, wrong.err.includes("lambda is none of lambdaReconstruction")], [2, true]);
    const backbone = await folio("train", "asmr", "--data", "data/acdc-quick", "--out", "other", "--backbone", "resnet18.pth");
    assert.deepEqual([backbone.code, /preset paper/.test(backbone.err)], [2, true]);
  });

  it("evaluates it beside the fixed samplers, writes records, and says what there is for a budget that is none", async () => {
    const evaluated = await folio("evaluate", "asmr", "--run", "run", "--data", "data/acdc-quick", "--baselines", "cheap", "--results", "results");
    assert.equal(evaluated.code, 0, evaluated.err);
    assert.match(evaluated.out, /acdc-quick \(generated data\); mean Dice[^]*3 lines +4 lines[^]*\n {2}ppo +\d\.\d{3} \[[^]*\n {2}centre /);
    const records = await readRecords(join(folder, "results"));
    assert.deepEqual(records.map(({ variant }) => variant).sort(), ["all-lines", "centre", "equispaced", "ppo", "random", "vds"]);
    const ppo = records.find(({ variant }) => variant === "ppo")!;
    assert.equal(artifact(ppo, "acquisition")!.orders.length, 48);
    assert.deepEqual([artifact(ppo, "panels")!.panels.length, artifact(ppo, "kspace")!.order.length, artifact(ppo, "curves")!.curves.length], [3, 4, 4]);
    assert.equal(Object.keys((ppo.artifacts!.lines as Record<string, object>)["4"]).length, 48);
    assert.equal((await folio("evaluate", "asmr", "--run", "run", "--data", "data/acdc-quick", "--budgets", "many")).code, 2);
  });

  it("leaves as ONNX: k-space and a mask in, picture, segmentation and preferences out", async () => {
    const exported = await folio("weights", "export", "--run", "run", "--out", "asmr.onnx");
    assert.equal(exported.code, 0, exported.err);
    const session = await ort.InferenceSession.create(join(folder, "asmr.onnx"));
    const size = 48;
    const feeds = {
      k_real: new ort.Tensor("float32", new Float32Array(size * size).fill(1), [1, size, size]), k_imag: new ort.Tensor("float32", new Float32Array(size * size), [1, size, size]),
      mask: new ort.Tensor("float32", new Float32Array(size).fill(1), [1, size]), remaining: new ort.Tensor("float32", Float32Array.of(3), [1]),
    };
    const { reconstruction, segmentation, lines } = await session.run(feeds);
    assert.deepEqual([segmentation.dims, lines.dims], [[1, size, size, 4], [1, size]]);
    const picture = reconstruction.data as Float32Array; // k = 1 everywhere is a point in the middle
    assert.ok(Math.abs(picture[24 * size + 24] - size) < 1e-3 && Math.abs(picture[0]) < 1e-3);
  });
});
