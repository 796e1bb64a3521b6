import assert from "node:assert/strict";
import { it } from "node:test";
import { turned } from "./turn.js";

it("names the stored voxel behind a turned one", () => {
  const same = turned([4, 5, 6], "LPS", "LPS");
  assert.deepEqual([same.shape, same.at(1, 2, 3)], [[4, 5, 6], 1 + 4 * 2 + 20 * 3]);
  const half = turned([4, 5, 6], "RAS", "LPS");
  assert.deepEqual([half.shape, half.at(0, 0, 0), half.at(3, 4, 5)], [[4, 5, 6], 3 + 4 * 4, 20 * 5]);
  const sagittal = turned([6, 4, 5], "SRA", "LPS"); // stored: up, right, forward
  assert.deepEqual([sagittal.shape, sagittal.at(0, 0, 0), sagittal.at(1, 2, 3)], [[4, 5, 6], 6 * 3 + 24 * 4, 3 + 6 * 2 + 24 * 2]);
});

it("visits every voxel once", () => {
  const { shape: [a, b, c], at } = turned([2, 3, 4], "PIR", "LPS");
  const seen = new Set<number>();
  for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) seen.add(at(i, j, k));
  assert.deepEqual([...seen].sort((x, y) => x - y), [...Array(24).keys()]);
});

it("refuses axes without a direction", () => assert.throws(() => turned([2, 2, 2], "L?S", "LPS"), { code: "invalid-value", message: /L\?S/ }));
