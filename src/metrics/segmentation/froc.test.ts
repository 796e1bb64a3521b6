import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValue } from "../../core/index.js";
import { froc, frocCurve, lesionFindings, sensitivityAt, type LesionFindings } from "../index.js";

const image = (name: string, lesions: number, ...detections: [number, number | null][]): LesionFindings => ({
  case: name,
  lesions,
  detections: detections.map(([score, lesion]) => ({ score, lesion })),
});

describe("FROC", () => {
  it("two images worked by hand: a lesion hit twice is found once, ties move together", () => {
    const images = [image("a", 2, [0.9, 0], [0.8, 0], [0.5, null], [0.5, 1]), image("healthy", 0, [0.7, null])];
    const { thresholds, falsePositivesPerImage, sensitivity } = frocCurve(images);
    assert.deepEqual([...thresholds], [Infinity, 0.9, 0.7, 0.5]);
    assert.deepEqual([...falsePositivesPerImage], [0, 0, 0.5, 1]);
    assert.deepEqual([...sensitivity], [0, 0.5, 0.5, 1]);
    assert.equal(sensitivityAt(frocCurve(images), 0.75), 0.75);
    // ⅛, ¼, ½: .5 each; 1, 2, 4, 8: 1 each
    assert.ok(Math.abs(froc(images).value! - (3 * 0.5 + 4) / 7) < 1e-12);
    assert.equal(froc(images).n, 2);
  });

  it("does not depend on the order of images or detections, nor on the scale of the scores", () => {
    const images = [image("a", 1, [0.3, null], [0.6, 0]), image("b", 3, [0.2, 2], [0.9, null], [0.65, 1])];
    const turned = images.map((entry) => ({ ...entry, detections: entry.detections.map((d) => ({ ...d, score: 10 * d.score - 3 })).reverse() })).reverse();
    assert.deepEqual([...frocCurve(images).sensitivity], [...frocCurve(turned).sensitivity]);
    assert.equal(froc(images).value, froc(turned).value);
  });

  it("says what it cannot score", () => {
    assert.deepEqual(froc([image("healthy", 0, [0.5, null])]).excluded, [{ case: "*", reason: "no-lesions" }]);
    assert.equal(froc([image("nothing found", 2)]).value, 0);
    assert.throws(() => froc([image("a", 1, [NaN, null])]), InvalidValue);
    assert.throws(() => froc([image("a", 1, [0.5, 1])]), /lesion in a: the image has 1 lesions/);
  });

  it("finds lesions in a probability map", () => {
    const probability = [0.9, 0.6, 0, 0.7, 0, 0.2, 0.8, 0.5];
    const truth = [0, 1, 0, 0, 0, 1, 0, 1];
    assert.deepEqual(lesionFindings("a", probability, truth, { shape: [1, 8], spacingMm: [1, 1] }), {
      case: "a",
      lesions: 3,
      detections: [
        { score: 0.9, lesion: 0 },
        { score: 0.7, lesion: null },
        { score: 0.8, lesion: 2 },
      ],
    });
  });
});
