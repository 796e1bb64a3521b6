import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeNifti, writeWav } from "../io/index.js";
import { captured } from "./captured.fixture.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-cli-inspect-"));
  await writeNifti(join(folder, "scan.nii.gz"), {
    data: Int16Array.of(1, 2, 3, 6),
    shape: [2, 2, 1],
    spacingMm: [1, 1, 2.5],
  });
  await writeWav(join(folder, "tone.wav"), { sampleRate: 16000, channels: [Float32Array.of(0.5, -0.25)] });
});
after(() => rm(folder, { recursive: true }));

const folio = (...args: string[]) => captured(args, { cwd: folder });

describe("folio inspect", () => {
  it("prints labels and values in two columns", async () => {
    const { code, out } = await folio("inspect", "scan.nii.gz");
    assert.equal(code, 0);
    assert.match(out, /^scan\.nii\.gz: NIfTI-1 image, gzip, \d+ bytes\n {2}shape {8}2 × 2 × 1\n {2}dtype {8}int16\n/);
    assert.match(out, /\n {2}affine {7}1 {2}0 {4}0 {2}0\n {15}0 {2}1 {4}0 {2}0\n/);
    assert.match(out, /\n {2}values {7}min 1, max 6, mean 3\n$/);
  });

  it("prints everything as JSON", async () => {
    const { code, out } = await folio("inspect", "scan.nii.gz", "--json");
    const { type, file, shape, dtype, spacingMm, affine, orientation, min, max, mean } = JSON.parse(out) as Record<
      string,
      unknown
    >;
    assert.equal(code, 0);
    assert.deepEqual(
      [type, file, shape, dtype, spacingMm, orientation],
      ["nifti", "scan.nii.gz", [2, 2, 1], "int16", [1, 1, 2.5], "RAS"],
    );
    assert.deepEqual([(affine as number[][]).map((row, i) => row[i]), min, max, mean], [[1, 1, 2.5, 1], 1, 6, 3]);
    const wav = JSON.parse((await folio("inspect", "tone.wav", "--json")).out) as Record<string, unknown>;
    assert.deepEqual([wav.sampleRate, wav.channels, wav.seconds, wav.peak], [16000, 1, 2 / 16000, 0.5]);
    assert.ok(Math.abs((wav.rms as number) - Math.sqrt((0.25 + 0.0625) / 2)) < 1e-12);
  });

  it("answers a missing file with one line and exit 1, a wrong call with exit 2", async () => {
    const missing = await folio("inspect", "none.nii", "--json");
    assert.deepEqual([missing.code, missing.out], [1, ""]);
    assert.match(missing.err, /^folio: .*none\.nii: there is no such file\. Check the path\.\n$/);
    for (const args of [["inspect"], ["inspect", "a", "b"], ["inspect", "a", "--nope"]]) {
      const { code, err } = await folio(...args);
      assert.equal(code, 2);
      assert.match(err, /^folio: [^\n]+\n$/);
    }
  });
});
