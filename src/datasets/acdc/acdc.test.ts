import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { readPng, writePng } from "../../io/index.js";
import { checkAcdc } from "./check.js";
import { listChallenge, parseInfo } from "./challenge.js";
import { convertAcdc, frameBytes } from "./convert.js";
import { cropOrPad, labelOrder, loadAcdc } from "./load.js";
import { makeAcdc } from "./make.js";
import { drawCoins, drawHeart, drawSliceOf, phantomSize } from "./phantom.js";
import { readAcdc } from "./read.js";
import { defaultSplit, foldSplit } from "./split.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-acdc-"));
  await makeAcdc({ out: join(folder, "png") });
  await makeAcdc({ out: join(folder, "nifti"), form: "nifti" });
  await convertAcdc({ from: join(folder, "nifti"), out: join(folder, "converted") });
});
after(() => rm(folder, { recursive: true }));

describe("the challenge's layout", () => {
  it("takes ED from Info.cfg, also where ES comes first", async () => {
    const { patients } = await listChallenge(join(folder, "nifti"));
    const frames = (name: string): number[] => patients.find(({ patient }) => patient === name)!.frames.map(({ frame }) => frame);
    assert.deepEqual([frames("patient001"), frames("patient007")], [[1, 2], [2, 1]]);
    assert.equal(patients.length, 19);
  });

  it("reads Info.cfg with either line ending", () => {
    assert.deepEqual([...parseInfo("ED: 1\r\nES: 12\r\nGroup: DCM\r\n")], [["ED", "1"], ["ES", "12"], ["Group", "DCM"]]);
  });

  it("lists what a patient lacks and goes on; says what to do where nothing is there", async () => {
    const broken = join(folder, "broken");
    await cp(join(folder, "nifti"), broken, { recursive: true });
    await rm(join(broken, "training/patient002/Info.cfg"));
    await rm(join(broken, "training/patient003/patient003_frame01_gt.nii.gz"));
    await writeFile(join(broken, "training/patient004/Info.cfg"), "ED: first\nES: 2\n");
    const { patients, problems } = await listChallenge(broken);
    assert.equal(patients.length, 16);
    assert.deepEqual(problems.map(({ code, path }) => [code, path]), [["missing-info", "patient002"], ["missing-label", "patient003"], ["bad-info", "patient004"]]);
    await assert.rejects(listChallenge(join(folder, "nowhere")), { code: "not-found", message: /training\/ and testing\// });
  });
});

const correlation = (x: readonly number[], y: readonly number[]): number => {
  const centred = [x, y].map((values) => values.map((value) => value - values.reduce((sum, each) => sum + each, 0) / values.length));
  const dot = (a: number, b: number): number => centred[a].reduce((sum, value, i) => sum + value * centred[b][i], 0);
  return dot(0, 1) / Math.sqrt(dot(0, 0) * dot(1, 1));
};

describe("convertAcdc", () => {
  it("gives the labels, orientation, phases and spacing of the directly written layout", async () => {
    const [converted, direct] = await Promise.all([readAcdc(join(folder, "converted")), readAcdc(join(folder, "png"))]);
    assert.deepEqual(converted.slices.map(({ id, volume, z, spacingMm, split }) => ({ id, volume, z, spacingMm, split })), direct.slices.map(({ id, volume, z, spacingMm, split }) => ({ id, volume, z, spacingMm, split })));
    const [a, b] = await Promise.all([converted, direct].map((each) => loadAcdc(each, { size: 48 })));
    for (const [i, slice] of a.entries()) assert.deepEqual(slice.label, b[i].label, slice.id);
    // Intensities are stretched to the percentiles of their frame: the same picture up to a straight line.
    const at = a.findIndex(({ id }) => id === "patient001/3");
    const inside = [...a[at].image.keys()].filter((i) => a[at].image[i] > 0.01 && a[at].image[i] < 0.99);
    assert.ok(correlation(inside.map((i) => a[at].image[i]), inside.map((i) => b[at].image[i])) > 0.9999);
  });

  it("scales 0.5–99.5 percentiles to 0–255", () => {
    const bytes = frameBytes(Float64Array.from({ length: 1001 }, (_, i) => i));
    assert.deepEqual([bytes[0], bytes[5], bytes[500], bytes[995], bytes[1000]], [0, 0, 128, 255, 255]);
    assert.deepEqual([...frameBytes([7, 7, 7])], [0, 0, 0]);
  });

  it("marks slices of generated volumes as generated", async () => {
    assert.equal((await readAcdc(join(folder, "converted"))).generated?.dataset, "acdc-nifti");
  });
});

describe("readAcdc", () => {
  it("sorts as numbers, keeps patients on one side and knows their volumes", async () => {
    const { slices, spacing, problems } = await readAcdc(join(folder, "png"));
    assert.deepEqual(slices.filter(({ patient }) => patient === "patient001").map(({ index }) => index), [...Array(12).keys()]);
    assert.deepEqual([spacing, problems.length, new Set(slices.map(({ volume }) => volume)).size], ["mm", 0, 38]);
    assert.deepEqual(["train", "val", "test"].map((split) => slices.filter((slice) => slice.split === split).length), [12 * 12, 3 * 12, 4 * 12]);
  });

  it("goes without sidecars, in pixels, and refuses a patient on two sides", async () => {
    const bare = join(folder, "bare");
    await cp(join(folder, "png"), bare, { recursive: true });
    await rm(join(bare, "patient001/meta.json"));
    const { spacing, problems, slices } = await readAcdc(bare);
    assert.deepEqual([spacing, problems[0].code, slices[0].volume], ["pixels", "missing-meta", "patient001"]);
    await writeFile(join(bare, "split.csv"), "patient,index,data_split\npatient001,0,train\npatient001,1,test\n");
    await assert.rejects(readAcdc(bare), { code: "patient-in-both", message: /patient001 into train and test/ });
  });

  it("puts stored label values in order over the whole dataset", async () => {
    assert.deepEqual([...labelOrder([3, 0], "d")], [[0, 0], [3, 3]]);
    assert.deepEqual([...labelOrder([255, 0, 85], "d")], [[0, 0], [85, 1], [255, 3]]);
    assert.deepEqual([...labelOrder([9, 4, 200, 0], "d")], [[0, 0], [4, 1], [9, 2], [200, 3]]);
    assert.throws(() => labelOrder([0, 1, 2, 3, 4], "d"), { code: "bad-labels" });
    const scaled = join(folder, "scaled");
    await cp(join(folder, "png"), scaled, { recursive: true });
    for (const { label } of (await readAcdc(scaled)).slices) {
      const png = await readPng(label);
      await writePng(label, { ...png, data: Uint8Array.from(png.data, (value) => 85 * value) });
    }
    const [a, b] = await Promise.all([scaled, join(folder, "png")].map(async (root) => loadAcdc(await readAcdc(root), { size: 48 })));
    assert.ok(a.every(({ label }, i) => label.join() === b[i].label.join()));
  });
});

describe("a slice's size", () => {
  it("is cut or padded about the middle", () => {
    const image = { width: 3, height: 2, channels: 1 as const, data: Uint8Array.from([1, 2, 3, 4, 5, 6]) };
    assert.deepEqual([...cropOrPad(image, 2)], [1, 2, 4, 5]);
    assert.deepEqual([...cropOrPad(image, 4)], [0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0]);
  });

  it("may be resized, and then the spacing is another", async () => {
    const [slice] = await loadAcdc(await readAcdc(join(folder, "png")), { size: 24, fit: "resize" });
    assert.deepEqual([slice.image.length, slice.spacingMm], [576, [5, 5, 8]]);
    assert.ok(slice.label.every((value) => value <= 3) && slice.label.includes(3));
  });
});

describe("splits", () => {
  it("by patient: 101 and up test, every fifth validation", () => {
    assert.deepEqual(["patient001", "patient010", "patient101"].map(defaultSplit), ["train", "val", "test"]);
  });

  it("of five folds hold every patient out once and never a test patient", () => {
    const patients = [...Array.from({ length: 23 }, (_, i) => `patient${String(i + 1).padStart(3, "0")}`), "patient101"];
    const held = [1, 2, 3, 4, 5].flatMap((fold) => [...foldSplit(patients, { fold })].filter(([, side]) => side === "val").map(([patient]) => patient));
    assert.deepEqual(held.sort(), patients.slice(0, 23));
    assert.throws(() => foldSplit(patients, { fold: 6 }), { code: "invalid-value" });
  });
});

describe("checkAcdc", () => {
  it("counts patients, volumes, slices and structures, and finds what is unreadable", async () => {
    const check = await checkAcdc(join(folder, "png"));
    assert.deepEqual(check.splits.test, { patients: 4, volumes: 8, slices: 48, present: { RV: 48, MYO: 48, LV: 48 } });
    assert.deepEqual([check.sizes, check.groups, check.problems], [{ smallest: [48, 48], largest: [48, 48] }, { SYN: 19 }, []]);
    const torn = join(folder, "torn");
    await cp(join(folder, "png"), torn, { recursive: true });
    const path = join(torn, "patient001/images/3.png");
    await writeFile(path, (await readFile(path)).subarray(0, 100));
    await rm(join(torn, "patient001/labels/5.png"));
    assert.deepEqual((await checkAcdc(torn)).problems.map(({ code }) => code).sort(), ["missing-label", "unreadable"]);
  });
});

describe("the phantom", () => {
  const coins = (seed: number) => drawCoins(0, seededRandom(seed));
  const mean = (image: Float64Array, keep: (i: number) => boolean): number => {
    const kept = [...image.keys()].filter(keep);
    return kept.reduce((sum, i) => sum + image[i], 0) / kept.length;
  };

  it("has two discs of equal brightness, on average over many hearts", () => {
    const means = Array.from({ length: 60 }, (_, seed) => {
      const { image, label } = drawSliceOf(drawHeart("texture", coins(seed), seededRandom(seed)), "ED", 2, seededRandom(seed).stream("slice"));
      return [mean(image, (i) => label[i] >= 2), mean(image, (i) => label[i] === 1)];
    });
    const [left, right] = [0, 1].map((side) => means.reduce((sum, pair) => sum + pair[side], 0) / means.length);
    assert.ok(Math.abs(left - right) < 0.004, `${left} ${right}`);
  });

  it("has as many left hearts on either side, and as many bands, in every pair of patients", () => {
    for (let pair = 0; pair < 20; pair++) {
      const [a, b] = ([0, 1] as const).map((member) => drawCoins(member, seededRandom(pair)));
      assert.ok(a.leftHeart !== b.leftHeart && a.band !== b.band);
    }
  });

  it("puts the left heart on either side alike and keeps it inside the picture", () => {
    let onTheLeft = 0;
    for (let seed = 0; seed < 400; seed++) {
      const heart = drawHeart("texture", coins(seed), seededRandom(seed));
      if (heart.leftHeart === "left") onTheLeft++;
      const { label } = drawSliceOf(heart, "ED", 0, seededRandom(seed).stream("slice"));
      for (let i = 0; i < phantomSize; i++) assert.equal(label[i * phantomSize] + label[i * phantomSize + phantomSize - 1], 0, `seed ${seed}`);
    }
    assert.ok(onTheLeft > 160 && onTheLeft < 240);
  });

  it("announces its group by a band in `two-group`, and tells structures by brightness in `ring`", () => {
    for (let seed = 0; seed < 20; seed++) {
      const heart = drawHeart("two-group", coins(seed), seededRandom(seed));
      const { image } = drawSliceOf(heart, "ED", 0, seededRandom(seed));
      const column = (x: number): number => mean(image, (i) => i % phantomSize === x);
      assert.equal(column(2) > column(phantomSize - 3), heart.band === "left");
      assert.equal(heart.line, heart.band === "left" ? 12 : 17);
    }
    const { image, label } = drawSliceOf(drawHeart("ring", coins(1), seededRandom(1)), "ED", 0, seededRandom(1));
    const [rv, myo, lv] = [1, 2, 3].map((c) => mean(image, (i) => label[i] === c));
    assert.ok(myo + 0.2 < rv && rv + 0.1 < lv);
  });
});
