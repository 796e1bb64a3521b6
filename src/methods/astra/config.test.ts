import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { astraConfig, patchesPerImage } from "./config.js";

describe("astraConfig", () => {
  it("gives the published patch grid at paper and nine patches at small", () => {
    assert.equal(patchesPerImage(astraConfig("paper")), 169);
    assert.equal(patchesPerImage(astraConfig("small")), 9);
  });

  it("changes single settings and leaves the preset alone", () => {
    assert.equal(astraConfig("small", { "scoring.clusters": 1 }).scoring.clusters, 1);
    assert.equal(astraConfig("small").scoring.clusters, 5);
  });

  it("refuses what does not exist or cannot work, in words", () => {
    assert.throws(() => astraConfig("huge" as "small"), /preset must be one of quick, small, paper, but got "huge"/);
    assert.throws(() => astraConfig("small", { "scoring.k": 3 }), /no setting scoring\.k; k is none of clusters/);
    assert.throws(() => astraConfig("small", { "training.batch": 1 }), /one clip alone has no negatives, but got 1/);
    assert.throws(
      () => astraConfig("small", { "scoring.covariance": "round" }),
      /one of lw, oas, empirical, diag, but got "round"/,
    );
    assert.throws(
      () => astraConfig("small", { "training.epochs": "ten" }),
      /training\.epochs must be a number like 116, but is "ten"/,
    );
  });
});
