import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeCsv, writeJpeg, writePng } from "../../io/index.js";
import { zoneOf } from "../../metrics/index.js";
import { checkPrsMed } from "./check.js";
import { loadPrsRow, padToSquare } from "./load.js";
import { openPrsSource } from "./source.js";
import { makePrsMed } from "./make/make.js";
import { maskPosition } from "./position.js";
import { readPrsMed } from "./read.js";
import type { PrsDataset } from "./row.js";
import { rowsOfSplit } from "./val.js";

describe("generated PRS-Med data", () => {
  let root: string;
  let dataset: PrsDataset;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "folio-prs-med-"));
    await makePrsMed({ out: root, seed: 3 });
    dataset = await readPrsMed(root);
  });
  after(() => rm(root, { recursive: true }));

  it("is read back whole, with six tasks and balanced kinds", () => {
    assert.deepEqual(dataset.problems, []);
    assert.equal(new Set(dataset.rows.map(({ task }) => task)).size, 6);
    const count = (split: string, kind: string) => dataset.rows.filter((row) => row.split === split && row.kind === kind).length;
    assert.deepEqual(["single", "attr", "zone"].map((kind) => count("train", kind)), [108, 126, 126]);
    assert.equal(count("test", "single") + count("test", "attr") + count("test", "zone"), 80);
  });

  it("asks what is true: the sentence, the answer and the mask name one zone", async () => {
    for (const row of dataset.rows.filter((_, i) => i % 20 === 0)) {
      const { softMask, size } = await loadPrsRow(row, 64);
      assert.equal(maskPosition(softMask, size, size)?.zone, zoneOf(row.position), row.id);
      assert.equal(zoneOf(row.answer), zoneOf(row.position), row.id);
      if (row.kind === "zone") assert.equal(zoneOf(row.question), zoneOf(row.position), row.id);
      if (row.kind === "single") assert.equal(zoneOf(row.question), null, row.id);
    }
  });

  it("is read at once where it fits into memory, by batch where it does not", async () => {
    const rows = dataset.rows.slice(0, 3);
    const [held, files] = [await openPrsSource(rows, 16), await openPrsSource(rows, 16, { most: 100 })];
    assert.equal("pixels" in held.rows[0], true);
    assert.equal("pixels" in files.rows[0], false);
    assert.deepEqual(await files.read([2, 0, 2]), await held.read([2, 0, 2]));
  });

  it("keeps both rows of a picture in one split, under two names", () => {
    for (const group of new Set(dataset.rows.map((row) => row.group))) {
      const rows = dataset.rows.filter((row) => row.group === group);
      assert.equal(new Set(rows.map(({ split }) => split)).size, 1);
      assert.equal(new Set(rows.map(({ image }) => image)).size, rows.length);
      assert.equal(rows.length, rows[0].kind === "single" ? 1 : 2);
    }
  });

  it("has no wording of a question in two splits", () => {
    const bare = (text: string) => text.replaceAll(/top|upper|bottom|lower|left|right|cent(er|re)|middle/gi, "Z");
    const wordings = (of: string) => new Set(dataset.rows.filter(({ split }) => split === of).map(({ question }) => bare(question)));
    const [train, val, test] = [wordings("train"), wordings("val"), wordings("test")];
    assert.ok([...val, ...test].every((wording) => !train.has(wording)));
    assert.ok([...test].every((wording) => !val.has(wording)));
  });

  it("passes its own audit", async () => {
    const { problems, tasks } = await checkPrsMed(dataset);
    assert.deepEqual(problems, []);
    assert.equal(tasks.reduce((sum, { rows }) => sum + rows.test, 0), 80);
    assert.ok(tasks.every(({ majority }) => majority !== null && majority < 0.7));
  });
});

describe("a PRS-Med folder as it is published", () => {
  let root: string;
  const columns = ["image_path", "image_name", "question", "answer", "position", "split"];
  const grey = (value: number) => ({ width: 8, height: 8, channels: 1 as const, data: new Uint8Array(64).map((_, i) => (i < 16 ? value : 0)) });
  const picture = (seed: number) => ({ width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192).map((_, i) => (i * seed) % 256) });
  const row = (image_path: string, split: string, question = "Where, if anywhere?") => ({ image_path, image_name: image_path.split("/").at(-1)!, question, answer: "top left", position: "in the top left", split });
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "folio-prs-med-"));
    for (const folder of ["annotations/qa", ...["train", "test"].flatMap((split) => [`data/skin_rgbimage/${split}_images`, `data/skin_rgbimage/${split}_masks`]), "data/prostate/train_images", "data/prostate/train_masks", "data/prostate/test_images", "data/prostate/test_masks"])
      await mkdir(join(root, folder), { recursive: true });
    await writeJpeg(join(root, "data/skin_rgbimage/train_images/ISIC_0000000.jpg"), picture(7));
    await writePng(join(root, "data/skin_rgbimage/train_masks/ISIC_0000000_Segmentation.png"), grey(1));
    await writePng(join(root, "data/prostate/train_images/0204_a.png"), picture(5));
    await writePng(join(root, "data/prostate/train_masks/0204_a.png"), grey(255));
    await writePng(join(root, "data/prostate/test_images/0204_b.png"), picture(5));
    await writePng(join(root, "data/prostate/test_masks/0204_b.png"), grey(0));
    await writeCsv(join(root, "annotations/qa/skin.csv"), { columns, rows: [
      row("skin_rgbimage/train_masks/ISIC_0000000_Segmentation.png", "train"), row("skin_rgbimage/train_masks/none.png", "train"),
      { ...row("skin_rgbimage/train_masks/x.png", "train"), answer: "" }, row("../secret.png", "train"), row("skin_rgbimage/train_masks/x.png", "dev"), row("dogs/train_masks/x.png", "train"),
    ] });
    await writeCsv(join(root, "annotations/qa/prostate.csv"), { columns, rows: [row("prostate/train_masks/0204_a.png", "train"), row("prostate/test_masks/0204_b.png", "test"), row("prostate/train_masks/0204_a.png", "train")] });
  });
  after(() => rm(root, { recursive: true }));

  it("resolves pictures from mask paths and says what it left out", async () => {
    const { rows, problems } = await readPrsMed(root);
    assert.deepEqual(rows.map(({ id }) => id), ["prostate/train/0204_a.png", "prostate/test/0204_b.png", "skin_rgbimage/train/ISIC_0000000_Segmentation.png"]);
    assert.ok(rows.every(({ image, mask }) => image !== mask && /_images/.test(image) && /_masks/.test(mask)));
    assert.equal(rows[0].question, "Where, if anywhere?"); // a quoted comma
    assert.deepEqual(problems.map(({ code }) => code), ["duplicate-row", "no-val", "missing-mask", "empty-field", "bad-path", "bad-split", "unknown-task", "no-val"]);
    assert.deepEqual([...new Set(rows.map(({ modality }) => modality))], [0, 4]);
  });

  it("finds the leak between its splits, the empty mask and the mask of ones", async () => {
    const { problems } = await checkPrsMed(await readPrsMed(root));
    const codes = problems.map(({ code }) => code);
    for (const code of ["empty-mask", "mask-of-ones", "duplicate-image", "patient-in-both"] as const) assert.ok(codes.includes(code), code);
  });

  it("rescales a mask stored as ones", async () => {
    const { softMask } = await loadPrsRow((await readPrsMed(root)).rows[2], 8);
    assert.equal(Math.max(...softMask), 1);
  });

  it("says where to get data when there is none", async () => {
    await assert.rejects(readPrsMed(join(root, "data")), { code: "not-found" });
  });
});

describe("splits and padding", () => {
  it("sets whole groups of train apart where there is no validation split", () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ task: "prostate", split: "train", group: `p${i >> 1}`, id: String(i) })) as never[];
    const [train, val] = [rowsOfSplit(rows, "train"), rowsOfSplit(rows, "val")];
    assert.deepEqual([train.length, val.length], [36, 4]);
    assert.ok(val.every(({ group }) => !train.some((other) => other.group === group)));
  });

  it("pads with CLIP's mean colour, the odd pixel below", () => {
    const { side, data } = padToSquare(Uint8Array.from([1, 2, 3, 4, 5, 6]), 2, 1);
    assert.equal(side, 2);
    assert.deepEqual([...data], [1, 2, 3, 4, 5, 6, 122, 116, 104, 122, 116, 104]);
  });
});
