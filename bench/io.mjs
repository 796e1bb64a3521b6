// npm run bench -- io [--runs N]
// Times reading of a 240 × 240 × 155 volume (plain, packed, scaled) and PNG coding: ours, the npm packages underneath, and
// nibabel and Pillow beside them (bench/peers/io.py).
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as fastPng from "fast-png";
import * as niftiReader from "nifti-reader-js";
import { seededRandom } from "../dist/core/index.js";
import { decodePng, encodePng, readNifti, writeNifti } from "../dist/io/index.js";

const { values: options } = parseArgs({ options: { runs: { type: "string", default: "7" } } });
const runs = Number(options.runs);
const shape = [240, 240, 155];
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

/** A ball of smooth tissue with noise in an empty box: about a third of the voxels, as in a skull-stripped brain. */
function phantom() {
  const random = seededRandom(1).stream("phantom");
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (let k = 0, at = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[0]; i++, at++) {
        const inside = ((i - 120) / 85) ** 2 + ((j - 120) / 100) ** 2 + ((k - 77) / 65) ** 2 < 1;
        if (inside) data[at] = Math.round(400 + 150 * Math.sin(i / 17) * Math.cos(j / 23 + k / 31) + 40 * random.uniform(-1, 1));
      }
    }
  }
  return data;
}

async function time(work) {
  await work();
  const times = [];
  let result;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    result = await work();
    times.push(performance.now() - started);
  }
  return { ms: median(times), result };
}

const sum = (data) => data.reduce((total, value) => total + value, 0);

async function throughNiftiReader(path) {
  const bytes = await readFile(path);
  let buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  if (niftiReader.isCompressed(buffer)) buffer = niftiReader.decompress(buffer);
  return new Float32Array(niftiReader.readImage(niftiReader.readHeader(buffer), buffer));
}

const folder = await mkdtemp(join(tmpdir(), "folio-bench-io-"));
try {
  const data = phantom();
  const plain = join(folder, "volume.nii");
  const packed = join(folder, "volume.nii.gz");
  const scaled = join(folder, "scaled.nii");
  const picture = join(folder, "picture.png");
  await writeNifti(plain, { data, shape });
  await writeNifti(packed, { data, shape });
  await writeNifti(scaled, { data: Int16Array.from(data), shape });
  const bytes = await readFile(scaled);
  bytes.writeFloatLE(0.5, 112); // scl_slope
  bytes.writeFloatLE(3, 116);
  await writeFile(scaled, bytes);
  const side = 1024;
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => 128 + 80 * Math.sin(i / 900) + 40 * Math.cos(i / side / 60) + (i % 7));
  const image = { width: side, height: side, channels: 3, data: pixels };
  await writeFile(picture, encodePng(image));
  const coded = await readFile(picture);

  const rows = [
    ["read volume.nii.gz", await time(() => readNifti(packed)), "nifti-reader-js", await time(() => throughNiftiReader(packed))],
    ["read volume.nii", await time(() => readNifti(plain)), "nifti-reader-js", await time(() => throughNiftiReader(plain))],
    ["read scaled.nii (int16 → float32)", await time(() => readNifti(scaled))],
    ["decode picture.png", await time(() => decodePng(coded)), "fast-png", await time(() => fastPng.decode(coded))],
    ["encode picture.png", await time(() => encodePng(image)), "fast-png", await time(() => fastPng.encode(image))],
  ];
  const mebibytes = async (path) => ((await stat(path)).size / 2 ** 20).toFixed(1);
  console.log(`volume ${shape.join(" × ")} float32: ${await mebibytes(plain)} MiB, packed ${await mebibytes(packed)} MiB; picture ${side} × ${side} RGB`);
  console.log(`encoded picture: ours ${coded.length} bytes, fast-png ${fastPng.encode(image).length} bytes`);

  const python = process.env.FOLIO_PYTHON ?? "python3";
  const script = join(import.meta.dirname, "peers", "io.py");
  const peer = spawnSync(python, [script, String(runs), packed, plain, scaled, picture], { encoding: "utf8" });
  const theirs = peer.status === 0 ? JSON.parse(peer.stdout) : undefined;
  for (const [index, [name, ours, other, others]] of rows.entries()) {
    const cells = [`ours ${ours.ms.toFixed(1)} ms`];
    if (others) cells.push(`${other} ${others.ms.toFixed(1)} ms (ours ${(ours.ms / others.ms).toFixed(2)}×)`);
    if (theirs) cells.push(`${theirs[index].name} ${theirs[index].ms.toFixed(1)} ms (ours ${(ours.ms / theirs[index].ms).toFixed(2)}×)`);
    if (theirs?.[index].sum !== undefined && ours.result.data !== undefined) {
      const difference = Math.abs(sum(ours.result.data) - theirs[index].sum) / theirs[index].sum;
      cells.push(difference < 1e-6 ? "same sum" : `SUMS DIFFER by ${difference}`);
    }
    console.log(`  ${name.padEnd(34)} ${cells.join("   ")}`);
  }
  if (theirs) console.log(`peers: ${theirs[0].version}, ${theirs.at(-1).version}`);
  else {
    const why = peer.error?.message ?? peer.stderr.trim().split("\n").at(-1);
    console.log(`\nnibabel and Pillow were NOT measured: ${why}. Install tests/golden/requirements.txt and name that Python in FOLIO_PYTHON.`);
  }
} finally {
  await rm(folder, { recursive: true });
}
