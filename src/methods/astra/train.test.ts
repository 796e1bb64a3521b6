import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Interrupted, seededRandom, silent, type Progress } from "../../core/index.js";
import type { DcaseClip, DcaseDataset } from "../../datasets/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { disposeWeights, namedVariables, readArrays } from "../../nn/index.js";
import { trainedTwice } from "../../nn/replay.fixture.js";
import type { RgbImage } from "../../signal/index.js";
import { stepsPerEpoch, trainingBatch } from "./batches.js";
import { listCheckpoints } from "./checkpoints.js";
import { astraConfig, type AstraConfig } from "./config.js";
import { embedClips } from "./embed.js";
import { loadAstra, trainAstra, untrainedAstra, type TrainedAstra } from "./train.js";

const base = astraConfig("small");
/** Everything the method has, as small as it can be: four patches, two to four channels, six steps. */
const config: AstraConfig = {
  ...base,
  image: { ...base.image, size: 48 },
  patches: { size: 32, stride: 16, perView: 3 },
  model: {
    ...base.model,
    widths: [2, 2, 2, 4],
    projectorHidden: 4,
    embedding: 4,
    attentionHidden: 4,
    attributeHidden: 3,
    conditioning: "hidden",
  },
  training: {
    ...base.training,
    epochs: 3,
    batch: 4,
    lastBatch: "keep",
    plateau: { factor: 0.5, patience: 0, threshold: 10 },
    keepCheckpoints: 2,
  },
};

const clips: DcaseClip[] = Array.from({ length: 6 }, (_, i) => ({
  id: `fan/train/clip${i}`,
  path: "",
  machine: "fan",
  section: "00",
  split: "train",
  domain: i < 4 ? "source" : "target",
  label: "normal",
  attributes: {},
  attributeVector: [i % 3],
}));
const dataset: DcaseDataset = {
  root: "",
  machines: ["fan"],
  clips,
  attributeDim: 1,
  attributeNames: {},
  problems: [],
  generated: undefined,
};
const images = new Map<string, RgbImage>(
  clips.map(({ id }) => {
    const random = seededRandom(id);
    return [
      id,
      {
        width: 48,
        height: 48,
        channels: 3,
        depth: 8,
        data: Uint8Array.from({ length: 48 * 48 * 3 }, () => random.integer(256)),
      },
    ];
  }),
);

/** Fires after so many steps; the loop ends after the step that is running. */
function interruptAfter(steps: number): { progress: Progress; signal: AbortSignal } {
  const controller = new AbortController();
  const update = (done: number): void => {
    if (done === steps) controller.abort();
  };
  return {
    progress: { begin: (name) => (name === "train" ? { update, end: () => {} } : silent.begin(name)) },
    signal: controller.signal,
  };
}

let engine: Engine;
let tf: Engine["tf"];
let folder: string;
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
  folder = await mkdtemp(join(tmpdir(), "folio-astra-"));
});
after(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const train = (changes: object = {}): Promise<TrainedAstra> =>
  trainAstra({ engine, dataset, config, seed: 3, images, ...changes });

describe("trainingBatch", () => {
  const source = { clips, images, scales: {}, config };

  it("follows from seed, epoch and step alone, and shows both views the same patches", () => {
    const random = seededRandom(1);
    const batch = trainingBatch(source, 1, 0, random);
    random.bits();
    assert.deepEqual(trainingBatch(source, 1, 0, random), batch);
    assert.notDeepEqual(trainingBatch(source, 2, 0, random).views, batch.views);
    assert.equal(batch.views[0].length, 4 * 3 * 32 * 32 * 3);
    assert.notDeepEqual(batch.views[0], batch.views[1]);
  });

  it("shows every clip once an epoch; the short rest is kept or dropped as asked", () => {
    assert.equal(stepsPerEpoch(6, config.training), 2);
    assert.equal(stepsPerEpoch(6, { ...config.training, lastBatch: "drop" }), 1);
    assert.deepEqual(
      [0, 1].map((step) => trainingBatch(source, 0, step, seededRandom(1)).clips),
      [4, 2],
    );
  });
});

describe("trainAstra", () => {
  it("ends with the same bits whether or not it was interrupted, within an epoch and between two", async () => {
    const whole = join(folder, "whole");
    const model = await train({ folder: whole });
    assert.deepEqual(
      model.history.map(({ learningRate }) => learningRate),
      [1e-3, 1e-3, 5e-4],
    );
    const broken = join(folder, "broken");
    for (const steps of [3, 4])
      await assert.rejects(
        train({ folder: broken, ...interruptAfter(steps) }),
        (error) => error instanceof Interrupted && /Saved epoch000[12]/.test(error.message),
      );
    const resumed = await train({ folder: broken });
    assert.deepEqual(resumed.history, model.history);
    const [a, b] = await Promise.all([model, resumed].map(({ weights }) => readArrays(namedVariables(weights))));
    assert.deepEqual(b, a);
    const last = "checkpoints/epoch0003.safetensors";
    assert.deepEqual(await readFile(join(broken, last)), await readFile(join(whole, last)));
    for (const each of [model, resumed]) disposeWeights(each.weights);
  });

  it("replays its steps of whole and of short batches, to the same bits", async () => {
    const { replayed, recorded } = await trainedTwice(engine, (runner) => train({ engine: runner, config: { ...config, training: { ...config.training, epochs: 5 } } }));
    assert.ok(replayed >= 5 && recorded <= 5, `${replayed} replayed, ${recorded} recorded`);
  });

  it("keeps the last whole epochs only, and loads what it saved", async () => {
    const run = join(folder, "kept");
    const model = await train({ folder: run });
    assert.deepEqual(
      (await listCheckpoints(run)).map(({ epoch, step }) => [epoch, step]),
      [[2, 0], [3, 0]],
    );
    const loaded = await loadAstra(tf, run, dataset, { config, seed: 3 });
    assert.deepEqual(await readArrays(namedVariables(loaded.weights)), await readArrays(namedVariables(model.weights)));
    assert.deepEqual(loaded.history, model.history);
    for (const each of [model, loaded]) disposeWeights(each.weights);
    await assert.rejects(loadAstra(tf, join(folder, "nowhere"), dataset, { config, seed: 3 }), /holds no checkpoint/);
  });

  it("leaves no tensor behind but the model's own", async () => {
    const count = tf.memory().numTensors;
    const model = await train();
    assert.equal(tf.memory().numTensors - count, namedVariables(model.weights).length);
    disposeWeights(model.weights);
    assert.equal(tf.memory().numTensors, count);
    await assert.rejects(train(interruptAfter(1)));
    assert.equal(tf.memory().numTensors, count);
  });

  it("refuses training clips too few to contrast", async () => {
    await assert.rejects(
      train({ dataset: { ...dataset, clips: clips.slice(0, 1) } }),
      /at least two training clips, but got 1/,
    );
  });
});

describe("embedClips", () => {
  it("gives unit vectors and attention that sums to 1, the same in any batch", async () => {
    const model = untrainedAstra(tf, dataset, config, 1);
    const all = await embedClips(tf, model, clips, { images });
    const alone = await embedClips(tf, model, [clips[5]], { images });
    for (const { embedding, attention } of all) {
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-12);
      assert.equal(attention.length, 4);
      assert.ok(Math.abs(attention.reduce((a, b) => a + b) - 1) < 1e-6);
    }
    alone[0].embedding.forEach((value, j) => assert.ok(Math.abs(value - all[5].embedding[j]) < 1e-6));
    const mean = await embedClips(tf, model, [clips[0]], { images, pooling: "mean" });
    assert.deepEqual([...mean[0].attention], [0.25, 0.25, 0.25, 0.25]);
    disposeWeights(model.weights);
  });
});
