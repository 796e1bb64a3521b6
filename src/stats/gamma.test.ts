import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fitGamma, gammaQuantile } from "./gamma.js";

describe("fitGamma and gammaQuantile", () => {
  // scipy 1.17.1: gamma.fit(x, floc=0), then gamma.ppf(0.9, shape, scale=scale). Its optimiser stops at about 1e-4.
  const cases: [values: number[], shape: number, scale: number, ninety: number][] = [
    [[1, 2, 3, 4], 4.265428, 0.5861076, 4.1220734],
    [[0.3, 5, 0.01, 2, 9, 0.7], 0.4837808, 5.8600909, 7.7223392],
    [[101, 99, 100.5, 98], 6969.4077, 0.014294615, 101.1573767],
  ];
  for (const [values, shape, scale, ninety] of cases) {
    it(`agree with scipy on ${values.join(", ")}`, () => {
      const fit = fitGamma(values);
      assert.ok(Math.abs(fit.shape / shape - 1) < 1e-5, `shape ${fit.shape}`);
      assert.ok(Math.abs(fit.scale / scale - 1) < 1e-5, `scale ${fit.scale}`);
      assert.ok(Math.abs(gammaQuantile(0.9, fit) / ninety - 1) < 1e-6, `quantile ${gammaQuantile(0.9, fit)}`);
    });
  }

  it("is the exponential distribution at shape 1", () => {
    assert.ok(Math.abs(gammaQuantile(0.5, { shape: 1, scale: 2 }) - 2 * Math.LN2) < 1e-12);
  });

  it("refuses values it has no distribution for", () => {
    assert.throws(() => fitGamma([1, 0]), /above 0, but got 0/);
    assert.throws(() => fitGamma([2, 2]), /must differ/);
    assert.throws(() => gammaQuantile(1, { shape: 1, scale: 1 }), /between 0 and 1/);
  });
});
