import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { packageRoot } from "../core/index.js";
import { readNifti, readNiftiHeader } from "./nifti.js";
import { encodeNifti } from "./nifti-write.js";

interface Golden {
  readonly nibabel: string;
  readonly cases: readonly {
    readonly name: string;
    readonly file: string;
    readonly refused?: string;
    readonly expected?: {
      readonly shape: number[];
      readonly zooms: number[];
      readonly affine: number[][];
      readonly orientation: string;
      readonly units: [string, string];
      readonly values: (number | string)[];
    };
  }[];
  readonly samples: readonly {
    readonly file: string;
    readonly shape: number[];
    readonly dtype: string;
    readonly zooms: number[];
    readonly affine: number[][];
    readonly orientation: string;
    readonly min: number;
    readonly max: number;
    readonly mean: number;
    readonly at: number[][];
  }[];
}

/** From nibabel 5.4.2: tests/golden/nifti.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "nifti.json"), "utf8")) as Golden;
const unitNames: Readonly<Record<string, string>> = { meter: "m", micron: "um", sec: "s", msec: "ms", usec: "us" };

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-nifti-"));
});
after(() => rm(folder, { recursive: true }));

async function put(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

function closeTo(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(actual[i] - expected[i]) <= allowed, `[${i}] is ${actual[i]}, not ${expected[i]}`);
  }
}

describe(`readNifti agrees with nibabel ${golden.nibabel}`, () => {
  for (const { name, file, refused, expected } of golden.cases) {
    it(name, async () => {
      const path = await put("case.nii", gunzipSync(Buffer.from(file, "base64")));
      if (expected === undefined) {
        await assert.rejects(readNifti(path), { name: "BadFile", code: "bad-header" }, refused);
        return;
      }
      const { data, ...header } = await readNifti(path, { precision: "float64" });
      assert.deepEqual(header.shape, expected.shape);
      closeTo(header.zooms, expected.zooms, 0);
      closeTo(header.affine.flat(), expected.affine.flat(), 1e-15);
      assert.equal(header.orientation, expected.orientation);
      assert.deepEqual(
        [header.units.space, header.units.time],
        expected.units.map((unit) => unitNames[unit] ?? unit),
      );
      assert.deepEqual([...data], expected.values.map(Number));
    });
  }
});

describe("readNifti on real files agrees with nibabel", () => {
  const samples = join(packageRoot, "..", "shared", "samples");
  const skip = existsSync(samples) ? false : `no sample files at ${samples}`;
  for (const sample of golden.samples) {
    it(sample.file, { skip }, async () => {
      const { data, ...header } = await readNifti(join(samples, sample.file));
      assert.deepEqual([header.shape, header.dtype, header.orientation], [sample.shape, sample.dtype, sample.orientation]);
      closeTo(header.zooms, sample.zooms, 0);
      closeTo(header.spacingMm, sample.zooms.slice(0, 3), 0);
      closeTo(header.affine.flat(), sample.affine.flat(), 1e-15);
      let [min, max, sum] = [Infinity, -Infinity, 0];
      for (const value of data) [min, max, sum] = [Math.min(min, value), Math.max(max, value), sum + value];
      closeTo([min, max, sum / data.length], [sample.min, sample.max, sample.mean], 1e-7);
      for (const [...index] of sample.at) {
        const value = index.pop()!;
        const offset = index.reduceRight((inner, i, axis) => i + header.shape[axis] * inner, 0);
        closeTo([data[offset]], [value], 1e-7);
      }
    });
  }
});

/** A good 2 × 3 × 4 float32 file to break. */
const good = (): Buffer =>
  Buffer.from(encodeNifti({ data: Float32Array.from({ length: 24 }, (_, i) => i), shape: [2, 3, 4] }));
const broken = (change: (file: Buffer) => void): Buffer => {
  const file = good();
  change(file);
  return file;
};

describe("readNifti says what is wrong", () => {
  const packed = gzipSync(encodeNifti({ data: Uint8Array.from({ length: 30000 }, (_, i) => (i * i) >> 3), shape: [30000] }));
  const flipped = Buffer.from(packed);
  flipped[packed.length >> 1] ^= 4;
  const badChecksum = Buffer.from(packed);
  badChecksum[packed.length - 6] ^= 1;
  const twisted = Buffer.concat([good(), Buffer.alloc(200)]);
  twisted.writeInt32LE(540, 0);
  twisted.write("n+1", 4);
  const bomb = gzipSync(Buffer.concat([good(), Buffer.alloc(30_000_000)]));

  const cases: [string, string, Uint8Array, string, RegExp][] = [
    [
      "truncated .nii",
      "a.nii",
      good().subarray(0, 400),
      "truncated-file",
      /a\.nii: holds 400 of the 448 bytes its header announces\. Copy it again/,
    ],
    [
      "dims of 32767³",
      "a.nii",
      broken((f) => [42, 44, 46].forEach((at) => f.writeInt16LE(32767, at))),
      "truncated-file",
      /a\.nii: holds 448 of the 140724603847004 bytes/,
    ],
    [
      "a product beyond what is there",
      "a.nii",
      broken((f) => f.writeInt16LE(32767, 42)),
      "truncated-file",
      /holds 448 of the 1573168 bytes/,
    ],
    [
      "dim −5",
      "a.nii",
      broken((f) => f.writeInt16LE(-5, 42)),
      "bad-header",
      /announces the shape \[-5, 3, 4\]; every size must be 1 or more/,
    ],
    ["dim 0", "a.nii", broken((f) => f.writeInt16LE(0, 44)), "bad-header", /announces the shape \[2, 0, 4\]/],
    [
      "8 dimensions",
      "a.nii",
      broken((f) => f.writeInt16LE(8, 40)),
      "bad-header",
      /announces 8 dimensions; NIfTI has 1 to 7/,
    ],
    [
      "vox_offset NaN",
      "a.nii",
      broken((f) => f.writeFloatLE(NaN, 108)),
      "bad-header",
      /announces its voxels at byte NaN; they cannot begin before byte 352/,
    ],
    ["vox_offset 0", "a.nii", broken((f) => f.writeFloatLE(0, 108)), "bad-header", /its voxels at byte 0;/],
    [
      "vox_offset 10³⁰",
      "a.nii",
      broken((f) => f.writeFloatLE(1e30, 108)),
      "truncated-file",
      /holds 448 of the 1\.0\d+e\+30 bytes/,
    ],
    [
      "datatype 9999",
      "a.nii",
      broken((f) => f.writeInt16LE(9999, 70)),
      "bad-header",
      /announces datatype 9999, which NIfTI does not have/,
    ],
    [
      "float128",
      "a.nii",
      broken((f) => f.writeInt16LE(1536, 70)),
      "unsupported",
      /stores voxels as float128 \(datatype 1536\)\. Convert it to float32\./,
    ],
    [
      "bitpix that is not the datatype's",
      "a.nii",
      broken((f) => f.writeInt16LE(16, 72)),
      "bad-header",
      /16 bits a voxel, but its datatype float32 has 32/,
    ],
    [
      "an affine of NaN",
      "a.nii",
      broken((f) => f.writeFloatLE(NaN, 284)),
      "bad-header",
      /its sform holds numbers that are not finite/,
    ],
    [
      "header of 200 bytes",
      "a.nii",
      good().subarray(0, 200),
      "bad-header",
      /its 200 bytes are no NIfTI header, which has 348/,
    ],
    ["bad magic", "a.nii", broken((f) => f.write("abc", 344)), "bad-header", /does not begin as a NIfTI file does/],
    ["the other version's magic", "a.nii", twisted, "bad-header", /does not begin as a NIfTI file does/],
    ["empty file", "a.nii", new Uint8Array(0), "bad-header", /its 0 bytes are no NIfTI header/],
    [
      "truncated .gz",
      "a.nii.gz",
      packed.subarray(0, packed.length / 2),
      "truncated-file",
      /a\.nii\.gz: its gzip stream ends too early\. Copy it again/,
    ],
    ["flipped byte mid .gz", "a.nii.gz", flipped, "corrupt-data", /its gzip stream is damaged \(/],
    ["wrong checksum of a .gz", "a.nii.gz", badChecksum, "corrupt-data", /damaged \(incorrect data check\)/],
    ["gzip bomb", "a.nii.gz", bomb, "corrupt-data", /unpacks to more than the 448 bytes its header announces/],
    [
      "gzip of a header that announces more than it could hold",
      "a.nii.gz",
      gzipSync(broken((f) => f.writeInt16LE(32767, 42))),
      "truncated-file",
      /holds \d+ of the 1525 bytes its contents need/,
    ],
    [
      "gzip of dims of 32767³",
      "a.nii.gz",
      gzipSync(broken((f) => [42, 44, 46].forEach((at) => f.writeInt16LE(32767, at)))),
      "too-large",
      /its voxels take 140724603846652 bytes, more than the limit of 4294967296/,
    ],
    [
      "gzip of something else",
      "a.nii.gz",
      gzipSync(Buffer.alloc(1000)),
      "bad-header",
      /does not begin as a NIfTI file does/,
    ],
    [
      "half a pair",
      "alone.hdr",
      broken((f) => f.write("ni1", 344)),
      "not-found",
      /alone\.hdr: is half of a pair, and there is no .*alone\.img/,
    ],
  ];
  for (const [what, file, bytes, code, message] of cases) {
    it(what, async () => {
      const path = await put(file, bytes);
      await assert.rejects(readNifti(path), (error: Error & { code: string }) => {
        assert.match(error.message, message);
        assert.deepEqual([error.code, error.message.includes("\n")], [code, false]);
        return true;
      });
    });
  }

  it("a hostile extension, which sends the header parser round for ever, is not looked at", async () => {
    const file = Buffer.concat([good().subarray(0, 352), Buffer.alloc(16), good().subarray(352)]);
    file.writeFloatLE(368, 108);
    file[348] = 1;
    file.writeInt32LE(-16, 352);
    assert.equal((await readNifti(await put("extension.nii", file))).data[23], 23);
  });

  it("a missing file", async () => {
    await assert.rejects(readNifti(join(folder, "none.nii")), /none\.nii: there is no such file\. Check the path\./);
    await assert.rejects(readNifti(join(folder, "none.img")), /there is no .*none\.hdr/);
  });
});

describe("readNifti", () => {
  it("reads a .hdr/.img pair by either name, also packed", async () => {
    const header = broken((f) => {
      f.write("ni1", 344);
      f.writeFloatLE(0, 108);
    }).subarray(0, 348);
    const path = await put("pair.hdr", header);
    const image = await put("pair.img", good().subarray(352));
    assert.equal((await readNifti(path)).data[23], 23);
    assert.equal((await readNifti(image)).data[23], 23);
    const packed = await put("packed.img.gz", gzipSync(good().subarray(352)));
    await put("packed.hdr.gz", gzipSync(header));
    assert.equal((await readNifti(packed)).data[23], 23);
    await put("pair.img", good().subarray(352, 400));
    await assert.rejects(readNifti(path), /pair\.img: holds 48 of the 96 bytes the header .*pair\.hdr announces/);
  });

  it("tolerates padding behind the voxels, plain or packed, and gzip of several members", async () => {
    const padded = Buffer.concat([good(), Buffer.alloc(512)]);
    assert.equal((await readNifti(await put("padded.nii", padded))).data.length, 24);
    assert.equal((await readNifti(await put("padded.nii.gz", gzipSync(padded)))).data.length, 24);
    const members = Buffer.concat([gzipSync(good().subarray(0, 100)), gzipSync(good().subarray(100))]);
    assert.equal((await readNifti(await put("members.nii.gz", members))).data[23], 23);
  });

  it("gives voxels in mm whatever the header's unit, and says when pixdim and sform differ", async () => {
    const inMicrons = broken((f) => (f[123] = 3));
    assert.deepEqual((await readNiftiHeader(await put("um.nii", inMicrons))).spacingMm, [0.001, 0.001, 0.001]);
    const differing = broken((f) => f.writeFloatLE(5, 80));
    const { spacingMm, warnings } = await readNiftiHeader(await put("differ.nii", differing));
    assert.deepEqual(spacingMm, [1, 1, 1]);
    assert.deepEqual(warnings, ["pixdim says voxels of 5 × 1 × 1, the sform 1 × 1 × 1; spacingMm is 1 × 1 × 1"]);
  });

  it("scales into float32 where that loses nothing that was stored, or leaves the stored numbers", async () => {
    const scaled = Buffer.from(encodeNifti({ data: Int16Array.of(-3, 5), shape: [2] }));
    scaled.writeFloatLE(0.5, 112);
    scaled.writeFloatLE(10, 116);
    const path = await put("scaled.nii", scaled);
    assert.deepEqual((await readNifti(path)).data, Float32Array.of(8.5, 12.5));
    assert.deepEqual((await readNifti(path, { precision: "float64" })).data, Float64Array.of(8.5, 12.5));
    assert.deepEqual((await readNifti(path, { values: "stored" })).data, Int16Array.of(-3, 5));
  });

  it("takes no more than the caller's limit", async () => {
    await assert.rejects(readNifti(await put("a.nii", good()), { maxBytes: 90 }), { code: "too-large" });
    await assert.rejects(readNifti(await put("a.nii.gz", gzipSync(good())), { maxBytes: 200 }), { code: "too-large" });
  });
});
