import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rescaled, statistics } from "./statistics.js";

describe("statistics", () => {
  it("of a case worked by hand, with what is not finite counted and left out", () => {
    assert.deepEqual(statistics(Float32Array.of(1, NaN, 7, -Infinity)), {
      min: 1,
      max: 7,
      mean: 4,
      rms: 5,
      nan: 1,
      infinite: 1,
    });
    assert.deepEqual(statistics(Float32Array.of(NaN)), { min: null, max: null, mean: null, rms: null, nan: 1, infinite: 0 });
    assert.equal(statistics(new Uint8Array(0)).mean, null);
    assert.equal(statistics(BigInt64Array.of(-4n, 2n)).mean, -1);
  });

  it("of one channel of interleaved numbers, over more than one block", () => {
    const data = Float32Array.from({ length: 30000 }, (_, i) => (i % 3 === 1 ? i : 1e9));
    assert.deepEqual(statistics(data, { from: 1, step: 3 }).mean, (1 + 29998) / 2);
    assert.equal(statistics(data, { from: 1, step: 3 }).max, 29998);
  });

  it("keeps a mean exact to the last digits over a million numbers", () => {
    assert.ok(Math.abs(statistics(new Float64Array(1_000_000).fill(0.1)).mean! - 0.1) < 1e-14);
  });

  it("of scaled numbers follow from those of the numbers", () => {
    const { min, max, mean, rms } = rescaled(statistics(Int16Array.of(1, 2, 6)), -0.5, 1);
    const direct = statistics(Float64Array.of(0.5, 0, -2));
    assert.deepEqual([min, max, mean], [direct.min, direct.max, direct.mean]);
    assert.ok(Math.abs(rms! - direct.rms!) < 1e-15);
  });
});
