import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lesionPositions, lungPositions, maskPosition } from "./position.js";

type Range = readonly [from: number, to: number];

/** A mask with inclusive rectangles (y0..y1, x0..x1). */
function mask(height: number, width: number, ...rectangles: readonly (readonly [Range, Range])[]): Uint8Array {
  const out = new Uint8Array(width * height);
  for (const [[y0, y1], [x0, x1]] of rectangles) for (let y = y0; y <= y1; y++) out.fill(1, y * width + x0, y * width + x1 + 1);
  return out;
}

describe("position labels", () => {
  it("gives the specification's test vector 1", () => {
    const of = (...rectangles: Parameters<typeof mask> extends [number, number, ...infer R] ? R : never) => maskPosition(mask(100, 100, ...rectangles), 100, 100);
    assert.deepEqual(of([[10, 19], [10, 19]]), { zone: "top left", near: false });
    assert.deepEqual(of([[40, 49], [40, 49]]), { zone: "top left", near: true });
    assert.deepEqual(of([[40, 50], [40, 50]]), { zone: "center", near: true });
    assert.deepEqual(of([[5, 9], [5, 9]], [[90, 94], [90, 94]]), { zone: "center", near: true });
    assert.deepEqual(of([[20, 29], [50, 59]]), { zone: "top right", near: false });
    assert.deepEqual(of([[50, 50], [30, 30]]), { zone: "bottom left", near: false }); // exactly 20 is not near
    assert.deepEqual(of([[50, 50], [31, 31]]), { zone: "bottom left", near: true });
    assert.deepEqual(maskPosition(mask(100, 200, [[60, 69], [60, 79]]), 200, 100), { zone: "bottom left", near: true }); // 34.01 < 0.2·200
    assert.equal(of(), null);
  });

  it("labels lungs by the first and the last component's centroid", () => {
    const two = mask(100, 100, [[10, 20], [10, 20]], [[50, 80], [60, 90]]);
    assert.deepEqual(lungPositions(two, 100, 100), [{ zone: "top left", near: false }, { zone: "bottom right", near: false }]);
    const one = mask(100, 100, [[30, 49], [30, 49]]); // ends at 49; the rule's box reaches 50
    assert.deepEqual(lungPositions(one, 100, 100), [{ zone: "top left", near: true }, { zone: "top left", near: true }]);
    assert.deepEqual(lungPositions(mask(10, 10), 10, 10), []);
  });

  it("labels each lesion of 50 pixels or more on its own in the research variant", () => {
    const three = mask(100, 100, [[0, 9], [0, 9]], [[50, 59], [48, 57]], [[90, 93], [90, 93]]);
    assert.deepEqual(lesionPositions(three, 100, 100), [{ zone: "top left", near: false }, { zone: "bottom right", near: true }]);
  });

  it("refuses a mask of another size", () => {
    assert.throws(() => maskPosition([1, 0], 3, 1), { code: "shape-mismatch" });
  });
});
