import assert from "node:assert/strict";
import { it } from "node:test";
import { cosineRate } from "./cosine.js";

it("falls as PyTorch's cosine schedule (PRS-Med spec §10, vector 8) and rises before", () => {
  const expected = [[0, 1e-4], [1, 9.939057e-5], [10, 5.05e-5], [19, 1.609427e-6]];
  for (const [epoch, rate] of expected) assert.ok(Math.abs(cosineRate(epoch, { total: 20, from: 1e-4, to: 1e-6 }) / rate - 1) < 1e-6);
  assert.equal(cosineRate(0, { total: 300, from: 2e-3, to: 0, warmup: 20 }), 1e-4);
  assert.ok(cosineRate(300, { total: 300, from: 2e-3, to: 0 }) < 1e-12);
});
