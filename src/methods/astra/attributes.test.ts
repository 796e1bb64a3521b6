import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAttributes, fitAttributeCodec } from "./attributes.js";

describe("attribute codec", () => {
  it("codes words by their order, −1 for missing, as pandas does", () => {
    const rows = [{ loc: "W" }, { loc: "X" }, {}, { loc: "A10" }, { loc: "A9" }];
    const codec = fitAttributeCodec(["loc"], rows);
    assert.deepEqual(rows.map((row) => encodeAttributes(codec, row, 1, "raw")[0]), [2, 3, -1, 0, 1]);
  });

  it("keeps numbers raw or standardises them, and pads to the common width", () => {
    const rows = [{ model: "B", rpm: "900" }, { model: "A", rpm: "1100" }];
    const codec = fitAttributeCodec(["model", "rpm"], rows);
    assert.deepEqual([...encodeAttributes(codec, rows[0], 4, "raw")], [1, 900, 0, 0]);
    assert.deepEqual([...encodeAttributes(codec, rows[1], 3, "standardised")], [0, 1, 0]);
    assert.deepEqual([...encodeAttributes(codec, {}, 2, "standardised")], [-1, 0]);
  });

  it("gives all zeros for a constant number and for a machine without columns", () => {
    const rows = [{ load: "3" }, { load: "3" }];
    assert.deepEqual([...encodeAttributes(fitAttributeCodec(["load"], rows), rows[0], 1, "standardised")], [0]);
    assert.deepEqual([...encodeAttributes(fitAttributeCodec([], []), { load: "3" }, 2, "raw")], [0, 0]);
  });
});
