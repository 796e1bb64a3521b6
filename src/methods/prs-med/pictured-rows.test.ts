import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { heldSource } from "../../datasets/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { BpeTokenizer, disposeWeights, trainBpe } from "../../nn/index.js";
import { someCases, tinyConfig } from "./cases.fixture.js";
import { initPrsMed } from "./model.js";
import { picturedRows } from "./pictured-rows.js";

describe("rows with what training needs of their pictures", () => {
  let engine: Engine;
  const cases = someCases(8);
  const tokenizer: BpeTokenizer = trainBpe(["Where is it?"], { vocabulary: 270 });
  before(async () => void (engine = await openEngine()));
  after(() => engine.close());

  it("has the tower's tokens, kept or computed for the batch, and the other lesions of each picture", async () => {
    const config = { ...tinyConfig, training: { ...tinyConfig.training, contrastWeight: 1 } };
    const model = initPrsMed(engine.tf, config, tokenizer, 1);
    let reads = 0;
    const held = heldSource(cases);
    const source = { ...held, read: (at: readonly number[]) => (reads++, held.read(at)) };
    const [kept, anew] = [await picturedRows(engine.tf, model, source), await picturedRows(engine.tf, model, source, { most: 0 })];
    const first = cases.findIndex(({ kind }) => kind === "attr");
    const at = [first, 0, first + 1];
    const [one, other] = [await kept(at), await anew(at)];
    assert.ok(reads > 0 && one.tokens.length === 3 * 16 * 16);
    one.tokens.forEach((x, i) => assert.ok(Math.abs(x - other.tokens[i]) < 1e-5));
    assert.deepEqual(one.cases.map(({ id }) => id), at.map((row) => cases[row].id));
    assert.deepEqual(one.others[0], cases[first + 1].softMask);
    assert.deepEqual(one.others[2], cases[first].softMask);
    assert.equal(cases[0].kind, "single");
    assert.ok(one.others[1].every((x) => x === 0));
    disposeWeights(model.weights);
  });

  it("computes neither tokens nor other lesions for a model that reads nothing and has no contrast", async () => {
    const model = initPrsMed(engine.tf, { ...tinyConfig, form: { ...tinyConfig.form, conditioning: "none" } , training: { ...tinyConfig.training, contrastWeight: 0 } }, tokenizer, 1);
    const { tokens, others } = await (await picturedRows(engine.tf, model, heldSource(cases)))([0, 1]);
    assert.equal(tokens.length, 0);
    assert.ok(others.every((mask) => mask.every((x) => x === 0)));
    disposeWeights(model.weights);
  });
});
