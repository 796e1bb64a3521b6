import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot, seededRandom } from "../../core/index.js";
import { augment, randomCrop } from "./augment.js";
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, toGrayscale } from "./colour.js";
import { astraConfig } from "./config.js";

const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/astra_colour.json"), "utf8")) as {
  cases: { change: keyof typeof changes; factor: number; hex: string }[];
};
const changes = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
  grayscale: toGrayscale as (rgb: Uint8Array, factor: number) => Uint8Array,
};
const config = astraConfig("small").augment;

function lcgBytes(count: number, state = 1): Uint8Array {
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe("colour changes", () => {
  for (const { change, factor, hex } of golden.cases) {
    it(`${change} ${factor} is Pillow's, byte for byte`, () => {
      assert.equal(Buffer.from(changes[change](lcgBytes(16 * 16 * 3), factor)).toString("hex"), hex);
    });
  }
});

describe("randomCrop", () => {
  it("stays inside, covers 8 % to all of the picture, in shapes from 3:4 to 4:3", () => {
    const random = seededRandom(1);
    for (let i = 0; i < 2000; i++) {
      const { left, top, width, height } = randomCrop(64, 64, config, random);
      assert.ok(left >= 0 && top >= 0 && left + width <= 64 && top + height <= 64);
      assert.ok(width * height >= 0.07 * 64 * 64, `${width} × ${height}`);
      assert.ok(width / height > 0.7 && width / height < 1.43, `${width} × ${height}`);
    }
  });

  it("falls back to the largest central box of an allowed shape", () => {
    const impossible = { cropScale: [4, 4] as const, cropRatio: [3 / 4, 4 / 3] as const };
    assert.deepEqual(randomCrop(64, 64, impossible, seededRandom(1)), { left: 0, top: 0, width: 64, height: 64 });
    assert.deepEqual(randomCrop(80, 30, impossible, seededRandom(1)), { left: 20, top: 0, width: 40, height: 30 });
  });
});

describe("augment", () => {
  const picture = { width: 64, height: 64, channels: 3, data: lcgBytes(64 * 64 * 3, 5) };

  it("gives the same view for the same random state and another for the next", () => {
    const random = seededRandom(3);
    const first = augment(picture, config, random.stream(0));
    assert.deepEqual(augment(picture, config, random.stream(0)), first);
    assert.notDeepEqual(augment(picture, config, random.stream(1)), first);
    assert.equal(first.length, picture.data.length);
  });

  it("is a mere mirror when all else is switched off", () => {
    const onlyFlip = { ...config, cropScale: [1, 1] as const, cropRatio: [1, 1] as const, flip: 1, jitter: 0, grayscale: 0 };
    const view = augment(picture, onlyFlip, seededRandom(1));
    assert.deepEqual(view.slice(0, 3), picture.data.slice(63 * 3, 64 * 3));
    assert.deepEqual(augment({ ...picture, data: view }, onlyFlip, seededRandom(1)), picture.data);
  });
});
