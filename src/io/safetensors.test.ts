import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { openSafetensors, readSafetensors } from "./safetensors.js";
import { encodeSafetensors, streamSafetensors, writeSafetensors } from "./safetensors-write.js";

interface Golden {
  readonly safetensors: string;
  readonly tensors: {
    readonly file: string;
    readonly expected: Record<string, { dtype: string; shape: number[]; values: string[] }>;
  };
}

/** From the reference package: tests/golden/arrays.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "arrays.json"), "utf8")) as Golden;
const original = Buffer.from(golden.tensors.file, "base64");

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-safetensors-"));
});
after(() => rm(folder, { recursive: true }));

async function put(bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, "a.safetensors"), bytes);
  return join(folder, "a.safetensors");
}

const file = (header: string, data = 0, length = Buffer.byteLength(header)): Buffer => {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([start, Buffer.from(header), Buffer.alloc(data)]);
};
const tensor = (name: string, dtype: string, shape: number[], begin: number, end: number): string =>
  `"${name}":{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;

describe(`safetensors ${golden.safetensors}`, () => {
  it("reads what the reference wrote", async () => {
    const { tensors, metadata } = await readSafetensors(await put(original));
    assert.deepEqual([...metadata], [["step", "12"]]);
    assert.deepEqual([...tensors.keys()].sort(), Object.keys(golden.tensors.expected).sort());
    for (const [name, { dtype, shape, values }] of Object.entries(golden.tensors.expected)) {
      const read = tensors.get(name)!;
      const numbers = [...read.data].map((value) => (typeof value === "bigint" ? value : Number(value)));
      const expected = values.map((value) => (dtype === "int64" ? BigInt(value) : Number(value.replace("inf", "Infinity"))));
      assert.deepEqual([read.dtype, read.shape, numbers], [dtype, shape, expected], name);
    }
  });

  it("writes it again byte for byte", async () => {
    const { tensors } = await readSafetensors(await put(original));
    assert.ok(Buffer.from(encodeSafetensors(tensors, { step: "12" })).equals(original));
  });

  it("reads one tensor and leaves the rest", async () => {
    const opened = await openSafetensors(await put(original));
    assert.deepEqual((await opened.read("bias")).data, Float32Array.of(0.1, -1));
    await assert.rejects(opened.read("biases"), /a\.safetensors: has no tensor "biases"\. It has 9: /);
    await assert.rejects(
      (await openSafetensors(join(folder, "a.safetensors"), { maxBytes: 7 })).read("bias"),
      /"bias" takes 8 bytes, more than the limit of 7/,
    );
  });

  it("reads a tensor that lies behind 5 GB of others, from a file with a hole in their place", async () => {
    const path = join(folder, "large.safetensors");
    const many = 1_250_000_000;
    const places = { far: { dtype: "F32", shape: [2], data_offsets: [4 * many, 4 * many + 8] }, large: { dtype: "F32", shape: [many], data_offsets: [0, 4 * many] } };
    const header = Buffer.from(JSON.stringify(places));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const file = await open(path, "w");
    await file.write(Buffer.concat([length, header]), 0, undefined, 0);
    await file.write(Buffer.from(Float32Array.of(1.5, -2).buffer), 0, undefined, 8 + header.length + 4 * many);
    await file.close();
    const { tensors, read } = await openSafetensors(path);
    assert.deepEqual(tensors.map(({ bytes }) => bytes).sort((a, b) => a - b), [8, 4 * many]);
    assert.deepEqual([...(await read("far")).data], [1.5, -2]);
    await assert.rejects(read("large"), { code: "too-large" }); // before memory is taken
    await rm(path);
  });

  it("streams tensors one at a time to the same bytes, and leaves nothing behind when one cannot be read", async () => {
    const { tensors } = await readSafetensors(await put(original));
    const places = [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
    const path = join(folder, "streamed.safetensors");
    let held = 0;
    await streamSafetensors(path, places, async (name) => {
      assert.equal(++held, 1, "one at a time");
      await Promise.resolve();
      held--;
      return tensors.get(name)!;
    }, { step: "12" }); // prettier-ignore
    assert.ok(readFileSync(path).equals(original));
    const other = join(folder, "other.safetensors");
    await assert.rejects(streamSafetensors(other, places, async () => ({ data: [1], shape: [1] })), /expected shape/);
    assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith("other")), []);
  });

  it("writes a file from plain arrays, and refuses what does not fit", async () => {
    const path = join(folder, "b.safetensors");
    await writeSafetensors(path, {
      a: { data: [1, 2], shape: [2] },
      h: { data: Float32Array.of(0.5), shape: [1, 1], dtype: "bfloat16" },
    });
    const { tensors } = await readSafetensors(path);
    assert.deepEqual([tensors.get("a")?.data, tensors.get("h")?.data], [Float32Array.of(1, 2), Float32Array.of(0.5)]);
    assert.throws(
      () => encodeSafetensors({ a: { data: [1], shape: [2] } }),
      /writeSafetensors: a: expected shape \[2\] but got \[1\]/,
    );
    assert.throws(
      () => encodeSafetensors({ __metadata__: { data: [1], shape: [1] } }),
      /no tensor may be named __metadata__/,
    );
  });
});

describe("openSafetensors says what is wrong", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /a\.safetensors: holds 0 of the 8 bytes a safetensors file begins with/],
    ["a giant header", file("{}", 0, 2 ** 40), /announces a header of 1099511627776 bytes; 2 to 100000000 are allowed/],
    ["cut in the header", file("{}", 0, 100), /holds 10 of the 108 bytes/],
    ["cut in the data", original.subarray(0, -1), /bytes its header announces\. Copy it again/],
    ["bytes behind the data", Buffer.concat([original, Buffer.alloc(3)]), /holds 3 bytes behind its last tensor/],
    ["no JSON", file("{abc}"), /header is not JSON/],
    ["no JSON object", file("[1]"), /header is not JSON \(it does not begin with \{\)/],
    ["an unknown type", file(`{${tensor("a", "F8_E4M3", [1], 0, 1)}}`, 1), /tensor "a" is stored as F8_E4M3/],
    [
      "an inherited name as type",
      file(`{${tensor("a", "constructor", [1], 0, 1)}}`, 1),
      /tensor "a" is stored as constructor/,
    ],
    [
      "a shape that does not fit",
      file(`{${tensor("a", "F32", [2], 0, 4)}}`, 4),
      /"a" has 4 bytes, but F32 of shape \[2\] takes 8/,
    ],
    ["a negative size", file(`{${tensor("a", "F32", [-1], 0, 4)}}`, 4), /no shape of whole numbers/],
    ["a shape beyond counting", file(`{${tensor("a", "F32", [2 ** 40, 2 ** 40], 0, 4)}}`, 4), /takes 4\.8\d+e\+24/],
    ["offsets the wrong way", file(`{${tensor("a", "U8", [1], 1, 0)}}`, 1), /no data_offsets \[begin, end\]/],
    [
      "a gap",
      file(`{${tensor("a", "U8", [1], 0, 1)},${tensor("b", "U8", [1], 2, 3)}}`, 3),
      /"b" begins at byte \d+, but the one before ends at/,
    ],
    ["an overlap", file(`{${tensor("a", "U8", [2], 0, 2)},${tensor("b", "U8", [2], 1, 3)}}`, 3), /"b" begins at byte/],
    ["one name twice", file(`{${tensor("a", "U8", [1], 0, 1)},${tensor("a", "U8", [1], 1, 2)}}`, 2), /"a" begins at byte/],
    ["metadata that is no text", file('{"__metadata__":{"a":1}}'), /metadata "a" is not text/],
    ["a tensor that is no object", file('{"a":1}'), /tensor "a" is not a JSON object/],
  ];
  for (const [what, bytes, message] of cases) {
    it(what, async () => assert.rejects(openSafetensors(await put(bytes)), { name: "BadFile", message }));
  }
});
