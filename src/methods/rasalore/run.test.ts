import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silent, type Progress } from "../../core/index.js";
import { loadSlices, makeBratsSlices, readBrainSlices, type BrainSlices, type LoadedSlice } from "../../datasets/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { readNifti, writeNifti } from "../../io/index.js";
import { disposeWeights, namedVariables, readArrays } from "../../nn/index.js";
import { trainedTwice } from "../../nn/replay.fixture.js";
import { validateRecord } from "../../results/index.js";
import { presets, type RasaloreConfig } from "./config.js";
import { classNames, initDdpt, learnedTexts, promptedImage } from "./ddpt-model.js";
import { predictDdpt } from "./ddpt-predict.js";
import { trainDdpt } from "./ddpt-train.js";
import { clipPixels, clipTensor } from "./clip-images.js";
import { evaluateRasalore } from "./evaluate.js";
import { evaluateRasaloreRun, openTrained } from "./evaluate-run.js";
import { disposeStandIns, loadStandIns, shippedStandIns, type StandIns } from "./frozen.js";
import { initRasalore } from "./network.js";
import { predictPrepared } from "./predict.js";
import { guideSlices, type GuidedSlice } from "./pseudo-masks.js";
import { standInSegmenter } from "./segmenter.js";
import { trainRasaloreRun } from "./train-run.js";
import { trainRasalore } from "./train.js";
import { turned } from "./turn.js";
import { segmentVolume } from "./volume.js";

/** Both stages in seconds: every loop runs, nothing is learned well. */
const short: RasaloreConfig = {
  ...presets.small,
  ddpt: { ...presets.small.ddpt, epochs: 3, switchEpoch: 2, visual: { learningRate: 0.01, warmup: 1 }, text: { learningRate: 0.002, warmup: 1 }, perClass: 24 },
  guide: { ...presets.small.guide, minMapArea: 1 },
  network: { ...presets.small.network, imageSize: 16, channels: [4, 6, 6, 8], refiner: [4, 6], grid: 4, heads: 2, pointHidden: [6, 4], upsampling: [6, 4] },
  training: { ...presets.small.training, epochs: 2, batch: 4 },
};

let folder: string;
let engine: Engine;
let tf: Engine["tf"];
let standIns: StandIns;
let dataset: BrainSlices;
let train: LoadedSlice[];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-rasalore-"));
  const slices = join(folder, "slices");
  await makeBratsSlices({ out: slices });
  // One slice of four is enough for loops that learn nothing well.
  for (const [i, { image }] of (await readBrainSlices(slices)).slices.entries()) if (i % 4 !== 0) await rm(image);
  dataset = await readBrainSlices(slices);
  train = await loadSlices(dataset.slices.filter(({ split }) => split === "train"));
  engine = await openEngine();
  ({ tf } = engine);
  standIns = await loadStandIns(tf);
});
after(async () => {
  disposeStandIns(standIns);
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const segmenter = () => standInSegmenter(tf, standIns.segmenter, 64);
let guidedOnce: GuidedSlice[] | undefined;
async function guided(): Promise<GuidedSlice[]> {
  const ddpt = initDdpt(tf, short.ddpt, standIns.clip, 1);
  guidedOnce ??= await guideSlices({ tf, ddpt, segmenter: segmenter(), slices: train.filter(({ slice }) => slice.label === "unhealthy").slice(0, 8), config: short, seed: 1 });
  disposeWeights(ddpt.weights);
  return guidedOnce;
}

/** Stops after so many updates. */
function stopAfter(updates: number): { progress: Progress; signal: AbortSignal } {
  const controller = new AbortController();
  let seen = 0;
  return { progress: { begin: () => ({ update: () => void (++seen === updates && controller.abort()), end: () => undefined }) }, signal: controller.signal };
}

describe("stage 1", () => {
  it("does not depend on the order of the two class prompts", async () => {
    const model = initDdpt(tf, short.ddpt, standIns.clip, 1);
    const images = clipTensor(tf, [clipPixels(train[0], 56), clipPixels(train[5], 56)], 56);
    const texts = tf.tidy(() => learnedTexts(tf, model));
    const [one, other] = tf.tidy(() => [promptedImage(tf, images, texts, model).features, promptedImage(tf, images, texts.reverse(0), model).features]);
    const [a, b] = [await one.data(), await other.data()];
    assert.ok(a.every((x, i) => Math.abs(x - b[i]) < 1e-5));
    assert.equal(classNames.length, texts.shape[0]);
    tf.dispose([images, texts, one, other]);
    disposeWeights(model.weights);
  });
  it("lowers its loss, leaks nothing, changes nothing frozen, and resumes to the same weights", async () => {
    const frozen = await readArrays(namedVariables(standIns.clip.visual));
    const common = { engine, slices: train, config: short.ddpt, clip: standIns.clip, seed: 3 };
    const before = tf.memory().numTensors;
    const whole = await trainDdpt(common);
    assert.ok(whole.history.every(({ loss }) => Number.isFinite(loss)));
    const stopped = join(folder, "stopped-ddpt");
    await assert.rejects(trainDdpt({ ...common, folder: stopped, ...stopAfter(2) }), { code: "interrupted" });
    const resumed = await trainDdpt({ ...common, folder: stopped });
    const [a, b] = [await readArrays(namedVariables(whole.weights)), await readArrays(namedVariables(resumed.weights))];
    for (const [name, { data }] of a) assert.deepEqual(b.get(name)!.data, data, name);
    disposeWeights(whole.weights);
    disposeWeights(resumed.weights);
    assert.equal(tf.memory().numTensors, before);
    for (const [name, { data }] of await readArrays(namedVariables(standIns.clip.visual))) assert.deepEqual(data, frozen.get(name)!.data, name);
  });
  it("replays its steps, to the same bits", async () => {
    const config = { ...short.ddpt, batch: 8, epochs: 3 };
    const { replayed, recorded } = await trainedTwice(engine, (runner) => trainDdpt({ engine: runner, slices: train, config, clip: standIns.clip, seed: 3 }));
    assert.ok(replayed > 0 && recorded <= 4, `${replayed} replayed, ${recorded} recorded: two calls before and two after the switch`);
  });
  it("gives every slice a probability, an attention that is one, and a map", async () => {
    const model = initDdpt(tf, short.ddpt, standIns.clip, 1);
    const predictions = await predictDdpt(tf, model, train.slice(0, 19), "float");
    assert.equal(predictions.length, 19);
    for (const { unhealthy, attention, map } of predictions) {
      assert.ok(unhealthy >= 0 && unhealthy <= 1 && attention.length === 49);
      assert.ok(attention.reduce((sum, x) => sum + x, 0) < 1 && attention.every((x) => x > 0));
      assert.equal(Math.max(...map.data), 255);
    }
    disposeWeights(model.weights);
  });
});

describe("stage 2", () => {
  it("leaks nothing, and a run that was killed ends as one that was not", async () => {
    const common = { engine, guided: await guided(), config: short, seed: 5 };
    const before = tf.memory().numTensors;
    const whole = await trainRasalore(common);
    const stopped = join(folder, "stopped");
    await assert.rejects(trainRasalore({ ...common, folder: stopped, ...stopAfter(1) }), { code: "interrupted" });
    const resumed = await trainRasalore({ ...common, folder: stopped });
    const [a, b] = [await readArrays(namedVariables(whole.weights)), await readArrays(namedVariables(resumed.weights))];
    for (const [name, { data }] of a) assert.deepEqual(b.get(name)!.data, data, name);
    disposeWeights(whole.weights);
    disposeWeights(resumed.weights);
    assert.equal(tf.memory().numTensors, before);
    await assert.rejects(trainRasalore({ ...common, folder: stopped, loreSeed: 99 }), { code: "other-embeddings", message: /embedding/ });
  });
  it("replays its steps, dropout included, to the same bits", async () => {
    for (const optimizer of ["adam-cosine", "sgd-halved"] as const) {
      const config = { ...short, training: { ...short.training, optimizer, epochs: 3 } };
      const { replayed, recorded } = await trainedTwice(engine, async (runner) => trainRasalore({ engine: runner, guided: await guided(), config, seed: 5 }));
      assert.ok(replayed > 0 && recorded <= 3, `${optimizer}: ${replayed} replayed, ${recorded} recorded`);
    }
  });
  it("keeps the best epoch by pseudo masks of held-out patients", async () => {
    const config = { ...short, training: { ...short.training, selectOn: "pseudo-masks" as const, validation: 0.3, optimizer: "sgd-halved" as const, learningRate: 1e-3 } };
    const run = join(folder, "selected");
    const model = await trainRasalore({ engine, guided: await guided(), config, seed: 1, folder: run });
    assert.ok((await readdir(run)).includes("rasalore-best.safetensors"));
    assert.ok(model.trainedOn < (await guided()).length);
    disposeWeights(model.weights);
  });
  it("refuses slices whose maps mark nothing", async () => {
    const config = { ...short, guide: { ...short.guide, minMapArea: 1e6 } };
    await assert.rejects(trainRasalore({ engine, guided: await guided(), config, seed: 1 }), { code: "invalid-value" });
  });
});

describe("a run from slices to a mask of a whole scan", () => {
  it("trains, evaluates here and on another release, and segments in the scan's geometry", async () => {
    const run = join(folder, "run");
    const report = await trainRasaloreRun({ engine, dataset, folder: run, preset: "quick", seed: 1, config: short });
    const capped = (["healthy", "unhealthy"] as const).map((label) => Math.min(short.ddpt.perClass, train.filter(({ slice }) => slice.label === label).length));
    assert.equal(report.stage1TrainedOn, capped[0] + capped[1]);
    assert.ok(report.trainedOn > 0);
    const maps = await readdir(join(run, "Training_images", "Maps"));
    assert.equal(maps.length, dataset.slices.filter(({ split, label }) => split === "train" && label === "unhealthy").length);
    const records = await evaluateRasaloreRun({ engine, run, data: join(folder, "slices") });
    assert.deepEqual(records.map(({ variant }) => variant), ["rasalore", "ddpt", "ddpt-medsam"]);
    for (const record of records) validateRecord(JSON.parse(JSON.stringify(record)), record.id);
    assert.ok(records[0].metrics.some(({ id, value }) => id === "patient_dice" && value !== null));
    assert.ok(records[1].metrics.some(({ id }) => id === "slice_accuracy"));

    // Slices of another release; that its own volumes are extracted is tested in datasets/brats.
    await cp(join(folder, "slices"), join(folder, "slices21"), { recursive: true });
    const extraction = join(folder, "slices21", "extraction.json");
    await writeFile(extraction, (await readFile(extraction, "utf8")).replace('"BraTS20"', '"BraTS21"'));
    const [across] = await evaluateRasaloreRun({ engine, run, data: join(folder, "slices21") });
    assert.deepEqual([across.variant, across.dataset.name, across.config.trainedOn], ["rasalore-on-BraTS21", "BraTS21-quick", "BraTS20"]);

    const opened = await openTrained(tf, run);
    const scan = join(folder, "slices-t2-raw", "BraTS20_Training_001", "BraTS20_Training_001_t2.nii");
    const out = join(folder, "mask.nii.gz");
    const { slices, unhealthy, voxels: marked, volumeMl } = await segmentVolume({ tf, model: opened.model, scan, out, rules: opened.run.rules });
    const { shape: [side, , depth], affine, data: voxels } = await readNifti(scan);
    const upFirst = turned([side, side, depth], "LPS", "SRA");
    const turnedScan = join(folder, "turned.nii.gz");
    const step = Math.abs(affine[0][0]);
    await writeNifti(turnedScan, { data: Int16Array.from({ length: side * side * depth }, (_, n) => voxels[upFirst.at(n % depth, Math.floor(n / depth) % side, Math.floor(n / (depth * side)))] as number), shape: upFirst.shape, affine: [[0, step, 0, -step * (side - 1)], [0, 0, step, 0], [affine[2][2], 0, 0, 0], [0, 0, 0, 1]] });
    const other = join(folder, "turned-mask.nii.gz");
    assert.deepEqual(await segmentVolume({ tf, model: opened.model, scan: turnedScan, out: other, rules: opened.run.rules, orientation: opened.run.orientation }), { slices, unhealthy, voxels: marked, volumeMl });
    opened.dispose();
    const [mask, original] = [await readNifti(out), await readNifti(scan)];
    assert.deepEqual([mask.shape, mask.affine, mask.dtype], [original.shape, original.affine, "uint8"]);
    assert.deepEqual([slices, unhealthy, opened.run.orientation], [32, 32, "LPS"]);
    const seen = await readNifti(other);
    assert.equal(seen.orientation, "SRA");
    assert.ok(marked > 0 && (seen.data as Uint8Array).every((value, n) => value === mask.data[upFirst.at(n % depth, Math.floor(n / depth) % side, Math.floor(n / (depth * side)))]));
    assert.ok((mask.data as Uint8Array).every((value) => value === 0 || value === 1));
  });
  it("evaluation alone: stage 2 needs no pseudo mask", async () => {
    const model = await trainRasalore({ engine, guided: await guided(), config: short, seed: 1, progress: silent });
    const { evaluations } = await evaluateRasalore({ tf, model, guided: await guided(), baselines: "skip" });
    assert.equal(evaluations[0].rows.length, 8);
    disposeWeights(model.weights);
  });
  it("keeps the order of pixels that are far from the lesion", async () => {
    const model = initRasalore(tf, short, 1);
    model.weights.decoder.upsample[4].bias.assign(tf.tensor1d([-60]));
    const [{ probability }] = await predictPrepared(tf, model, [{ image: Uint8Array.from({ length: 16 * 16 }, (_, i) => i) }]);
    assert.ok(Math.max(...probability) < 1e-10 && Math.min(...probability) > 0);
    assert.ok(new Set(probability).size > 900, `${new Set(probability).size} of 1,024 values differ`);
    disposeWeights(model.weights);
  });
  it("says which file is missing", async () => {
    await assert.rejects(openTrained(tf, join(folder, "nowhere")), { code: "not-found", message: /folio train rasalore/ });
    await assert.rejects(loadStandIns(tf, join(folder, "none.safetensors")), { code: "not-found" });
    assert.match(shippedStandIns, /stand-ins/);
  });
});
