import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { smoothNoise, whiteNoise } from "./noise.js";

const moments = (values: Float64Array): [mean: number, deviation: number] => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)];
};

describe("noise", () => {
  it("white: mean 0, deviation 1, the same again from one seed", () => {
    const noise = whiteNoise(50_000, seededRandom(1));
    const [mean, deviation] = moments(noise);
    assert.ok(Math.abs(mean) < 0.02 && Math.abs(deviation - 1) < 0.02, `${mean} ${deviation}`);
    assert.deepEqual(noise, whiteNoise(50_000, seededRandom(1)));
    assert.ok(noise.filter((x) => Math.abs(x) > 2).length / noise.length < 0.05);
  });
  it("smooth: as strong as asked, and neighbours are alike", () => {
    const field = smoothNoise(64, 2, 9, seededRandom(2));
    assert.ok(Math.abs(Math.sqrt(field.reduce((sum, x) => sum + x * x, 0) / field.length) - 9) < 1e-9);
    const step = field.slice(1).reduce((sum, x, i) => sum + Math.abs(x - field[i]), 0) / field.length;
    assert.ok(step < 4, String(step));
  });
});
