import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readNpy, writePng } from "../../io/index.js";
import { loadRated } from "../rated/load.js";
import { checkLidc } from "./check.js";
import { makeLidc } from "./make.js";
import { readLidc } from "./read.js";

describe("LIDC", () => {
  let root: string;
  before(async () => {
    root = join(await mkdtemp(join(tmpdir(), "folio-lidc-")), "lidc");
    await makeLidc({ out: root, seed: 7 });
  });
  after(() => rm(join(root, ".."), { recursive: true }));

  it("is generated in the published layout and read back, sorted, marked as generated", async () => {
    const { images, raterCount, problems, generated } = await readLidc(root);
    assert.equal(images.length, 48);
    assert.equal(raterCount, 3);
    assert.deepEqual(problems, []);
    assert.equal(generated?.complete, true);
    assert.deepEqual(images.slice(0, 2).map(({ id }) => id), ["LIDC-IDRI-9001/z-105.0_c0", "LIDC-IDRI-9001/z-107.5_c0"]);
    const ids = images.filter(({ split }) => split === "train").map(({ id }) => id);
    assert.deepEqual(ids, [...ids].sort());
    assert.equal(new Set(images.map(({ patient }) => patient)).size, 12);
  });

  it("has nested raters: who is cautious marks less than who is generous", async () => {
    const { images } = await readLidc(root, { splits: ["test"] });
    for (const image of images) {
      const { raters, valid } = await loadRated(image, 64);
      assert.deepEqual(valid, [true, true, true]);
      assert.ok(raters[0].every((x, i) => x <= raters[1][i]) && raters[1].every((x, i) => x <= raters[2][i]));
    }
  });

  it("gives the same bytes for the same seed, and completes a folder that was begun", async () => {
    const again = join(root, "..", "again");
    const first = await makeLidc({ out: again, seed: 7 });
    await rm(join(again, "test", "gt"), { recursive: true });
    const second = await makeLidc({ out: again, seed: 7 });
    assert.deepEqual(second.files, first.files);
    await assert.rejects(makeLidc({ out: again, seed: 8 }), { code: "not-empty" });
  });

  it("writes sorted index files", async () => {
    const { data } = await readNpy(join(root, "assets", "lidc_test_non_empty_indices.npy"));
    assert.deepEqual([...(data as BigInt64Array)].map(Number), Array.from({ length: 16 }, (_, i) => i));
  });

  describe("with something odd in it", () => {
    const slice = (name: string): string => join(root, "test", "gt", "LIDC-IDRI-9009", name);
    it("leaves out what a rater did not mark, misses or cannot be read, and says so", async () => {
      await writePng(slice("z-105.0_c0_l1.png"), { width: 64, height: 64, channels: 1, data: new Uint8Array(64 * 64) });
      await rename(slice("z-107.5_c0_l2.png"), slice("elsewhere.txt"));
      await writeFile(slice("z-110.0_c0_l0.png"), "no picture");
      await writeFile(join(root, "test", "images", "LIDC-IDRI-9009", "notes.txt"), "");
      await rm(slice("z-112.5_c0_l3.png")); // the fourth grader is not read
      const { images, problems } = await readLidc(root, { splits: ["test"] });
      assert.deepEqual(images.filter(({ patient }) => patient === "LIDC-IDRI-9009").map(({ id }) => id), ["LIDC-IDRI-9009/z-112.5_c0"]);
      assert.deepEqual(problems.map(({ code }) => code).sort(), ["empty-mask", "missing-mask", "stray-file", "unreadable"]);
      const every = await readLidc(root, { splits: ["test"], select: "every-slice" });
      assert.equal(every.images.length, images.length + 2);
    });

    it("check adds that the stored index no longer fits", async () => {
      const report = await checkLidc(root);
      assert.ok(report.problems.some(({ code, path }) => code === "index-differs" && path === "assets/lidc_test_non_empty_indices.npy"));
      assert.equal(report.splits.test.images, 13);
    });

    it("sees a patient in both splits", async () => {
      await rename(join(root, "test", "images", "LIDC-IDRI-9010"), join(root, "test", "images", "LIDC-IDRI-9001"));
      await rename(join(root, "test", "gt", "LIDC-IDRI-9010"), join(root, "test", "gt", "LIDC-IDRI-9001"));
      const { problems } = await readLidc(root);
      assert.ok(problems.some(({ code, path }) => code === "patient-in-both" && path === "LIDC-IDRI-9001"));
    });
  });

  it("says what is missing", async () => {
    await assert.rejects(readLidc(join(root, "nowhere")), { code: "not-found", message: /folio data make lidc/ });
  });
});
