import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "../../core/index.js";
import { within } from "../../core/near.fixture.js";
import type { LoadedSlice } from "../../datasets/index.js";
import { plannedCount } from "../../nn/index.js";
import { resizeBicubic, resizeBilinear } from "../../signal/index.js";
import { augment, rotated } from "./augment.js";
import { boxOfMap, boxOnImage, jitteredBox } from "./box.js";
import { clipPixels, mirrored, randomCrop } from "./clip-images.js";
import { compareSlices } from "./compare.js";
import { presets } from "./config.js";
import { planDdpt } from "./ddpt-model.js";
import { ddptLearningRate } from "./ddpt-train.js";
import { heatMap, mapMask } from "./heat-map.js";
import { hardDice, scoreSlice } from "./measure.js";
import { placeBack } from "./place-back.js";
import { brainCrop, gamma2, mapArea, prepareSlice, reference } from "./prepare.js";
import { captionWords, captions, drawTexture, mirroredTexture } from "./textures.js";
import { learningRateAt, splitByPatient } from "./train.js";

const close = within(1e-7);

describe("preparation (spec §2.4, §10 vectors 2–3)", () => {
  it("gamma 2", () => {
    const levels = Uint8Array.of(0, 1, 15, 16, 17, 50, 64, 100, 128, 180, 200, 254, 255);
    assert.deepEqual([...gamma2(levels)], [0, 0, 0, 1, 1, 9, 16, 39, 64, 127, 156, 253, 255]);
  });
  it("Pillow's linear resize", () => {
    const image = { width: 4, height: 4, channels: 1, data: Uint8Array.of(0, 0, 255, 255, 0, 255, 255, 0, 10, 20, 30, 40, 0, 0, 0, 255) };
    assert.deepEqual([...resizeBilinear(image, 2, 2).data], [80, 161, 28, 82]);
    assert.deepEqual([...resizeBilinear(image, 8, 8).data].slice(0, 8), [0, 0, 0, 64, 191, 255, 255, 255]);
    const row = { width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 100, 200) };
    assert.deepEqual([...resizeBilinear(row, 2, 1).data], [38, 163]);
    assert.deepEqual([...resizeBilinear(row, 5, 1).data], [0, 40, 100, 160, 200]);
  });
  it("crops to the light, keeps or loses the last row, widens small brains, refuses dark slices", () => {
    const image = { width: 10, height: 8, data: new Uint8Array(80) };
    assert.equal(brainCrop(image, 2, "inclusive"), undefined);
    for (const [y, x] of [[2, 3], [3, 4], [5, 6]]) image.data[y * 10 + x] = 9;
    assert.deepEqual(brainCrop(image, 3, "inclusive"), { top: 2, bottom: 6, left: 3, right: 7 });
    assert.deepEqual(brainCrop(image, 3, "exclusive"), { top: 2, bottom: 5, left: 3, right: 6 });
    assert.deepEqual(brainCrop(image, 8, "inclusive"), { top: 0, bottom: 8, left: 0, right: 10 });
  });
  it("the published reference is wider, ours is not", () => {
    const mask = { width: 4, height: 1, data: Uint8Array.of(0, 0, 255, 0) };
    const square = { width: 4, height: 4, data: Uint8Array.from([0, 1, 2, 3].flatMap((y) => (y === 2 ? [...mask.data] : [0, 0, 0, 0]))) };
    assert.equal(reference(square, 4, "dilated").reduce((sum, x) => sum + x, 0), 4 * 4); // 4 of 8 along each axis
    assert.equal(reference(square, 4, "half").reduce((sum, x) => sum + x, 0), 2 * 2);
  });
  const slice = (width: number, height: number, data: Uint8Array): LoadedSlice => (
    { slice: { id: "p_1", patient: "p", z: 1, split: "test", label: "unhealthy", image: "", mask: undefined }, width, height, image: data, mask: data.map((v) => (v > 200 ? 255 : 0)) }
  );
  it("aligned and legacy masks differ by 16/15 on a 240-pixel slice", () => {
    const data = Uint8Array.from({ length: 240 * 240 }, (_, i) => (Math.hypot(Math.floor(i / 240) - 120, (i % 240) - 120) < 90 ? 100 : 0));
    const map = { size: 224, data: Uint8Array.from({ length: 224 * 224 }, (_, i) => (Math.floor(i / 224) > 140 && i % 224 > 140 ? 255 : 0)) };
    const segmenter = { size: 256, data: Uint8Array.from({ length: 256 * 256 }, (_, i) => (Math.floor(i / 256) > 160 && i % 256 > 160 ? 255 : 0)) };
    const area = (form: "legacy" | "aligned"): [number, number] => {
      const config = { ...presets.paper, form: { ...presets.paper.form, alignment: form } };
      const prepared = prepareSlice(slice(240, 240, data), config, { map, segmenter })!;
      const of = (mask: Uint8Array): number => mask.reduce((sum, v) => sum + (v > 127.5 ? 1 : 0), 0);
      return [of(prepared.mapLarge), of(prepared.segmenterLarge)];
    };
    const [map1, aligned] = area("aligned");
    const [map2, legacy] = area("legacy");
    assert.equal(map1, map2);
    close(aligned / map1, 1, 0.05);
    assert.ok(legacy < 0.9 * aligned, `${legacy} of ${aligned}`);
    assert.equal(mapArea(map, 240, 240) > 200, true);
  });
  it("a prediction finds its way back to the slice", () => {
    const width = 30, height = 24;
    const data = Uint8Array.from({ length: width * height }, (_, i) => (Math.floor(i / width) >= 4 && Math.floor(i / width) < 20 && i % width >= 5 && i % width < 27 ? (i % width > 18 ? 255 : 90) : 0));
    const prepared = prepareSlice(slice(width, height, data), presets.small)!;
    const back = placeBack(prepared.truth!, 64, prepared.crop, height, width);
    const wrong = [...back.keys()].filter((i) => (back[i] > 0.5) !== data[i] > 200).length;
    assert.equal(wrong, 0);
  });
});

describe("heat map (spec §10 vector 9)", () => {
  const attention = Float64Array.from({ length: 49 }, () => 0.0035);
  for (const [row, column, value] of [[2, 3, 0.1], [2, 4, 0.052], [3, 3, 0.0399]]) attention[7 * row + column] += value;
  it("as published: 8 bits first", () => {
    const map = heatMap(attention, 7, 224, "quantised-first");
    assert.deepEqual([[80, 112], [80, 144], [112, 112], [80, 80], [0, 0]].map(([y, x]) => map[224 * y + x]), [255, 137, 107, 0, 0]);
    assert.equal(mapMask(map).reduce((sum, x) => sum + x, 0), 1570);
    assert.deepEqual(boxOfMap(map, 224), { left: 96, right: 144, top: 63, bottom: 106 });
  });
  it("in floats: nearly the same here, and alive where the published one is lost", () => {
    const [published, ours] = (["quantised-first", "float"] as const).map((form) => mapMask(heatMap(attention, 7, 224, form)));
    const differ = [...ours.keys()].filter((i) => ours[i] !== published[i]).length;
    assert.ok(differ < 150, String(differ));
    const faint = attention.map((a) => a / 100);
    assert.equal(Math.max(...heatMap(faint, 7, 56, "quantised-first")), 0);
    assert.equal(Math.max(...heatMap(faint, 7, 56, "float")), 255);
  });
  it("resizeBicubic keeps within bytes where the cubic overshoots", () => {
    const { data } = resizeBicubic({ width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 255, 0, 255) }, 16, 1);
    assert.ok(Math.min(...data) === 0 && Math.max(...data) === 255);
  });
});

describe("boxes", () => {
  it("move outward only, and not out of the picture", () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 0, max: 20 }), (seed, jitter) => {
      const tight = { left: 5, top: 8, right: 20, bottom: 25 };
      const { left, top, right, bottom } = jitteredBox(tight, 32, jitter, seededRandom(seed));
      assert.ok(left <= 5 && left >= 0 && top <= 8 && top >= 0 && right >= 20 && right <= 31 && bottom >= 25 && bottom <= 31);
    }));
  });
  it("of a flat map there is none; scaled to the image or not", () => {
    assert.equal(boxOfMap(new Uint8Array(16), 4), undefined);
    assert.deepEqual(boxOfMap(Uint8Array.of(0, 0, 9, 0), 2), { left: 0, top: 1, right: 0, bottom: 1 });
    const box = { left: 0, top: 56, right: 223, bottom: 111 };
    assert.deepEqual(boxOnImage(box, 224, 240, "scaled"), { left: 0, top: 60, right: 239, bottom: 119 });
    assert.deepEqual(boxOnImage(box, 224, 240, "unscaled"), box);
  });
});

describe("augmentation", () => {
  const mark = (size: number, at: number): Uint8Array => Uint8Array.from({ length: size * size }, (_, i) => (i === at ? 200 : 0));
  it("turns counter-clockwise as Pillow does, and back", () => {
    assert.deepEqual([...rotated(Uint8Array.of(1, 2, 3, 4), 2, 90, "nearest")], [2, 4, 1, 3]);
    assert.deepEqual([...rotated(Uint8Array.of(1, 2, 3, 4), 2, 90, "bilinear")], [2, 4, 1, 3]);
    assert.deepEqual([...rotated(mark(4, 1), 4, 0, "bilinear")], [...mark(4, 1)]);
  });
  it("moves the masks with the image", () => {
    fc.assert(fc.property(fc.integer(), (seed) => {
      const disc = (size: number): Uint8Array => Uint8Array.from({ length: size * size }, (_, i) => (Math.hypot(Math.floor(i / size) - size * 0.45, (i % size) - size * 0.6) < size / 8 ? 255 : 0));
      const views = augment({ image: disc(32), map: disc(32), mapLarge: disc(64), segmenterLarge: disc(64) }, 32, seededRandom(seed));
      const middle = (mask: Uint8Array, size: number): [number, number] => {
        const inside = [...mask.keys()].filter((i) => mask[i] > 127);
        return [inside.reduce((sum, i) => sum + Math.floor(i / size), 0) / inside.length / size, inside.reduce((sum, i) => sum + (i % size), 0) / inside.length / size];
      };
      const [[y1, x1], [y2, x2], [y3, x3]] = [middle(views.map, 32), middle(views.mapLarge, 64), middle(views.image, 32)];
      assert.ok(Math.hypot(y1 - y2, x1 - x2) < 0.04 && Math.hypot(y1 - y3, x1 - x3) < 0.05, [y1, x1, y2, x2, y3, x3].join(" "));
    }), { numRuns: 60 });
  });
});

describe("learning rates (spec §10 vector 4)", () => {
  it("stage 2", () => {
    const at = (epoch: number): number => learningRateAt(epoch, 0, 100, presets.paper.training);
    assert.deepEqual([0, 1, 20, 21, 40, 41, 61].map(at), [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.00125]);
    close(at(199), 1.953125e-5, 1e-12);
    const small = (step: number): number => learningRateAt(Math.floor(step / 100), step % 100, 100, { ...presets.small.training, epochs: 6, warmupSteps: 90, learningRate: 3e-3 });
    close(small(0), 3e-3 / 90, 1e-12);
    assert.deepEqual([small(89), small(90)], [3e-3, 3e-3]);
    close(small(345), 1.5e-3, 1e-12);
    assert.ok(small(599) < 1e-7);
  });
  it("stage 1", () => {
    const { visual, text } = presets.paper.ddpt;
    for (const [epoch, rate] of [[1, 1e-5], [10, 1e-5], [11, 0.01], [12, 0.00999315], [31, 0.0075], [60, 0.00080665]]) close(ddptLearningRate(epoch, visual, 60), rate, 6e-9);
    for (const [epoch, rate] of [[1, 1e-5], [2, 0.002], [3, 0.00199863], [31, 0.00105234], [60, 5.4781e-6]]) close(ddptLearningRate(epoch, text, 60), rate, 6e-9);
  });
});

describe("measures (spec §10 vector 8)", () => {
  it("one slice by hand", () => {
    const scores = scoreSlice([0.9, 0.8, 0.5, 0.5, 0.4, 0.35, 0.1, 0.05], [1, 0, 1, 0, 0, 1, 0, 0]);
    const expected = { dice: 0.4, auroc: 0.7, auprc: 0.6666667, precision: 0.5, recall: 0.6666666, specificity: 0.6, jaccard: 0.4, fpr: 0.4 };
    for (const [id, value] of Object.entries(expected)) close(scores[id as keyof typeof expected], value, 3e-7);
  });
  it("two empty masks are alike; a reference of one class scores 0 elsewhere", () => {
    close(hardDice([0, 0.5], [0, 0]), 1);
    assert.deepEqual(Object.values(scoreSlice([0.2, 0.3], [0, 0])).slice(1), [0, 0, 0, 0, 0, 0, 0]);
  });
  it("pairs slices by name", () => {
    const rows = (dice: number[]) => ({ rows: dice.map((d, i) => ({ case: `c${i}`, patient: `p${i}`, scores: { ...scoreSlice([1], [1]), dice: d } })) });
    const { difference, n } = compareSlices(rows([0.8, 0.6]), { rows: rows([0.5, 0.5]).rows.reverse() }, "dice");
    close(difference, 0.2);
    assert.equal(n, 2);
    assert.throws(() => compareSlices(rows([0.8, 0.6]), rows([0.5]), "dice"), { code: "invalid-value" });
  });
});

describe("stage 1", () => {
  it("trains 1,137,920 numbers on ViT-B/32 (spec §3.2), without making them", () => {
    const plan = planDdpt(presets.paper.ddpt);
    assert.equal(plannedCount(plan), 1_137_920);
    assert.equal(plannedCount(plan.text), 8_192);
    assert.equal(plannedCount(plan.visual), 84_480);
    assert.equal(plannedCount(plan.class_aware.meta_nets), 393_984);
    assert.equal(plannedCount(plan.class_aware.attns), 638_976);
  });
  it("sees slices as CLIP does", () => {
    const grey = { width: 6, height: 4, image: Uint8Array.from({ length: 24 }, (_, i) => i * 10) };
    assert.deepEqual([...clipPixels(grey, 4)], [10, 20, 30, 40, 70, 80, 90, 100, 130, 140, 150, 160, 190, 200, 210, 220]);
    assert.deepEqual([...mirrored(Uint8Array.of(1, 2, 3, 4), 2)], [2, 1, 4, 3]);
    assert.equal(randomCrop(grey, 8, seededRandom(1)).length, 64);
  });
  it("textures: what the caption says is where it says", () => {
    for (let seed = 0; seed < 40; seed++) {
      const { blob, caption, size } = drawTexture(64, seededRandom(seed));
      const inside = [...blob.keys()].filter((i) => blob[i] > 0);
      if (inside.length === 0) {
        assert.equal(caption, 0);
        continue;
      }
      const y = inside.reduce((sum, i) => sum + Math.floor(i / size), 0) / inside.length;
      const words = captions[caption];
      if (Math.abs(y - 32) > 4) assert.equal(words.includes("top"), y < 32, `${words} ${y}`);
      const texture = drawTexture(64, seededRandom(seed));
      const upside = mirroredTexture(texture, "down");
      assert.equal(captions[upside.caption].includes("top"), !words.includes("top"));
      assert.deepEqual(mirroredTexture(upside, "down"), texture);
      assert.equal(captions[mirroredTexture(texture, "across").caption].includes("left"), !words.includes("left"));
    }
    assert.ok(captionWords.includes("healthy") && captionWords.length < 40);
  });
});

describe("splitByPatient", () => {
  it("no patient on both sides; nothing set apart of one patient", () => {
    const slices = Array.from({ length: 40 }, (_, i) => ({ patient: `p${i % 10}` }));
    const { train, validation } = splitByPatient(slices, 0.1);
    assert.deepEqual([train.length, validation.length], [36, 4]);
    assert.equal(train.some(({ patient }) => patient === validation[0].patient), false);
    assert.equal(splitByPatient([{ patient: "p" }], 0.1).validation.length, 0);
    assert.equal(splitByPatient(slices, 0).validation.length, 0);
  });
});
