import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { tensorWithin } from "../../core/near.fixture.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { namedParameters, namedVariables, parameterCount, plannedCount, readArrays, trainableVariables } from "../../nn/index.js";
import { fillByName, near, numbers, readGolden } from "../../nn/golden.fixture.js";
import { checkConfig, forms, presets, publishedNetwork, type RasaloreConfig } from "./config.js";
import { drawMasks, givenDropout, listDropout } from "./dropout.js";
import { decoderLoss, expLog, makeSmoothing, pointLoss, pointsInside, rasaloreLoss, softDice, structureLoss, tversky, weightMap } from "./loss.js";
import { distinctRows, embeddingHash, gridPoints, locationEmbeddings, locationFeatures, similarityMatrix } from "./lore.js";
import { initRasalore, planNetwork, segment, type RasaloreModel } from "./network.js";
import type { Tensor, Tensor3D } from "./tensorflow.js";

/** From PyTorch: tests/golden/rasalore.py; every 1/24th of each array. */
const golden = readGolden<{
  readonly torch: string;
  readonly eval: Readonly<Record<"activations" | "points" | "logits", number[]>>;
  readonly train: Readonly<Record<"activations" | "logits", number[]>>;
  readonly loss: readonly [decoder: number, structure: number, points: number];
  readonly statistics: Readonly<Record<string, number[]>>;
  readonly names: Readonly<Record<string, number[]>>;
  readonly gradients: Readonly<Record<string, number[]>>;
}>("rasalore");

const tiny: RasaloreConfig = {
  ...presets.small,
  network: { imageSize: 16, channels: [4, 6, 6, 8], refiner: [4, 6], grid: 4, heads: 2, pointHidden: [6, 4], upsampling: [6, 4], dropout: 0 },
};

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
});
after(() => engine.close());

const values = tensorWithin(2e-6);

describe("parameter counts (spec §3.5, §9, §10 vector 11), without making the parameters", () => {
  it("published: 7,254,370 = 3,711,585 + 3,542,785", () => {
    const plan = planNetwork(publishedNetwork);
    assert.equal(plannedCount(plan), 7_254_370);
    assert.equal(plannedCount(plan.encoder), 3_711_585);
    assert.equal(plannedCount(plan.decoder), 3_542_785);
    assert.equal(plannedCount(plan.encoder.adapter1), 396_864);
    assert.equal(plannedCount(plan.encoder.adapter2), 2_142_081);
    assert.deepEqual([plan.encoder.e1, plan.encoder.e2, plan.encoder.e3, plan.encoder.e4].map(plannedCount), [9_632, 55_552, 221_696, 885_760]);
  });
  it("small: 92,770", () => {
    assert.equal(plannedCount(planNetwork(presets.small.network)), 92_770);
    assert.equal(parameterCount(initRasalore(tf, presets.small, 1).weights), 92_770);
  });
  it("start values: the first transposed convolution N(0, 2/(1024·16))", () => {
    const { weight } = planNetwork(publishedNetwork).decoder.upsample[0];
    const drawn = weight.fill(seededRandom(1), [4, 4, 8, 16]);
    const deviation = Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0) / drawn.length);
    assert.ok(Math.abs(deviation - 0.011049) < 0.0004, String(deviation));
  });
  it("presets are sound, and unsound settings are refused", () => {
    for (const config of Object.values(presets)) checkConfig(config);
    assert.throws(() => checkConfig({ ...presets.small, network: { ...presets.small.network, imageSize: 30 } }), { code: "invalid-value" });
  });
});

describe(`network and losses agree with PyTorch ${golden.torch}`, () => {
  let model: RasaloreModel;
  before(async () => {
    model = initRasalore(tf, tiny, 1);
    const { lore: _, ...network } = model.weights;
    await fillByName(tf, network, (name, shape) => {
      if (name.includes("running")) return [0, name.endsWith("var") ? 1 : 0];
      return [shape.length > 1 ? 0.5 : 0.2, shape.length === 1 && name.endsWith("weight") ? 1 : 0];
    });
    model.weights.lore.embeddings.assign(tf.tensor2d(numbers("lore", 16 * 8), [16, 8]));
  });
  const images = () => tf.tensor4d(numbers("images", 2 * 16 * 16).map((x) => (x + 1) * 127.5), [2, 16, 16, 1]);
  const disc = (size: number, y: number, x: number, r: number, step = 1): Float32Array =>
    Float32Array.from({ length: size * size }, (_, i) => (Math.hypot(step * Math.floor(i / size) - y, step * (i % size) - x) < r ? 1 : 0));

  it("the names are those of the published files", () => {
    const shapes = namedParameters(planNetwork(tiny.network)).filter(({ parameter }) => parameter.trainable)
      .map(({ name, parameter: { shape } }) => [name, shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis]) : [...shape]]);
    assert.deepEqual(Object.fromEntries(shapes), golden.names);
  });
  it("evaluation mode", async () => {
    const { activations, points, logits } = segment(tf, images(), model, { mode: "eval" });
    assert.deepEqual([activations.shape, points.shape, logits.shape], [[2, 16], [2, 16, 8], [2, 32, 32]]);
    await near(activations, golden.eval.activations, "activations");
    await near(points, golden.eval.points, "points");
    await near(logits, golden.eval.logits, "logits", 1e-4);
  });
  it("training mode: losses, gradients, running statistics", async () => {
    const map = tf.tensor3d([...disc(32, 12, 18, 7), ...disc(32, 20, 9, 6)], [2, 32, 32]);
    const segmenter = tf.tensor3d([...disc(32, 13, 17, 6), ...new Float32Array(32 * 32)], [2, 32, 32]);
    const inside = tf.tensor2d([...pointsInside(disc(16, 12, 18, 7, 2), 16, 4), ...pointsInside(disc(16, 20, 9, 6, 2), 16, 4)], [2, 16]);
    const smoothing = makeSmoothing(tf, 32, { foreground: 1.25, background: 1.875 });
    const parts: Tensor[] = [];
    const variables = trainableVariables(model.weights);
    const { grads } = tf.variableGrads(() => {
      const loss = rasaloreLoss(tf, segment(tf, images(), model, { mode: "train" }), { map, segmenter }, inside, smoothing);
      parts.push(tf.keep(loss.decoder), tf.keep(loss.structure), tf.keep(loss.points));
      return loss.total;
    }, variables.map(({ variable }) => variable));
    for (const [i, expected] of golden.loss.entries()) await values(parts[i], [expected], 2e-5);
    for (const [name, expected] of Object.entries(golden.gradients)) {
      const gradient = grads[variables.find((each) => each.name === name)!.variable.name];
      // A bias in front of batch normalisation has no gradient at all.
      if (expected.every((x) => x === 0)) assert.ok((await gradient.abs().max().data())[0] < 1e-6, name);
      else await near(gradient.rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient, expected, name, 1e-3);
    }
    const arrays = await readArrays(namedVariables(model.weights));
    for (const [name, expected] of Object.entries(golden.statistics)) await near(tf.tensor1d(arrays.get(name)!.data), expected, name);
  });
});

describe("losses (spec §10, vectors 5 and 7)", () => {
  const p = () => tf.tensor1d([0.9, 0.6, 0.2, 0.1]);
  const t = () => tf.tensor1d([1, 1, 0, 0]);
  it("overlaps and the exponential-logarithmic loss", async () => {
    await values(tversky(p(), t()), [0.8064512]);
    await values(softDice(p(), t()), [0.7894737]);
    await values(expLog(tf, tf.tensor1d([0.9, 0.5, 0.1, 0.001, 1e-9])), [0.5091003, 0.8958755, 1.2842947, 1.7856695, 2]);
    await values(expLog(tf, tf.tensor1d([4.1936e-5])), [2], 1e-4);
  });
  it("has a finite gradient at 0 and 1, where the published one has none", async () => {
    const slope = await tf.grad((q) => expLog(tf, q).sum())(tf.tensor1d([0, 1])).data();
    assert.ok(slope.every(Number.isFinite), String(slope));
  });
  it("points", async () => {
    await values(pointLoss(tf, tf.tensor2d([[0.8, 0.3, 0.1, 0.6]]), tf.tensor2d([[1, 0, 0, 1]])), [0.7005722]);
    const xi = (): Tensor3D => tf.tensor3d([[[0.5, -0.5], [1, 0], [-1, -1], [0, 0.5]]]);
    await values(structureLoss(xi(), tf.tensor2d([[1, 0, 0, 1]])), [2.1875]);
    await values(structureLoss(xi(), tf.tensor2d([[0, 0, 0, 0]])), [1.34375]);
  });
  it("weight maps and the decoder's loss on 16×16", async () => {
    const box = (rows: [number, number], columns: [number, number]): number[] =>
      Array.from({ length: 256 }, (_, i) => (Math.floor(i / 16) >= rows[0] && Math.floor(i / 16) <= rows[1] && i % 16 >= columns[0] && i % 16 <= columns[1] ? 1 : 0));
    const D = (): Tensor3D => tf.tensor3d(box([4, 7], [6, 11]), [1, 16, 16]);
    const S = (): Tensor3D => tf.tensor3d(box([3, 6], [7, 11]), [1, 16, 16]);
    const P = tf.tensor3d(Array.from({ length: 256 }, (_, i) => 1 / (1 + Math.exp(-(3 - ((Math.floor(i / 16) - 5.5) ** 2 + ((i % 16) - 8.5) ** 2) / 4)))), [1, 16, 16]);
    const smoothing = makeSmoothing(tf, 16, { foreground: 10, background: 15 });
    const w = await weightMap(tf, D(), smoothing.foreground).data();
    for (const [at, expected] of [[0, 0.8985621], [5 * 16 + 8, 0.9071516], [255, 0.8045444], [15, 1]]) assert.ok(Math.abs(w[at] - expected) < 2e-6, `${at}: ${w[at]}`);
    assert.ok(Math.abs(Math.min(...w) - 0.7229331) < 2e-6);
    const narrow = await weightMap(tf, D(), makeSmoothing(tf, 16, { foreground: 2, background: 2 }).foreground).data();
    const row = [0.003755, 0.013458, 0.044833, 0.120286, 0.261173, 0.465767, 0.695597, 0.890489, 1, 1, 0.890489, 0.695597, 0.465845, 0.26176, 0.123454, 0.058213];
    for (const [i, expected] of row.entries()) assert.ok(Math.abs(narrow[6 * 16 + i] - expected) < 1e-5, `${i}: ${narrow[6 * 16 + i]}`);
    await values(decoderLoss(tf, P, { map: D(), segmenter: S() }, smoothing), [2.0376689], 5e-6);
    await values(decoderLoss(tf, P, { map: D(), segmenter: tf.zerosLike(S()) }, smoothing), [1.1230078], 5e-6);
    const finite = await decoderLoss(tf, P, { map: tf.zerosLike(D()), segmenter: tf.onesLike(S()) }, smoothing).data();
    assert.ok(Number.isFinite(finite[0]));
  });
  it("which points lie inside", () => {
    assert.deepEqual([...pointsInside(Uint8Array.of(1, 0, 0, 1), 2, 2)], [1, 0, 0, 1]);
    const mask = new Uint8Array(64);
    mask[4 * 8 + 6] = 1; // row 4, column 6: point (2, 3) of a 4×4 grid on 8×8
    assert.deepEqual([...pointsInside(mask, 8, 4)].flatMap((x, k) => (x > 0 ? [k] : [])), [2 * 4 + 3]);
  });
});

describe("location embeddings (spec §3.4, §10 vector 6)", () => {
  it("by hand, with whole numbers", () => {
    const places = [[0, 0], [0, 8], [8, 0], [128, 8], [248, 248]] as const;
    const features = locationFeatures(places, [-145, 3, -114, -5], [0, 0, 0, 0]);
    const h = Math.SQRT1_2;
    const expected = [0, 0, 1, 1, -h, -0.9239, h, -0.3827, -0.3827, 0.9239, 0.9239, 0.3827, -h, -0.9239, h, -0.3827, 0.9239, h, 0.3827, h];
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(features[i] - value) < 1e-4, `${i}: ${features[i]}`);
  });
  it("points are in lexicographic order", () => {
    const points = gridPoints(32);
    assert.deepEqual([points[0], points[1], points[32], points[1023]], [[0, 0], [0, 8], [8, 0], [248, 248]]);
  });
  it("aliased: 256 of 1,024 are distinct, 16 of 64; clean: all are", () => {
    const of = (kind: "aliased" | "clean" | "zero", grid: number, width: number) => locationEmbeddings(kind, { grid, width, seed: 1 });
    const aliased = of("aliased", 32, 256);
    assert.equal(distinctRows(aliased), 256);
    for (const other of [16, 512, 528]) for (let i = 0; i < 256; i++) assert.ok(Math.abs(aliased.values[i] - aliased.values[other * 256 + i]) < 5e-4);
    assert.equal(distinctRows(of("aliased", 8, 32)), 64 / 4, "the 8×8 grid of the small version");
    assert.equal(distinctRows(of("clean", 32, 256)), 1024);
    assert.equal(distinctRows(of("zero", 8, 32)), 1);
    const similar = similarityMatrix(aliased);
    assert.ok(similar[16] > 0.999 && Math.abs(similar[1024 * 5 + 5] - 1) < 1e-5);
  });
  it("the seed fixes them, the hash tells them apart", () => {
    const hash = (seed: number): string => embeddingHash(locationEmbeddings("clean", { grid: 8, width: 32, seed }));
    assert.equal(hash(1), hash(1));
    assert.notEqual(hash(1), hash(2));
  });
  it("are trained only when they are learnable", () => {
    const count = (lore: "clean" | "learnable"): number => parameterCount(initRasalore(tf, { ...tiny, form: { ...forms.corrected, lore } }, 1).weights);
    assert.equal(count("learnable") - count("clean"), 16 * 8);
  });
});

describe("dropout", () => {
  it("drops whole channels, keeps the mean, and draws the same again", async () => {
    const x = tf.ones<import("./tensorflow.js").Rank.R4>([4, 2, 2, 500]);
    const shapes: (readonly number[])[] = [];
    assert.equal(listDropout(shapes)(x, "channels"), x);
    listDropout(shapes)(x, "numbers");
    assert.deepEqual(shapes, [[4, 1, 1, 500], [4, 2, 2, 500]]);
    const dropped = (): Promise<Float32Array> => givenDropout(drawMasks(tf, 0.1, shapes, seededRandom(1)))(x, "channels").data<"float32">();
    const [once, again] = [await dropped(), await dropped()];
    assert.deepEqual(once, again);
    assert.ok(Math.abs(once.reduce((sum, v) => sum + v, 0) / once.length - 1) < 0.03);
    for (let c = 0; c < 500; c++) assert.equal(once[c], once[3 * 500 + c], "one decision a channel");
  });
});
