import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { gaussianFilter } from "./gaussian.js";

const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/brats.json"), "utf8")) as { gaussian: { sigma: number; values: number[] }[] };

describe("gaussianFilter", () => {
  const image = Array.from({ length: 6 * 9 }, (_, i) => (i * 7) % 11);
  for (const { sigma, values } of golden.gaussian) {
    it(`is SciPy's with sigma ${sigma}, also where the filter is wider than the image`, () => {
      const own = gaussianFilter(image, 6, 9, sigma);
      for (const [i, value] of values.entries()) assert.ok(Math.abs(own[i] - value) < 1e-10, `[${i}] ${own[i]}, expected ${value}`);
    });
  }
  it("refuses what it cannot smooth", () => {
    assert.throws(() => gaussianFilter(image, 6, 9, 0), { code: "invalid-value" });
    assert.throws(() => gaussianFilter(image, 6, 8, 1), { code: "shape-mismatch" });
  });
});
