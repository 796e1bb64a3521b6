import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { astraConfig } from "./config.js";
import { extractPatches, normalisePicture } from "./patches.js";

describe("extractPatches", () => {
  // The spec's example counts 64c + 8y + x with channels first; here colours are interleaved.
  const data = new Float32Array(8 * 8 * 3);
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) for (let c = 0; c < 3; c++) data[(y * 8 + x) * 3 + c] = 64 * c + 8 * y + x;
  const picture = { size: 8, data };
  const grid = { size: 4, stride: 2, perView: "all" } as const;
  const line = (patches: Float32Array, patch: number, row: number, channel: number): number[] =>
    Array.from({ length: 4 }, (_, x) => patches[((patch * 4 + row) * 4 + x) * 3 + channel]);

  it("gives nine patches of 4 × 4 with the worked values", () => {
    const patches = extractPatches(picture, grid);
    assert.equal(patches.length, 9 * 4 * 4 * 3);
    assert.deepEqual(line(patches, 1, 0, 0), [2, 3, 4, 5]);
    assert.deepEqual(
      [1, 2, 3].map((row) => line(patches, 1, row, 0)[0]),
      [10, 18, 26],
    );
    assert.equal(line(patches, 1, 3, 0)[3], 29);
    assert.deepEqual(line(patches, 3, 0, 2), [144, 145, 146, 147]);
  });

  it("takes the chosen patches in the chosen order", () => {
    const chosen = extractPatches(picture, grid, [3, 1]);
    assert.deepEqual(line(chosen, 0, 0, 2), [144, 145, 146, 147]);
    assert.deepEqual(line(chosen, 1, 0, 0), [2, 3, 4, 5]);
  });

  it("covers the 224-pixel picture with 13 × 13", () => {
    const { patches } = astraConfig("paper");
    assert.equal(extractPatches({ size: 224, data: new Float32Array(224 * 224 * 3) }, patches).length, 169 * 32 * 32 * 3);
    assert.throws(() => extractPatches({ size: 8, data: new Float32Array(5) }, grid), /expected shape \[8, 8, 3\]/);
  });
});

describe("normalisePicture", () => {
  it("maps bytes as (byte/255 − mean)/deviation, by colour", () => {
    const { data } = normalisePicture(Uint8Array.of(0, 128, 255), 1, "imagenet");
    [(0 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (1 - 0.406) / 0.225].forEach((value, c) =>
      assert.ok(Math.abs(data[c] - value) < 1e-6),
    );
    assert.deepEqual([...normalisePicture(Uint8Array.of(0, 255, 255), 1, "half").data], [-1, 1, 1]);
  });
});
