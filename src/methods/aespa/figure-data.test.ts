import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { artifact, type ResultRecord } from "../../results/index.js";
import { aespaArtifacts } from "./figure-data.js";
import { everyRater } from "./roll-out.js";
import { squares } from "./squares.fixture.js";
import type { PlayedSession } from "./roll-out.js";
import type { PlayedSpaSession } from "./spa-roll-out.js";

/** Slices that go well, so-so and badly for everybody: the masks of rounds 0 and 1 are nothing and a part of the truth. */
function played(): PlayedSession[] {
  return squares(3).flatMap((slice, i) => everyRater([slice]).map((session) => {
    const truth = slice.raters[session.rater];
    const part = Float32Array.from(truth, (pixel, at) => (pixel && at % (3 - i) === 0 ? 1 : 0));
    const at = truth.indexOf(1);
    return { ...session, clicks: [{ y: Math.floor(at / 16), x: at % 16, label: 1 as const }], rounds: [new Float32Array(256), part] };
  }));
}

describe("aespaArtifacts", () => {
  it("are of the slice in the middle, cut to what the raters marked, one frame a round", () => {
    const artifacts = aespaArtifacts(played(), [{ epoch: 1, loss: 0.4, learningRate: 1e-3 } as never]);
    const record = { id: "r", artifacts } as unknown as ResultRecord;
    const agreement = artifact(record, "agreement")!;
    assert.equal(agreement.title, "s1");
    assert.deepEqual(agreement.raters.map(({ name }) => name), ["rater 1", "rater 2", "rater 3"]);
    const [side] = agreement.image.shape;
    assert.ok(side >= 7 && side < 16, `the largest square is 7, the slice 16: ${side}`);
    const area = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);
    assert.deepEqual(agreement.raters.map(({ mask }) => area(mask.values)), squares(3)[1].raters.map((mask) => area([...mask])), "nothing is cut off");
    const { frames } = artifact(record, "stack")!;
    assert.deepEqual(frames.map(({ title, pictures }) => [title, pictures.length]), [["before any click", 3], ["after click 1", 3]]);
    assert.equal(frames[0].pictures[0].overlays?.some(({ draw }) => draw === "points"), false);
    const [wanted, , click] = frames[1].pictures[0].overlays!;
    assert.ok(wanted.draw === "contour" && click.draw === "points");
    assert.equal(wanted.mask.values[click.points[0][0] * side + click.points[0][1]], 1, "the click lies on what the rater marked");
    assert.equal(frames[0].facts!["Dice, rater 1"], 0);
    assert.deepEqual(artifact(record, "loss")!.y, [0.4]);
    assert.equal(artifacts.candidates, undefined);
  });

  it("of SPA show every candidate of the last round and which were picked", () => {
    const spa = played().map((session): PlayedSpaSession => ({ ...session, candidates: session.rounds.map((map) => [map, map, map]), chosen: [[0], [1, 2]] }));
    const panels = artifact({ id: "r", artifacts: aespaArtifacts(spa) } as unknown as ResultRecord, "panels", "candidates")!;
    assert.deepEqual(panels.panels.map(({ title }) => title), ["candidate 1", "candidate 2, picked", "candidate 3, picked"]);
  });

  it("without sessions there is nothing to show", () => assert.deepEqual(aespaArtifacts([]), {}));
});
