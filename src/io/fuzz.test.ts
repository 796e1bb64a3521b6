import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { crc32, gzipSync } from "node:zlib";
import { FolioError, seededRandom, type Random } from "../core/index.js";
import { describeInspection } from "./describe.js";
import { inspectFile } from "./inspect.js";
import { encodeJpeg } from "./jpeg.js";
import { encodeNifti } from "./nifti-write.js";
import { encodeNpy } from "./npy.js";
import { encodePng } from "./png-encode.js";
import { encodeSafetensors } from "./safetensors-write.js";
import { encodeWav } from "./wav.js";

const ramp = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i));
const volume = encodeNifti({ data: ramp, shape: [4, 5, 6], spacingMm: [2, 1.5, 3] });
const pixels = Uint8Array.from({ length: 15 * 8 * 3 }, (_, i) => i * 7);

/** Small valid files, one of every kind. */
const files: Readonly<Record<string, Uint8Array>> = {
  "a.nii": volume,
  "b.nii": encodeNifti({ data: new Uint8Array(40000), shape: [40000] }), // NIfTI-2
  "a.nii.gz": gzipSync(volume),
  "c.nii.gz": volume,
  "a.wav": encodeWav({ sampleRate: 8000, channels: [ramp, ramp] }),
  "f.wav": encodeWav({ sampleRate: 8000, channels: [ramp], format: "float64" }),
  "a.png": encodePng({ width: 15, height: 8, channels: 3, data: pixels }),
  "a.jpg": encodeJpeg({ width: 15, height: 8, channels: 3, data: pixels }),
  "a.csv": Buffer.from('id,note\n1,"a, ""b"""\n2,"c\nd"\n3.5,é\n'),
  "a.npy": encodeNpy({ data: ramp, shape: [4, 30] }),
  "a.safetensors": encodeSafetensors(
    { a: { data: ramp, shape: [2, 60] }, b: { data: [1], shape: [1], dtype: "float16" } },
    { step: "1" },
  ),
};

/** Makes the checksums right again, so that the damage gets past them. */
function withChecksums(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

/** What is done to a damaged file before it is read. */
const mended: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = { "a.png": withChecksums, "c.nii.gz": gzipSync };

/** Bytes that readers trip over: extremes of every width, and not-a-number. */
const nasty = [
  "00",
  "ff",
  "7f",
  "80",
  "ffff",
  "ff7f",
  "0080",
  "ffffffff",
  "ffffff7f",
  "00000080",
  "0000c07f",
  "0000807f",
  "ffffffffffffff7f",
];

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const out = Buffer.from(bytes);
  for (let change = random.integer(4); change >= 0; change--) {
    // Headers are where harm is done: half of the changes fall into the first 64 bytes.
    const at = random.integer(random.chance(0.5) ? Math.min(64, out.length) : out.length);
    if (random.chance(0.4)) out[at] ^= 1 << random.integer(8);
    else if (random.chance(0.7)) out.set(Buffer.from(random.pick(nasty), "hex").subarray(0, out.length - at), at);
    else out[at] = random.integer(256);
  }
  return random.chance(0.25) ? out.subarray(0, random.integer(out.length)) : out;
}

describe("whatever is done to a file, the answer is data or one line", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-fuzz-"));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [name, bytes] of Object.entries(files)) {
    it(name, async () => {
      const random = seededRandom(2026).stream("fuzz").stream(name);
      const path = join(folder, name);
      const before = process.memoryUsage().arrayBuffers;
      let [refused, slowest, largest] = [0, 0, 0];
      for (let trial = 0; trial < 250; trial++) {
        const bad = damaged(bytes, random);
        await writeFile(path, mended[name]?.(bad) ?? bad);
        const started = performance.now();
        try {
          const { facts } = describeInspection(await inspectFile(path));
          assert.ok(facts.every(([, lines]) => lines.length > 0));
        } catch (error) {
          assert.ok(error instanceof FolioError, `trial ${trial}: ${error instanceof Error ? error.stack : String(error)}`);
          assert.match(error.message, /^[^\n]{20,500}$/, `trial ${trial}`);
          refused++;
        }
        slowest = Math.max(slowest, performance.now() - started);
        largest = Math.max(largest, process.memoryUsage().arrayBuffers - before);
      }
      assert.ok(refused >= 25, `only ${refused} were refused: the damage is too mild to prove anything`);
      assert.ok(slowest < 5000, `the slowest took ${slowest} ms`);
      assert.ok(largest < 1e8, `one took ${largest} bytes`);
    });
  }
});
