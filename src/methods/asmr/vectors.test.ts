import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom, type CaseScore } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { diceOf, hd95, hausdorff, iou, psnr, ssim } from "../../metrics/index.js";
import { generalisedAdvantage } from "./advantage.js";
import { fixedOrder } from "./baselines.js";
import { blocksMask, centreBlock, vdsMask, vdsPrior } from "./column-masks.js";
import { fftConv } from "./fft-conv.js";
import { bestActions, drawActions, logProbabilityOf, logProbabilityOfAll, maskedEntropy, maskedLogProbabilities, sampleAction } from "./masked-categorical.js";
import { pooledDice } from "./predict.js";
import { policyLoss } from "./ppo.js";
import { reconstructionReward, segmentationReward, squash, ssimOf } from "./quality.js";
import { samplerWeights } from "./sampler.js";
import { segmentationLoss } from "./segmentation-loss.js";
import { zeroFilledImage } from "./reconstruct.js";
import { centeredFft2, newVariable } from "../../nn/index.js";
import type { Rank, Tensor, Tensor2D, Tensor3D, Tensor4D } from "./tensorflow.js";

// The numbered test vectors of ASMR-seg spec §10. Vectors 1, 2 and 14 on plain arrays are in src/signal, 18 in src/nn/unet and policy.test.ts.

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
  ({ tf } = engine);
});
after(() => engine.close());

async function close(actual: Tensor | ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): Promise<void> {
  const values = "data" in actual ? await (actual as Tensor).data() : actual;
  assert.equal(values.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(values[i] - value) <= tolerance, `${i}: ${values[i]}, expected ${value}`);
}

describe("k-space (vector 2)", () => {
  it("reconstructs 1 … 16 from two columns", async () => {
    const k = centeredFft2(tf, { real: tf.tensor3d(Array.from({ length: 16 }, (_, i) => i + 1), [1, 4, 4]) });
    const picture = await zeroFilledImage(tf, k, tf.tensor2d([[0, 1, 1, 0]])).data<"float32">();
    await close(picture.slice(0, 4), [2.061553, 2.061553, 3.041381, 3.041381]);
    await close(picture.slice(12), [14.008926, 14.008926, 15.008331, 15.008331]);
    const error = picture.reduce((sum, value, i) => sum + (value - i - 1) ** 2, 0);
    await close([error / 1496, 10 * Math.log10(256 / (error / 16))], [0.00538977, 27.05858], 1e-5);
  });
});

describe("column masks (vectors 3, 4)", () => {
  it("centre blocks", () => {
    const block = (first: number, last: number, fraction: number): number[] => {
      const { first: from, count } = centreBlock([first, last], fraction);
      return [from, from + count - 1, count];
    };
    assert.deepEqual(block(33, 367, 0.05), [192, 208, 17]);
    assert.deepEqual(block(40, 359, 0.05), [192, 207, 16]);
    assert.deepEqual(block(0, 255, 0.04), [123, 132, 10]);
    assert.deepEqual(block(0, 255, 0.125), [112, 143, 32]);
    assert.deepEqual(block(0, 63, 0.05), [31, 33, 3]);
    assert.deepEqual([block(0, 255, 0.05), block(0, 255, 0.5)], [[122, 134, 13], [64, 191, 128]]);
  });

  it("the prior is a triangle, lopsided for odd counts", async () => {
    await close(vdsPrior(6), [1, 2, 3, 3, 2, 1].map((x) => x / 12), 1e-12);
    await close(vdsPrior(5), [1, 2, 3, 3, 2].map((x) => x / 11), 1e-12);
  });

  it("variable density: as many columns as the rate says, half of them in the middle, the others nearer rather than farther", () => {
    const counts = new Float64Array(48);
    for (let seed = 0; seed < 400; seed++) {
      const mask = vdsMask(48, [0, 47], 12 / 48, seededRandom(seed));
      assert.equal(mask.reduce((sum, x) => sum + x, 0), 12);
      assert.deepEqual([...mask.subarray(21, 27)], [1, 1, 1, 1, 1, 1]);
      for (const [column, on] of mask.entries()) counts[column] += on;
    }
    assert.ok(counts[18] + counts[29] > 3 * (counts[2] + counts[45]));
    assert.deepEqual([...vdsMask(48, [4, 43], 1, seededRandom(1))].map((x) => x), Array.from({ length: 48 }, (_, i) => (i >= 4 && i <= 43 ? 1 : 0)));
    assert.throws(() => vdsMask(48, [0, 47], 0, seededRandom(1)), { code: "invalid-value" });
  });

  it("blocks reach every far column and keep the centre", () => {
    const seen = new Float64Array(48);
    for (let seed = 0; seed < 300; seed++) blocksMask(48, [0, 47], seededRandom(seed)).forEach((on, column) => (seen[column] += on));
    assert.ok(seen.every((count) => count > 0) && seen[23] === 300 && seen[24] === 300 && seen[25] === 300);
  });
});

describe("rewards (vectors 5, 13)", () => {
  it("the scale of log-probabilities", () => close(squash(tf, tf.tensor1d([-3, -Math.LN2, 0, -8, 3])), [-1.003, -0.30190304, 0, -2.008, 1.003], 1e-6));

  it("SSIM of constants, and of pictures as folio/metrics and scikit-image have it", async () => {
    // a constant truth has no range, so 1 is taken
    const flat = (level: number): Tensor3D => tf.ones<Rank.R3>([1, 9, 9]).mul(level);
    await close(ssimOf(tf, flat(0.6), flat(0.5)), [0.98360924], 1e-5);
    const truth = Float32Array.from({ length: 64 }, (_, i) => i / 63);
    const half = truth.map((x) => x / 2);
    await close(ssimOf(tf, tf.tensor3d([...half], [1, 8, 8]), tf.tensor3d([...truth], [1, 8, 8])), [0.64175825], 2e-5);
    const score = ssim(half, truth, [8, 8], { dataRange: "truth" });
    assert.ok("score" in score && Math.abs(score.score - 0.64175825) < 1e-6);
  });

  it("the other reconstruction rewards by hand", async () => {
    const [picture, image] = [tf.tensor3d([0, 0.5, 1, 0.5], [1, 2, 2]), tf.tensor3d([0, 1, 1, 0], [1, 2, 2])];
    await close(reconstructionReward(tf, picture, image, "mse"), [-0.125]);
    await close(reconstructionReward(tf, picture, image, "psnr"), [(10 * Math.log10(8)) / 40]);
    await close(reconstructionReward(tf, picture, image, "nmse"), [1 - Math.sqrt(0.125 / 0.5)]);
  });

  it("segmentation rewards: certain and right is 1, an absent structure that is not predicted counts 1", async () => {
    const label = tf.tensor3d([0, 1, 1, 3], [1, 2, 2]);
    const sure = (classes: number[]): Tensor4D => tf.oneHot(tf.tensor1d(classes, "int32"), 4).mul(40).reshape([1, 2, 2, 4]);
    await close(segmentationReward(tf, sure([0, 1, 1, 3]), label, "soft-dice"), [1]);
    await close(segmentationReward(tf, sure([0, 1, 1, 3]), label, "hard-dice"), [1]);
    await close(segmentationReward(tf, sure([0, 1, 1, 3]), label, "logp"), [0]);
    await close(segmentationReward(tf, sure([0, 1, 0, 3]), label, "hard-dice"), [(2 / 3 + 1 + 1) / 3]);
    await close(segmentationReward(tf, sure([0, 1, 0, 3]), label, "soft-dice"), [(3 / 4 + 1 + 1) / 3]);
  });
});

describe("the release's picture measures (vectors 15, 16)", () => {
  const side = (n: number, value: (row: number, column: number) => number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => value(Math.floor(i / n), i % n));
  const scores = (...results: readonly CaseScore[]): number[] => results.map((result) => ("score" in result ? result.score : Number.NaN));
  const truth = side(8, (r, c) => (8 * r + c) / 63);
  const half = truth.map((x) => x / 2);

  it("SSIM with the range of the truth, window by window", async () => {
    const small = side(7, (r, c) => (7 * r + c) / 48);
    const of = (picture: Float64Array, image = truth, n = 8): CaseScore => ssim(picture, image, [n, n], { dataRange: "truth" });
    await close(scores(of(small.map((x) => x / 2), small, 7), of(half), of(truth.map((x) => x / 2 + 0.25)), of(side(8, (r, c) => (8 * c + r) / 63))), [0.64134083, 0.64175825, 0.80044173, 0.24813002], 1e-7);
  });

  it("PSNR with the range that scikit-image would take from the type: 1, 2 where values are negative, 255 for bytes", async () => {
    const bytes = (factor: number): Uint8Array => Uint8Array.from(truth, (x) => Math.floor(factor * x));
    await close(scores(psnr(half, truth, 1), psnr(truth.map((x) => x / 2 + 0.25), truth, 1), psnr(truth.map((x) => x - 0.4), truth.map((x) => x - 0.5), 2), psnr(bytes(127), bytes(255), 255)), [10.757481, 16.676684, 26.0206, 10.710811], 1e-5);
  });

  it("squared errors of bytes as numbers, where the release's wrap at 256 and give 41", async () => {
    const [first, second] = [Uint8Array.from([10, 20, 30, 200]), Uint8Array.from([12, 40, 46, 100])];
    await close(scores(psnr(second, first, 255)), [10 * Math.log10(255 ** 2 / 2665)], 1e-9);
  });
});

describe("PPO's parts (vectors 6, 7, 8)", () => {
  it("advantages", async () => {
    const rows = (...values: number[]): Float32Array[] => values.map((value) => Float32Array.of(value));
    const { advantages, returns } = generalisedAdvantage(
      { rewards: rows(0, 0, 1, 0), values: rows(0.5, 0.4, 0.3, 0.2), done: rows(0, 0, 0, 1), nextValue: Float32Array.of(0.1), nextDone: Float32Array.of(0) },
      { gamma: 0.99, gaeLambda: 0.95 },
    );
    await close(advantages.map(([a]) => a), [0.41830668, 0.55535, 0.7, -0.101], 1e-6);
    await close(returns.map(([r]) => r), [0.91830668, 0.95535, 1, 0.099], 1e-6);
  });

  it("the clipped policy term", async () => {
    for (const [advantage, ratio, expected] of [[1, 1.5, -1.2], [-1, 1.5, 1.5], [1, 0.5, -0.5], [-1, 0.5, 0.8]])
      await close(policyLoss(tf, tf.tensor1d([advantage]), tf.tensor1d([ratio]), 0.2), [expected]);
  });

  it("probabilities over legal columns", async () => {
    const legal = tf.tensor2d([[1, 0, 1, 0]]) as Tensor2D;
    const logP = maskedLogProbabilities(tf, tf.tensor2d([[1, 2, 3, 4]]), legal);
    const values = await logP.data<"float32">();
    await close([values[0], values[2]], [-2.126928, -0.126928]);
    assert.ok(Math.exp(values[1]) === 0 && Math.exp(values[3]) === 0);
    await close(maskedEntropy(logP, legal), [0.365334]);
    await close(logProbabilityOf(tf, logP, tf.tensor1d([2])), [-0.126928]);
    const drawn = Array.from({ length: 300 }, (_, seed) => sampleAction(values, seededRandom(seed)));
    assert.deepEqual([...new Set(drawn)].sort(), [0, 2]);
    assert.ok(Math.abs(drawn.filter((a) => a === 0).length / 300 - Math.exp(-2.126928)) < 0.06);
  });
});

describe("several columns a step", () => {
  it("each is drawn from what the ones before it left: exp(1) and exp(3) of 1, 2, 3, 4", async () => {
    const [logits, legal] = [tf.tensor2d([[1, 2, 3, 4]]), tf.tensor2d([[1, 0, 1, 1]])];
    const row = await maskedLogProbabilities(tf, logits, legal).data<"float32">();
    const [e1, e3, e4] = [1, 3, 4].map(Math.exp);
    const byHand = Math.log(e3 / (e1 + e3 + e4)) + Math.log(e1 / (e1 + e4)); // column 2, then column 0
    await close(logProbabilityOfAll(tf, logits, legal, tf.tensor2d([[2, 0]])), [byHand]);
    const drawn = Array.from({ length: 2000 }, (_, seed) => drawActions(row, 2, seededRandom(seed)));
    assert.ok(drawn.every(({ actions: [a, b] }) => a !== b && a !== 1 && b !== 1));
    const same = drawn.filter(({ actions }) => actions.join() === "2,0");
    assert.ok(Math.abs(same[0].logProbability - byHand) < 1e-5);
    assert.ok(Math.abs(same.length / 2000 - Math.exp(byHand)) < 0.01);
    assert.deepEqual(bestActions(row, 3), [3, 2, 0]);
    assert.deepEqual(drawActions(row, 1, seededRandom(7)).actions, [sampleAction(row, seededRandom(7))]);
  });
});

describe("metrics on label maps (vectors 9, 10, 17)", () => {
  const predicted = Uint8Array.from([0, 1, 1, 2, 2, 3, 0, 0, 3]);
  const truth = Uint8Array.from([0, 1, 2, 2, 2, 3, 0, 3, 3]);
  const of = (label: Uint8Array, structure: number): Uint8Array => label.map((value) => (value === structure ? 1 : 0));

  it("Dice by structure, IoU by structure, and the release's one foreground", async () => {
    await close(pooledDice([predicted], [truth]), [2 / 3, 0.8, 0.8]);
    const ious = [0, 1, 2, 3].map((structure) => iou(of(predicted, structure), of(truth, structure)));
    await close(ious.map((each) => ("score" in each ? each.score : Number.NaN)), [2 / 3, 1 / 2, 2 / 3, 2 / 3]);
    const foreground = iou(predicted, truth);
    assert.ok("score" in foreground && Math.abs(foreground.score - 6 / 7) < 1e-9);
    assert.deepEqual([iou([0, 0], [0, 0]), diceOf({ intersection: 0, predicted: 0, actual: 0 }, { whenBothEmpty: "one" })], [{ excluded: "both-empty" }, { score: 1 }]);
    // One pair of empty maps and one of all ones against the diagonal: (1 + ½)/2.
    const pair = [diceOf({ intersection: 0, predicted: 0, actual: 0 }, { whenBothEmpty: "one" }), diceOf({ intersection: 3, predicted: 9, actual: 3 })];
    assert.equal(pair.reduce((sum, each) => sum + ("score" in each ? each.score : Number.NaN), 0) / 2, 0.75);
  });

  it("the pooled Dice loss of the release: 0.22222226 with background", async () => {
    // Certain predictions leave the cross-entropy of the three wrong pixels alone; 40 nats each.
    const logits = tf.oneHot(tf.tensor1d([...predicted], "int32"), 4).mul<Tensor4D>(40).reshape<Tensor4D>([1, 3, 3, 4]);
    const labels = tf.tensor3d([...truth], [1, 3, 3]) as Tensor3D;
    await close(segmentationLoss(tf, logits, labels, "ce-dice-pooled"), [(2 * 40) / 9 + 0.22222226], 1e-4);
    await close(segmentationLoss(tf, logits, labels, "ce-dice-foreground"), [(2 * 40) / 9 + 1 - (2 / 3 + 0.8 + 0.8) / 3], 1e-4);
  });

  it("HD95 of two blocks", () => {
    const block = (from: number, to: number): Uint8Array => Uint8Array.from({ length: 64 }, (_, i) => (Math.floor(i / 8) >= 1 && Math.floor(i / 8) <= 3 && i % 8 >= from && i % 8 <= to ? 1 : 0));
    const grid = { shape: [8, 8], spacingMm: [1, 1] };
    assert.deepEqual([hd95(block(1, 3), block(2, 5), grid), hausdorff(block(1, 3), block(2, 5), grid)], [{ score: 2 }, { score: 2 }]);
  });
});

describe("fftConv (vector 11)", () => {
  it("hangs at the kernel's top left corner and goes round", async () => {
    const weight = newVariable<Rank.R5>(tf, Float32Array.from([1, 0, 2, 0, 3, 0, 4, 0]), [1, 1, 2, 2, 2]);
    const real = tf.tensor3d(Array.from({ length: 16 }, (_, i) => i), [1, 4, 4]);
    const out = fftConv(tf, { real, imag: tf.zerosLike(real) }, { weight });
    await close(out.real, [34, 44, 54, 40, 74, 84, 94, 80, 114, 124, 134, 120, 42, 52, 62, 48], 1e-4);
    await close(out.imag, Array.from({ length: 16 }, () => 0));
  });

  it("conjugates a complex kernel", async () => {
    const weight = newVariable<Rank.R5>(tf, Float32Array.from([0, 1]), [1, 1, 1, 1, 2]); // i
    const out = fftConv(tf, { real: tf.tensor3d([3], [1, 1, 1]), imag: tf.tensor3d([5], [1, 1, 1]) }, { weight });
    await close(out.real, [5]); // (3 + 5i)·(−i) = 5 − 3i
    await close(out.imag, [-3]);
  });
});

describe("sampler (vector 12)", () => {
  it("weighs by how rare a combination is", () => close(samplerWeights([0, 7, 7, 7, 6, 6, 0, 0]), [1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 1 / 3, 1 / 3], 1e-12));
});

describe("fixed samplers", () => {
  const order = (sampler: "centre" | "equispaced" | "random" | "vds", budget: number, seed = 1): readonly number[] => fixedOrder(sampler, { width: 48, range: [0, 47], budget, random: seededRandom(seed) });
  it("centre goes outwards, the lower column first", () => assert.deepEqual(order("centre", 5), [24, 23, 25, 22, 26]));
  it("equispaced has a third in the middle", () => assert.deepEqual(order("equispaced", 8), [24, 23, 25, 0, 9, 18, 30, 39]));
  it("random and variable density take as many different columns as they may", () => {
    for (const sampler of ["random", "vds"] as const)
      for (let seed = 0; seed < 30; seed++) assert.equal(new Set(order(sampler, 9, seed)).size, 9, `${sampler}, seed ${seed}`);
  });
});

