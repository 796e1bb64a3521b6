import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { openTorch } from "./torch.js";

let [folder, whole] = ["", Buffer.alloc(0)];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-zip-"));
  const golden = JSON.parse(await readFile(join(packageRoot, "tests", "golden", "torch_files.json"), "utf8")) as {
    cases: { name: string; file: string }[];
  };
  const saved = Buffer.from(golden.cases.find(({ name }) => name === "one tensor, zip")!.file, "base64");
  const end = saved.lastIndexOf("PK\x05\x06", undefined, "latin1");
  whole = Buffer.concat([saved.subarray(0, end - 76), saved.subarray(end)]); // PyTorch always adds a ZIP64 directory
});
after(() => rm(folder, { recursive: true }));

/** Where the record that ends a ZIP file begins, and where the directory does. */
const ends = (): { end: number; directory: number } => {
  const end = whole.lastIndexOf("PK\x05\x06", undefined, "latin1");
  return { end, directory: whole.readUInt32LE(end + 16) };
};

async function numbersOf(bytes: Uint8Array): Promise<number[]> {
  const path = join(folder, "a.pt");
  await writeFile(path, bytes);
  const { data } = await (await openTorch(path)).read("");
  return [...(data as Float32Array)];
}

/** The file with a number of its ending record or its directory changed. */
function changed(change: (bytes: Buffer, at: { end: number; directory: number }) => void): Buffer {
  const bytes = Buffer.from(whole);
  change(bytes, ends());
  return bytes;
}

/** The same file with a ZIP64 directory, whose numbers are too large for the old record to hold. */
function zip64(place: (directory: number) => bigint = BigInt): Buffer {
  const { end, directory } = ends();
  const [wide, locator, last] = [Buffer.alloc(56), Buffer.alloc(20), Buffer.from(whole.subarray(end))];
  wide.write("PK\x06\x06", "latin1");
  wide.writeBigUInt64LE(44n, 4);
  for (const at of [24, 32]) wide.writeBigUInt64LE(BigInt(whole.readUInt16LE(end + 10)), at);
  wide.writeBigUInt64LE(BigInt(whole.readUInt32LE(end + 12)), 40);
  wide.writeBigUInt64LE(place(directory), 48);
  locator.write("PK\x06\x07", "latin1");
  locator.writeBigUInt64LE(BigInt(end), 8);
  locator.writeUInt32LE(1, 16);
  last.fill(0xff, 8, 20);
  return Buffer.concat([whole.subarray(0, end), wide, locator, last]);
}

describe("the directory of a torch file", () => {
  it("is found behind a comment, and as ZIP64", async () => {
    const comment = changed((bytes, { end }) => bytes.writeUInt16LE(3, end + 20));
    assert.deepEqual(await numbersOf(Buffer.concat([comment, Buffer.from("abc")])), [1, 2]);
    assert.deepEqual(await numbersOf(zip64()), [1, 2]);
  });

  const broken: readonly (readonly [string, () => Buffer, RegExp])[] = [
    ["cut short", () => whole.subarray(0, whole.length - 30), /has no ZIP directory at its end/],
    ["more entries than it has", () => changed((b, { end }) => b.writeUInt16LE(9, end + 10)), /ZIP directory/],
    ["a directory behind the end", () => changed((b, { end }) => b.writeUInt32LE(1e9, end + 16)), /ZIP directory that does not fit/],
    ["a directory of 4 GB", () => changed((b, { end }) => b.writeUInt32LE(0xfffffff0, end + 12)), /has a ZIP directory of 4294967280 bytes/],
    ["a ZIP64 directory far away", () => zip64(() => 2n ** 63n), /speaks of byte 9223372036854775808/],
    ["a packed entry", () => changed((b, { directory }) => b.writeUInt16LE(8, directory + 10)), /compressed or encrypted/],
    ["an encrypted entry", () => changed((b, { directory }) => b.writeUInt16LE(1, directory + 8)), /compressed or encrypted/],
    ["an entry of two sizes", () => changed((b, { directory }) => b.writeUInt32LE(7, directory + 20)), /with two sizes/],
    ["an entry that ends behind the directory", () => changed((b, { directory }) => b.fill(0x7f, directory + 20, directory + 28)), /needs/],
    ["an entry where none is", () => changed((b, { directory }) => b.writeUInt32LE(1, directory + 42)), /has no ZIP entry where/],
  ];
  for (const [name, make, message] of broken) {
    it(`is refused with ${name}`, async () => {
      await assert.rejects(numbersOf(make()), { name: "BadFile", message });
    });
  }
});
