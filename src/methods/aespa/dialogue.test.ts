import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../../engine/index.js";
import { ClickDialogue } from "./dialogue.js";
import { standings } from "./followed.js";
import { initAespa } from "./model.js";
import { everyRater, rollOut } from "./roll-out.js";
import { squares, tiny } from "./squares.fixture.js";
import { leastSure, suggestClick } from "./suggest.js";

describe("ClickDialogue", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine();
  });
  after(() => engine.close());

  it("shows what an evaluation's session shows, however often one goes back and forth, and leaves no tensors", async () => {
    const { tf } = engine;
    const model = initAespa(tf, tiny, 4);
    const [slice] = squares(1);
    const [, , session] = await rollOut(tf, model, everyRater([slice]), 1);
    const tensors = tf.memory().numTensors;
    const dialogue = await ClickDialogue.begin(tf, model, slice);
    const sees = (round: number): void => {
      assert.equal(dialogue.clicks.length, round);
      for (const [i, p] of dialogue.probability.entries()) assert.ok(Math.abs(p - session.rounds[round][i]) < 1e-5);
    };
    sees(0);
    await dialogue.click({ y: 1, x: 1, label: 0 }); // astray
    dialogue.undo();
    sees(0);
    await dialogue.click(session.clicks[0]);
    sees(1);
    assert.equal(dialogue.canRedo, false, "the undone click is forgotten");
    await dialogue.click(session.clicks[1]);
    sees(2);
    dialogue.undo();
    dialogue.undo();
    dialogue.undo();
    sees(0);
    dialogue.redo();
    sees(1);
    dialogue.redo();
    dialogue.redo();
    sees(2);
    assert.deepEqual([dialogue.canUndo, dialogue.canRedo, dialogue.rounds.length], [true, false, 3]);
    dialogue.clear();
    sees(0);
    assert.deepEqual([dialogue.canUndo, dialogue.canRedo], [false, false]);
    dialogue.dispose();
    assert.equal(tf.memory().numTensors, tensors);
    await assert.rejects(ClickDialogue.begin(tf, model, { ...slice, size: 32 }), { code: "invalid-value" });
  });
});

describe("standings", () => {
  const [cautious, generous] = [[1, 0, 0, 0], [1, 1, 1, 0]].map((mask) => Uint8Array.from(mask));

  it("tells whom the mask is like and for whom the clicks speak", () => {
    const [first, second] = standings(Uint8Array.of(1, 1, 0, 0), [cautious, generous], [{ at: 1, label: 1 }]);
    assert.ok(Math.abs(first.dice - 2 / 3) < 1e-12 && Math.abs(second.dice - 0.8) < 1e-12);
    assert.ok(Math.abs(first.iou - 1 / 2) < 1e-12);
    assert.deepEqual([first.agrees, second.agrees], [0, 1]);
    assert.ok(Math.abs(first.share - 0.1) < 1e-12 && Math.abs(second.share - 0.9) < 1e-12);
  });

  it("knows nothing before a click, and learns nothing from one on which all agree", () => {
    for (const clicks of [[], [{ at: 0, label: 1 as const }], [{ at: 3, label: 1 as const }]]) {
      assert.deepEqual(standings(cautious, [cautious, generous], clicks).map(({ share }) => share), [0.5, 0.5]);
    }
    const many = Array.from({ length: 400 }, () => ({ at: 1, label: 0 as const }));
    assert.deepEqual(standings(cautious, [cautious, generous], many).map(({ share }) => Math.round(share)), [1, 0]);
  });
});

describe("suggestClick", () => {
  it("points into the middle of the largest mistake, with the rater's label", () => {
    const wanted = Uint8Array.from({ length: 100 }, (_, i) => (Math.floor(i / 10) < 5 && i % 10 < 5 ? 1 : 0)); // 5×5 in the corner
    const nothing = new Uint8Array(100);
    assert.deepEqual(suggestClick(nothing, wanted, 10), { at: 22, label: 1 });
    const also = wanted.slice();
    also.set([1, 1], 87); // two stray pixels
    assert.deepEqual(suggestClick(also, wanted, 10), { at: 87, label: 0 });
    assert.equal(suggestClick(wanted, wanted, 10), undefined);
  });

  it("without raters, at the pixel nearest to one half", () => {
    assert.equal(leastSure([0.1, 0.9, 0.45, 0.7]), 2);
  });
});
