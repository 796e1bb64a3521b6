import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { packageRoot } from "../core/index.js";
import { fromBfloat16, fromHalf, packBfloats, packHalves, toBfloat16, toHalf, unpackBfloats, unpackHalves } from "./half.js";
import { encodeNpy, parseNpy } from "./npy.js";

interface Golden {
  readonly numpy: string;
  readonly arrays: readonly {
    readonly name: string;
    readonly file: string;
    readonly shape: number[];
    readonly values: string[];
  }[];
  readonly refused: readonly { readonly name: string; readonly file: string }[];
}

/** From NumPy: tests/golden/arrays.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "arrays.json"), "utf8")) as Golden;
const python: Readonly<Record<string, string>> = { True: "1", False: "0", inf: "Infinity", "-inf": "-Infinity" };
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

describe(`readNpy reads what NumPy ${golden.numpy} wrote`, () => {
  for (const { name, file, shape, values } of golden.arrays) {
    it(name, () => {
      const { data, ...read } = parseNpy(bytesOf(file));
      assert.deepEqual(read.shape, shape);
      const expected = values.map((value) => python[value] ?? value);
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) assert.deepEqual([...data], expected.map(BigInt));
      else assert.deepEqual([...data], expected.map(Number));
    });
  }

  it("as Python 2 wrote it, with long integers", () => {
    const text = "{'descr': '<u1', 'fortran_order': False, 'shape': (2L,), }".padEnd(69) + "\n";
    const file = Buffer.concat([
      Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(70, 0)}${text}`, "latin1"),
      Uint8Array.of(5, 6),
    ]);
    assert.deepEqual(parseNpy(file).data, Uint8Array.of(5, 6));
  });

  it("and writes it again byte for byte", () => {
    const ours = golden.arrays.filter(({ name }) => !/>|Fortran|format/.test(name));
    assert.ok(ours.length > 12);
    for (const { file } of ours) {
      const { data, shape, dtype } = parseNpy(bytesOf(file));
      assert.equal(Buffer.from(encodeNpy({ data, shape, dtype })).toString("base64"), file);
    }
  });

  for (const { name, file } of golden.refused) {
    it(`refuses ${name}`, () => {
      const message =
        name === "objects"
          ? /^a\.npy: holds Python objects \(a pickle\), which are never read/
          : /a\.npy: (stores|holds records)/;
      assert.throws(() => parseNpy(bytesOf(file), "a.npy"), { code: "unsupported", message });
    });
  }
});

describe("readNpy says what is wrong", () => {
  const good = encodeNpy({ data: Float32Array.of(1, 2, 3), shape: [3] });
  const withHeader = (text: string, length = text.length): Uint8Array =>
    Buffer.concat([
      Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(length & 255, length >> 8)}${text}`, "latin1"),
      Buffer.alloc(64),
    ]);
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /a\.npy: does not begin as an NPY file does/],
    ["cut in the magic", good.subarray(0, 8), /holds 8 of the 10 bytes its header begins with/],
    ["cut in the header", good.subarray(0, 60), /holds 60 of the 128 bytes/],
    ["cut in the numbers", good.subarray(0, 139), /holds 139 of the 140 bytes its header announces\. Copy it again/],
    ["format 9", Uint8Array.of(...good.subarray(0, 6), 9, ...good.subarray(7)), /has format 9\.0; 1\.0 to 3\.0/],
    [
      "a giant header",
      Uint8Array.of(...good.subarray(0, 6), 2, 0, 255, 255, 255, 255),
      /announces a header of 4294967295 bytes; 10000 are allowed/,
    ],
    [
      "a giant shape",
      withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000, 4000000000), }"),
      /holds 151 of the 128000000000000000000 bytes/,
    ],
    [
      "a shape beyond counting",
      withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }"),
      /announces the shape/,
    ],
    ["a negative size", withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"), /is not \{'descr'/],
    [
      "code in the header",
      withHeader("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,), }"),
      /is not \{'descr'/,
    ],
    ["a missing key", withHeader("{'descr': '<f8', 'shape': (1,), }"), /is not \{'descr'/],
    ["no dictionary", withHeader("[]"), /is not \{'descr'/],
  ];
  for (const [what, bytes, message] of cases)
    it(what, () => assert.throws(() => parseNpy(bytes, "a.npy"), { name: "BadFile", message }));
});

describe("writeNpy", () => {
  it("refuses what does not fit", () => {
    assert.throws(() => encodeNpy({ data: [1, 2], shape: [3] }), /expected shape \[3\] but got \[2\]/);
    assert.throws(() => encodeNpy({ data: [1], shape: [1], dtype: "bfloat16" }), /NumPy has no such dtype/);
    assert.throws(
      () => encodeNpy({ data: [2], shape: [1], dtype: "bool" }),
      /bool cannot hold every number, index 0, but got 2/,
    );
  });

  it("takes a Buffer as the bytes it is", () => {
    assert.equal(parseNpy(encodeNpy({ data: Buffer.from([1, 2]), shape: [2] })).dtype, "uint8");
  });
});

describe("16-bit floats", () => {
  it("give back every bit pattern", () => {
    for (let half = 0; half < 65536; half++) {
      if (!Number.isNaN(fromHalf(half))) assert.equal(toHalf(fromHalf(half)), half);
      if (!Number.isNaN(fromBfloat16(half))) assert.equal(toBfloat16(fromBfloat16(half)), half);
    }
    assert.ok(Number.isNaN(fromHalf(toHalf(NaN))) && Number.isNaN(fromBfloat16(toBfloat16(NaN))));
  });

  it("are converted alike as arrays and one by one", () => {
    const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
    assert.deepEqual([...unpackHalves(patterns)], Array.from(patterns, fromHalf));
    assert.deepEqual([...unpackBfloats(patterns)], Array.from(patterns, fromBfloat16));
    const edges = [0, -0, NaN, Infinity, -Infinity, 65503.99, 65519.99, 65520, -65520, 2 ** -14, 2 ** -14 - 2 ** -30, 2 ** -24, 2 ** -25, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 3.4e38];
    const every = new Float32Array(Uint32Array.from({ length: 100_000 }, (_, i) => Math.imul(i, 42_949)).buffer);
    const values = Float32Array.of(...edges, ...every);
    assert.deepEqual([...packHalves(values)], Array.from(values, toHalf));
    assert.deepEqual([...packBfloats(values)], Array.from(values, toBfloat16));
  });

  it("are the nearest there are, ties to even", () => {
    const nearest = (to: (value: number) => number, from: (half: number) => number, value: number): void => {
      const half = to(value);
      const error = Math.abs(from(half) - value);
      for (const other of [half - 1, half + 1]) {
        const there = from(other & 0xffff);
        if (!Number.isFinite(there)) continue;
        assert.ok(
          error < Math.abs(there - value) || (error === Math.abs(there - value) && half % 2 === 0),
          `${value} became ${from(half)}`,
        );
      }
    };
    fc.assert(fc.property(fc.double({ min: -65000, max: 65000, noNaN: true }), (value) => nearest(toHalf, fromHalf, value)));
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-1e30), max: Math.fround(1e30), noNaN: true }), (value) =>
        nearest(toBfloat16, fromBfloat16, value),
      ),
      { numRuns: 300 },
    );
    assert.deepEqual(
      [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519.9, 65520, 2 ** -25].map(toHalf),
      [0x3c00, 0x3c02, 0x7bff, 0x7c00, 0],
    );
  });
});
