import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../engine/index.js";
import { interpolate, interpolationMatrix } from "./interpolate.js";

let engine: Engine;
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
});
after(() => engine.close());

describe("interpolate", () => {
  const resized = async (mode: "nearest" | "bilinear"): Promise<number[]> => {
    const { tf } = engine;
    return [...(await interpolate(tf, tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), 4, 4, mode).data())];
  };

  it("gives the worked values (AESPA spec §10, vector 14)", async () => {
    assert.deepEqual(await resized("nearest"), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
    assert.deepEqual((await resized("bilinear")).slice(0, 4), [1, 1.25, 1.75, 2]);
  });

  it("treats items and channels alone", async () => {
    const { tf } = engine;
    const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70, 8, 80], [2, 2, 2, 2]);
    const y = await interpolate(tf, x, 2, 4, "bilinear").data();
    assert.deepEqual([...y.subarray(0, 8)], [1, 10, 1.25, 12.5, 1.75, 17.5, 2, 20]);
    assert.deepEqual([...y.subarray(24)], [7, 70, 7.25, 72.5, 7.75, 77.5, 8, 80]);
  });

  it("has rows that sum to 1, and keeps a size that does not change", () => {
    for (const mode of ["nearest", "bilinear", "bicubic"] as const) {
      for (const [from, to] of [[64, 8], [5, 6], [3, 7], [1, 4]]) {
        const matrix = interpolationMatrix(from, to, mode);
        for (let row = 0; row < to; row++) {
          const sum = matrix.slice(row * from, (row + 1) * from).reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(sum - 1) < 1e-6);
        }
      }
      assert.deepEqual([...interpolationMatrix(2, 2, mode)].map((x) => x + 0), [1, 0, 0, 1]);
    }
  });
});
