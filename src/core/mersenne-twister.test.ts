import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "./files.js";
import { numpyPermutation, pythonShuffle } from "./mersenne-twister.js";

const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/brats.json"), "utf8")) as { shuffles: { seed: number; n: number; python: number[]; numpy: number[] }[] };

describe("orders drawn as Python and NumPy draw them", () => {
  for (const { seed, n, python, numpy } of golden.shuffles) {
    const items = Array.from({ length: n }, (_, i) => i);
    it(`random.shuffle, seed ${seed}, ${n} items`, () => assert.deepEqual(pythonShuffle(items, seed), python));
    it(`RandomState.permutation, seed ${seed}, ${n} items`, () => assert.deepEqual(numpyPermutation(items, seed), numpy));
  }
  it("nothing and one thing", () => {
    assert.deepEqual(pythonShuffle([], 1), []);
    assert.deepEqual(numpyPermutation(["a"], 1), ["a"]);
  });
});
