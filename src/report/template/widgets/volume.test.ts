import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readNifti, writeNifti } from "../../../io/index.js";
import { viewAlong } from "./volume.js";

/** A 4 × 3 × 2 image whose voxel (i, j, k) holds 100·i + 10·j + k. */
async function image(affine: readonly (readonly number[])[]) {
  const path = join(await mkdtemp(join(tmpdir(), "folio-view-")), "a.nii");
  await writeNifti(path, { shape: [4, 3, 2], affine, data: Int16Array.from({ length: 24 }, (_, v) => 100 * (v % 4) + 10 * (Math.floor(v / 4) % 3) + Math.floor(v / 12)) });
  return readNifti(path);
}

test("an axial slice has the patient's right at the left and the front at the top, however the file lies", async () => {
  const ras = await image([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
  const view = viewAlong(ras, "axial");
  assert.deepEqual([view.depth, view.letters], [2, ["R", "L", "A", "P"]]);
  assert.deepEqual(view.slice(ras.data, 1), { shape: [3, 4], values: [321, 221, 121, 21, 311, 211, 111, 11, 301, 201, 101, 1] });
  const lps = await image([[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
  assert.deepEqual(viewAlong(lps, "axial").slice(lps.data, 1).values, [1, 101, 201, 301, 11, 111, 211, 311, 21, 121, 221, 321]);
});

test("pixels are square: thick slices are as thick as they are in the body", async () => {
  const thick = await image([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 3, 0], [0, 0, 0, 1]]);
  const view = viewAlong(thick, "coronal");
  assert.equal(view.depth, 3);
  const { shape, values } = view.slice(thick.data, 0);
  assert.deepEqual(shape, [6, 4]);
  assert.deepEqual(values.slice(0, 4), [301, 201, 101, 1]);
  assert.deepEqual(values.slice(-4), [300, 200, 100, 0]);
  assert.equal(view.count(thick.data, 0), 7, "voxels, not pixels");
});
