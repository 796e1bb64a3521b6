import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readNpy, readPng, writeNifti } from "../../io/index.js";
import { loadRated } from "../rated/load.js";
import { readRated } from "../rated-datasets.js";
import { checkMbhseg } from "./check.js";
import { makeMbhsegRaw } from "./make.js";
import { processMbhseg, raterId } from "./process.js";
import { readMbhseg } from "./read.js";
import { windowBytes } from "./window.js";

describe("windowBytes", () => {
  it("gives the bytes of the published script (spec §10, vector 10)", () => {
    assert.deepEqual([...windowBytes([-10, 0, 1, 20, 40, 63, 79.9, 80, 200])], [0, 0, 3, 63, 127, 200, 254, 255, 255]);
    assert.deepEqual([...windowBytes([Number.NaN, -Infinity, Infinity])], [0, 0, 255]);
  });
});

describe("raterId", () => {
  it("is the last character before the first dot", () => {
    assert.equal(raterId("case_rater3.nii.gz"), "3");
    assert.equal(raterId("mask_r1.v2.nii"), "1");
  });
});

describe("MBHSeg", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-mbhseg-"));
    await makeMbhsegRaw({ out: join(folder, "raw"), seed: 2 });
  });
  after(() => rm(folder, { recursive: true }));

  it("goes from generated volumes in Hounsfield units to windowed slices that are still marked as generated", async () => {
    const { cases, slices, skipped } = await processMbhseg({ raw: join(folder, "raw"), out: join(folder, "binary") });
    assert.equal(cases, 6);
    assert.deepEqual(skipped, []);
    const { images, generated, problems } = await readMbhseg(join(folder, "binary"));
    assert.equal(images.length, slices);
    assert.deepEqual(problems, []);
    assert.equal(generated?.dataset, "mbhseg");
    const numbers = images.filter(({ patient }) => patient === "case_001").map(({ id }) => Number(id.split("_").at(-1)));
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
    const { image, raters } = await loadRated(images[Math.floor(images.length / 2)], 64);
    assert.ok(image.includes(0), "air is black");
    assert.ok(image.includes(255), "bone is white");
    assert.equal(raters.length, images[Math.floor(images.length / 2)].split === "train" ? 4 : 3);
  });

  it("reads one class of the multi-class form, which together are the binary masks", async () => {
    await processMbhseg({ raw: join(folder, "raw"), out: join(folder, "multi"), form: "multi" });
    const binary = await readMbhseg(join(folder, "binary"), { splits: ["test"] });
    const size = 64;
    const sum = new Uint8Array(size * size);
    for (let classIndex = 1; classIndex <= 5; classIndex++) {
      const { images } = await readMbhseg(join(folder, "multi"), { splits: ["test"], classIndex });
      const { raters } = await loadRated(images[0], size);
      raters[1].forEach((x, i) => (sum[i] += x));
    }
    assert.deepEqual(sum, (await loadRated(binary.images[0], size)).raters[1]);
    const any = await readMbhseg(join(folder, "multi"), { splits: ["test"] });
    assert.deepEqual((await loadRated(any.images[0], size)).raters[1], sum, "without a class any bleeding counts, never the background");
    const { classes, splits } = await checkMbhseg(join(folder, "multi"));
    const patients = Object.fromEntries((["train", "test"] as const).map((split) => [split, classes![split].reduce((total, count) => total + count, 0)]));
    assert.deepEqual(patients, { train: splits.train.images, test: splits.test.images }, "one bleeding a volume, of one class");
    assert.equal((await checkMbhseg(join(folder, "binary"))).classes, undefined);
    await assert.rejects(readRated("lidc", folder, { classIndex: 1 }), { code: "usage", message: /--class goes with mbhseg/ });
    await assert.rejects(readMbhseg(join(folder, "multi"), { classIndex: 6 }), { code: "invalid-value" });
  });

  it("keeps a marked slice only, with rows along the first axis as stored; absent raters keep their place", async () => {
    const raw = join(folder, "by-hand");
    const shape = [2, 3, 2]; // 2 rows, 3 columns, 2 slices; the first axis runs fastest
    const image = Int16Array.of(0, 0, 0, 0, 0, 0, /* slice 1 */ 0, 80, 20, 40, 200, -5);
    const mark = (at: number): Uint8Array => Uint8Array.from({ length: 12 }, (_, i) => (i === at ? 3 : 0));
    for (const split of ["train", "test"]) {
      await writeNifti(join(raw, split, "a", "scan_image.nii.gz"), { data: image, shape });
      await writeNifti(join(raw, split, "a", "m_1.nii.gz"), { data: mark(8), shape });
      await writeNifti(join(raw, split, "a", "m_4.nii.gz"), { data: mark(-1), shape });
      await writeNifti(join(raw, split, "empty", "scan_image.nii.gz"), { data: image, shape });
      await writeNifti(join(raw, split, "empty", "m_1.nii.gz"), { data: mark(-1), shape });
    }
    const out = join(folder, "by-hand-out");
    assert.deepEqual(await processMbhseg({ raw, out, form: "multi" }), { cases: 2, slices: 2, skipped: ["train/empty", "test/empty"] });
    const { width, height, data } = await readPng(join(out, "train", "imgs", "a", "slice_1.png"));
    assert.deepEqual([width, height, ...data], [3, 2, 0, 63, 255, 255, 127, 0]);
    const npy = await readNpy(join(out, "train", "gt", "a", "slice_1_r1.npy"));
    assert.deepEqual(npy.shape, [2, 3, 6]);
    assert.deepEqual([npy.data[1 * 6 + 3], npy.data[1 * 6 + 0], npy.data[0]], [255, 0, 255]); // pixel (0, 1) is class 3
    const { images } = await readMbhseg(out, { splits: ["train"], classIndex: 3 });
    assert.deepEqual(images.map(({ masks }) => masks.map((mask) => mask !== undefined)), [[true, false, false, true]]);
    const { valid } = await loadRated(images[0], 6);
    assert.deepEqual(valid, [true, false, false, false]);
  });

  it("refuses two volumes called image, a repeated rater and a mask of another shape", async () => {
    const raw = join(folder, "wrong");
    const write = (name: string, shape = [2, 2, 1]): Promise<void> => writeNifti(join(raw, "train", "a", name), { data: new Uint8Array(shape[0] * 2), shape });
    await writeNifti(join(raw, "test", "b", "image.nii"), { data: new Uint8Array(4), shape: [2, 2, 1] });
    await write("image_a.nii");
    await write("r1.nii", [3, 2, 1]);
    await assert.rejects(processMbhseg({ raw, out: join(folder, "x") }), { code: "shape-mismatch" });
    await write("r1.nii");
    await write("s1.nii");
    await assert.rejects(processMbhseg({ raw, out: join(folder, "x") }), { code: "bad-header", message: /second mask of rater 1/ });
    await write("image_b.nii");
    await assert.rejects(processMbhseg({ raw, out: join(folder, "x") }), { code: "bad-header", message: /2 volumes/ });
  });
});
