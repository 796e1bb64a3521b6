import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { bytesPer, type DataArray } from "./dtype.js";
import {
  affineFromQuaternion,
  nearestRotation,
  orientationOf,
  quaternionFrom,
  type Affine,
  type Triple,
} from "./nifti-affine.js";
import { readNifti } from "./nifti.js";
import { encodeNifti, writeNifti } from "./nifti-write.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-nifti-write-"));
});
after(() => rm(folder, { recursive: true }));

const oblique: Affine = [[1.9, 0.3, 0.1, -20], [-0.25, 1.4, 0.6, 5], [0.2, -0.5, 2.7, 11.5], [0, 0, 0, 1]]; // prettier-ignore

describe("writeNifti", () => {
  it("gives back every type, packed or not", async () => {
    const arrays: DataArray[] = [
      Uint8Array.of(0, 255),
      Int8Array.of(-128, 127),
      Uint16Array.of(0, 65535),
      Int16Array.of(-32768, 32767),
      Uint32Array.of(0, 2 ** 32 - 1),
      Int32Array.of(-(2 ** 31), 5),
      Float32Array.of(0.1, NaN),
      Float64Array.of(0.1, -Infinity),
    ];
    for (const data of arrays) {
      for (const name of ["a.nii", "a.nii.gz"]) {
        await writeNifti(join(folder, name), { data, shape: [2] });
        const read = await readNifti(join(folder, name));
        assert.deepEqual([read.data, read.shape, bytesPer[read.dtype as "int8"]], [data, [2], data.BYTES_PER_ELEMENT]);
      }
    }
    await writeNifti(join(folder, "a.nii"), { data: BigInt64Array.of(-(2n ** 52n), 7n), shape: [2] });
    assert.deepEqual((await readNifti(join(folder, "a.nii"))).data, Float64Array.of(-(2 ** 52), 7));
  });

  it("keeps the affine as the sform, and the spacing, the step and the description", async () => {
    const path = join(folder, "b.nii.gz");
    await writeNifti(path, {
      data: new Uint8Array(16),
      shape: [2, 2, 2, 2],
      affine: oblique,
      stepSeconds: 2.5,
      description: "generated",
    });
    const read = await readNifti(path);
    assert.deepEqual(
      read.affine,
      oblique.map((row) => row.map(Math.fround)),
    );
    assert.deepEqual([read.affineFrom, read.zooms[3], read.description, read.warnings], ["sform", 2.5, "generated", []]);
    await writeNifti(path, { data: new Uint8Array(8), shape: [2, 2, 2], spacingMm: [0.5, 1, 2] });
    assert.deepEqual((await readNifti(path)).spacingMm, [0.5, 1, 2]);
    assert.equal((await readNifti(path)).orientation, "RAS");
  });

  it("writes NIfTI-2 where a side is longer than NIfTI-1 can say", async () => {
    const path = join(folder, "long.nii");
    await writeNifti(path, { data: Uint8Array.from({ length: 40000 }, (_, i) => i), shape: [40000], spacingMm: [1, 2, 3] });
    const { version, shape, spacingMm, data } = await readNifti(path);
    assert.deepEqual([version, shape, spacingMm, data[39999]], [2, [40000], [1, 2, 3], 39999 & 255]);
  });

  it("converts to the asked type only where nothing is lost", async () => {
    const path = join(folder, "c.nii");
    await writeNifti(path, { data: [0, 1, 255], shape: [3], dtype: "uint8" });
    assert.deepEqual((await readNifti(path)).data, Uint8Array.of(0, 1, 255));
    const refused =
      (data: number[], dtype: "uint8" | "int16" | "int64"): (() => void) =>
      () =>
        encodeNifti({ data, shape: [data.length], dtype });
    assert.throws(refused([0, 256], "uint8"), /writeNifti: uint8 cannot hold every number, index 1, but got 256/);
    assert.throws(refused([0.5], "int16"), /int16 cannot hold every number, index 0, but got 0\.5/);
    assert.throws(refused([NaN], "uint8"), /cannot hold every number/);
    assert.throws(refused([1e30], "int64"), /int64 cannot hold/);
  });

  it("refuses a shape, affine or spacing that cannot be", () => {
    const data = new Uint8Array(4);
    assert.throws(() => encodeNifti({ data, shape: [2, 3] }), /expected shape \[2, 3, 1\] but got \[4\]/);
    assert.throws(() => encodeNifti({ data, shape: [4, 0] }), /1 to 7 whole numbers from 1/);
    assert.throws(() => encodeNifti({ data, shape: [4], spacingMm: [1, 0, 1] }), /three numbers above 0/);
    assert.throws(() => encodeNifti({ data, shape: [4], affine: [[1]] }), /4 × 4 finite numbers/);
    assert.throws(() => encodeNifti({ data, shape: [4], affine: oblique, spacingMm: [1, 1, 1] }), /not both/);
  });
});

describe("the qform", () => {
  it("of a random rotation, reflection and zoom gives the affine back", () => {
    const random = seededRandom(11).stream("qform");
    for (let trial = 0; trial < 200; trial++) {
      const parts = Array.from({ length: 4 }, () => random.normal());
      const length = Math.hypot(...parts) * Math.sign(parts[0]);
      const [, b, c, d] = parts.map((part) => part / length);
      const zooms: Triple = [random.uniform(0.1, 5), random.uniform(0.1, 5), random.uniform(0.1, 5)];
      const qfac = random.chance(0.5) ? 1 : -1;
      const affine = affineFromQuaternion({ bcd: [b, c, d], offset: [1, 2, 3], qfac }, zooms, 1e-15)!;
      const again = quaternionFrom(affine);
      assert.equal(again.qfac, qfac);
      again.bcd.forEach((part, i) => assert.ok(Math.abs(part - [b, c, d][i]) < 1e-7, `${part} is not ${[b, c, d][i]}`));
      assert.match(
        orientationOf(affine),
        /^[LR][PA][IS]$|^[LR][IS][PA]$|^[PA][LR][IS]$|^[PA][IS][LR]$|^[IS][LR][PA]$|^[IS][PA][LR]$/,
      );
    }
  });

  it("of half a turn about each axis", () => {
    for (const bcd of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ] as Triple[]) /* prettier-ignore */ {
      const affine = affineFromQuaternion({ bcd, offset: [0, 0, 0], qfac: 1 }, [1, 1, 1], 1e-15)!;
      assert.deepEqual(quaternionFrom(affine).bcd.map(Math.abs), bcd);
    }
  });
});

describe("nearestRotation", () => {
  it("is orthonormal, and the rotation itself for a rotation", () => {
    const r = nearestRotation(oblique);
    for (const i of [0, 1, 2]) {
      for (const j of [0, 1, 2]) {
        const dot = r[0][i] * r[0][j] + r[1][i] * r[1][j] + r[2][i] * r[2][j];
        assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-14);
      }
    }
    const quarter: Affine = [[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]; // prettier-ignore
    assert.deepEqual(nearestRotation(quarter), [[0, -1, 0], [1, 0, 0], [0, 0, 1]]); // prettier-ignore
  });
});
