import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rowMajor } from "./row-major.js";

describe("rowMajor", () => {
  it("of 2 × 3 by hand, and every index of 2 × 3 × 1 × 4", () => {
    assert.deepEqual(rowMajor(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]), Uint8Array.of(1, 3, 5, 2, 4, 6));
    const ordered = rowMajor(Float32Array.from({ length: 24 }, (_, i) => i), [2, 3, 1, 4]); // prettier-ignore
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) {
        for (let l = 0; l < 4; l++) assert.equal(ordered[(i * 3 + j) * 4 + l], i + 2 * (j + 3 * l));
      }
    }
  });

  it("leaves its input as it was, also a Buffer", () => {
    const input = Buffer.from([1, 2, 3, 4]);
    assert.deepEqual([...rowMajor(input, [2, 2])], [1, 3, 2, 4]);
    assert.deepEqual([...input], [1, 2, 3, 4]);
    assert.equal(rowMajor(input, [4, 1]).length, 4);
    assert.equal(rowMajor(new Int8Array(0), [0, 2]).length, 0);
  });
});
