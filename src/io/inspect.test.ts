import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { describeInspection } from "./describe.js";
import { inspectFile } from "./inspect.js";
import { writeJpeg } from "./jpeg.js";
import { encodeNifti } from "./nifti-write.js";
import { encodeNpy } from "./npy.js";
import { encodePng } from "./png-encode.js";
import { encodeSafetensors } from "./safetensors-write.js";
import { encodeWav } from "./wav.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-inspect-"));
});
after(() => rm(folder, { recursive: true }));

async function put(name: string, contents: Uint8Array | string): Promise<string> {
  await writeFile(join(folder, name), contents);
  return join(folder, name);
}

/** Title and facts as they are printed. */
async function printed(name: string, contents: Uint8Array | string): Promise<string[]> {
  const { title, facts } = describeInspection(await inspectFile(await put(name, contents)));
  return [title, ...facts.map(([label, lines]) => `${label}: ${lines.join(" | ")}`)];
}

const volume = encodeNifti({ data: Float32Array.of(1, NaN, 3, 8), shape: [2, 2], spacingMm: [0.5, 0.5, 3] });

describe("inspectFile", () => {
  it("NIfTI", async () => {
    assert.deepEqual(await printed("a.nii.gz", gzipSync(volume)), [
      `a.nii.gz: NIfTI-1 image, gzip, ${gzipSync(volume).length} bytes`,
      "shape: 2 × 2",
      "dtype: float32",
      "spacing: 0.5 × 0.5 × 3 mm",
      "orientation: RAS (from the sform)",
      "affine: 0.5    0  0  0 |   0  0.5  0  0 |   0    0  3  0 |   0    0  0  1",
      "values: min 1, max 8, mean 4",
      "not finite: 1 NaN, 0 infinite; left out of the numbers above",
    ]);
  });

  it("scaled NIfTI, by the values and not by the stored numbers", async () => {
    const scaled = Buffer.from(encodeNifti({ data: Int16Array.of(-4, 10), shape: [2] }));
    scaled.writeFloatLE(-2, 112);
    scaled.writeFloatLE(1, 116);
    const inspection = await inspectFile(await put("scaled.nii", scaled));
    assert.ok(inspection.type === "nifti");
    assert.deepEqual([inspection.min, inspection.max, inspection.mean, inspection.dtype], [-19, 9, -5, "int16"]);
  });

  it("WAV", async () => {
    assert.deepEqual(
      await printed(
        "a.wav",
        encodeWav({
          sampleRate: 8000,
          channels: [
            [0.5, -0.5, 0.5, -1],
            [0, 0, 0, 0],
          ],
        }),
      ),
      [
        "a.wav: WAV recording, 60 bytes",
        "rate: 8000 Hz",
        "channels: 2",
        "length: 0.0005 s, 4 frames",
        "format: pcm16",
        "peak: 1 (0.0 dB) | channel 1: 1 (0.0 dB) | channel 2: 0 (silence)",
        "RMS: 0.467707 (-6.6 dB) | channel 1: 0.661438 (-3.6 dB) | channel 2: 0 (silence)",
      ],
    );
  });

  it("PNG", async () => {
    const image = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(0, 10, 20, 2, 12, 255) };
    assert.deepEqual((await printed("a.png", encodePng(image))).slice(1), [
      "size: 2 × 1 pixels",
      "depth: 8 bits a sample",
      "colour: rgb",
      "channels: red    min 0, max 2, mean 1 | green  min 10, max 12, mean 11 | blue   min 20, max 255, mean 137.5",
    ]);
  });

  it("JPEG", async () => {
    const path = join(folder, "a.jpg");
    await writeJpeg(path, { width: 16, height: 8, channels: 3, data: new Uint8Array(16 * 8 * 3).fill(77) });
    const { facts } = describeInspection(await inspectFile(path));
    assert.deepEqual(facts[0], ["size", ["16 × 8 pixels"]]);
    assert.deepEqual(facts[1], [
      "channels",
      ["red", "green", "blue"].map((name) => `${name.padEnd(5)}  min 77, max 77, mean 77`),
    ]);
  });

  it("CSV, with what each column can be read as", async () => {
    const table = "id,score,ok,note,none\n1,0.5,true,a,\n2,,False,b,\n-3,1e2,true,a,\n";
    assert.deepEqual(await printed("a.csv", table), [
      "a.csv: table, CSV, 63 bytes",
      "rows: 3",
      [
        "columns: 5",
        "id     integer  min -3, max 2, mean 0",
        "score  number   min 0.5, max 100, mean 50.25, 1 missing",
        "ok     boolean  2 distinct",
        "note   text     2 distinct",
        "none   empty    0 distinct, 3 missing",
      ].join(" | "),
    ]);
    const semicolons = await inspectFile(await put("b.csv", "a;b\n1,5;2\n"));
    assert.ok(semicolons.type === "csv");
    assert.deepEqual([semicolons.delimiter, semicolons.columns.length], [";", 2]);
  });

  it("NPY and safetensors", async () => {
    assert.deepEqual(await printed("a.npy", encodeNpy({ data: Int16Array.of(1, 2, 3, 6), shape: [2, 2] })), [
      "a.npy: NumPy array, 136 bytes",
      "shape: 2 × 2",
      "dtype: int16",
      "order: C, the last axis runs fastest",
      "values: min 1, max 6, mean 3",
    ]);
    const tensors = { "w.0": { data: new Float32Array(6), shape: [2, 3] }, b: { data: [1], shape: [] } };
    assert.deepEqual((await printed("a.safetensors", encodeSafetensors(tensors, { step: "9" }))).slice(1), [
      "parameters: 7",
      "tensors: 2 | b    float32  scalar | w.0  float32  2 × 3",
      "“step”: 9",
    ]);
  });

  it("goes by contents, and says so when the name differs", async () => {
    const inspection = await inspectFile(await put("wrong.png", volume));
    assert.deepEqual(
      [inspection.type, inspection.warnings],
      ["nifti", ["the name wrong.png says png, its contents are nifti"]],
    );
    assert.equal((await inspectFile(await put("noname", encodeWav({ sampleRate: 1, channels: [[0]] })))).type, "wav");
    assert.equal((await inspectFile(await put("table.txt", "a\tb\n1\t2\n"))).type, "csv");
  });

  const broken: [string, Uint8Array | string, RegExp][] = [
    ["cut.nii", volume.subarray(0, 200), /cut\.nii: its 200 bytes are no NIfTI header/],
    ["cut.nii.gz", gzipSync(volume).subarray(0, 12), /cut\.nii\.gz: /],
    [
      "cut.png",
      encodePng({ width: 9, height: 9, channels: 1, data: new Uint8Array(81) }).subarray(0, 5),
      /cut\.png: does not begin as a PNG/,
    ],
    ["empty.wav", "", /empty\.wav: is empty\. Copy it again/],
    ["text.nii", "hello", /text\.nii: its 5 bytes are no NIfTI header/],
    ["photo.png", "\xff\xd8\xff\xe0", /photo\.png: does not begin as a PNG file does/],
    [
      "notes.md",
      "# A heading\nand, text",
      /notes\.md: is of no known format\. NIfTI, WAV, PNG, JPEG, CSV, NPY, safetensors and PyTorch/,
    ],
    ["archive.npz", "PK\x03\x04", /archive\.npz: is a ZIP archive \(\.npz is such\)/],
    ["notes.txt.gz", gzipSync("text"), /notes\.txt\.gz: is a gzip archive/],
    ["ragged.csv", "a,b\n1\n", /ragged\.csv: line 2 has 1 values/],
  ];
  for (const [name, contents, message] of broken) {
    it(`says what is wrong with ${name}`, async () =>
      assert.rejects(inspectFile(await put(name, contents)), { name: "BadFile", message }));
  }

  it("names another well-known format", async () => {
    await assert.rejects(inspectFile(await put("a.gif", "GIF89a")), /a\.gif: is a GIF image\./);
    const dicom = Buffer.alloc(200);
    dicom.write("DICM", 128);
    await assert.rejects(inspectFile(await put("scan.dcm", dicom)), /scan\.dcm: is a DICOM file\./);
  });
});
