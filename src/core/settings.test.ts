import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withSettings } from "./settings.js";

describe("withSettings", () => {
  const settings = { training: { epochs: 12, schedule: "halved" }, blocks: [1, 3] };

  it("changes one setting and leaves the rest and the original alone", () => {
    assert.deepEqual(withSettings(settings, { "training.epochs": 20, blocks: [2] }), { training: { epochs: 20, schedule: "halved" }, blocks: [2] });
    assert.equal(settings.training.epochs, 12);
  });

  it("lets a setting that is null, or takes several types, change its type", () => {
    const own = { targetKl: null, perView: "all", list: [1] };
    assert.deepEqual(withSettings(own, { targetKl: 0.02, perView: 9 }, ["perView"]), { targetKl: 0.02, perView: 9, list: [1] });
    assert.throws(() => withSettings(own, { perView: 9 }), /perView must be a string like "all", but is 9/);
    assert.throws(() => withSettings(own, { list: null }), /list must be a list like \[1\]/);
  });

  it("refuses what is not there, what is no single setting, and another type", () => {
    const refused = (path: string, value: unknown, message: RegExp) => assert.throws(() => withSettings(settings, { [path]: value }), { code: "usage", message });
    refused("training.epoch", 1, /no setting training\.epoch; epoch is none of epochs, schedule/);
    refused("training", 1, /training is no single setting/);
    refused("training.epochs.more", 1, /no single setting/);
    refused("training.epochs", "many", /must be a number like 12, but is "many"/);
    refused("blocks", 3, /must be a list/);
    refused("__proto__.x", 1, /no setting/);
  });
});
