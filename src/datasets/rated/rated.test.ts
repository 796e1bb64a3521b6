import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { packageRoot, seededRandom } from "../../core/index.js";
import type { RatedImage } from "./image.js";
import { drawSlice, levels, maskBelow, raterLevels } from "./lesion.js";
import { loadRated } from "./load.js";
import { leaks, splitPatients } from "./patients.js";
import { maskAtSizeNearest, toGrey, toRgb } from "./pixels.js";

const dice = (a: Uint8Array, b: Uint8Array): number => {
  const both = a.filter((value, i) => value > 0 && b[i] > 0).length;
  return (2 * both) / (a.filter(Boolean).length + b.filter(Boolean).length);
};

describe("drawSlice", () => {
  it("has raters who disagree as the plane says: cautious–medium .658, medium–generous .709, cautious–generous .424", () => {
    const level = levels({ centre: [256, 256], radius: 100, arms: 4, phase: 1, aspect: 1.2 }, 512);
    const [cautious, medium, generous] = raterLevels.map((cut) => maskBelow(level, cut));
    assert.ok(Math.abs(dice(cautious, medium) - 0.658) < 0.002);
    assert.ok(Math.abs(dice(medium, generous) - 0.709) < 0.002);
    assert.ok(Math.abs(dice(cautious, generous) - 0.424) < 0.002);
  });

  it("keeps the generous outline inside the picture, and grey levels within 0 … 1", () => {
    for (let seed = 0; seed < 200; seed++) {
      const { grey, level } = drawSlice(64, seededRandom(seed));
      const generous = maskBelow(level, 1.35);
      assert.ok(grey.every((value) => value >= 0 && value <= 1));
      assert.ok(generous.includes(255) && maskBelow(level, 0.7).includes(255));
      for (let i = 0; i < 64; i++) assert.ok(generous[i] + generous[63 * 64 + i] + generous[64 * i] + generous[64 * i + 63] === 0, `seed ${seed}`);
    }
  });
});

describe("splitPatients", () => {
  it("never puts one patient on both sides, loses nothing, and keeps a patient on each side", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 40 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (numbers, fraction) => {
      const images = numbers.map((n, i) => ({ patient: `p${n}`, i }));
      fc.pre(new Set(numbers).size >= 2);
      const { kept, held } = splitPatients(images, fraction, seededRandom(3));
      assert.equal(kept.length + held.length, images.length);
      assert.ok(kept.length > 0 && held.length > 0);
      assert.ok(!kept.some(({ patient }) => held.some((other) => other.patient === patient)));
    }));
  });

  it("refuses one patient and shares outside 0 … 1", () => {
    assert.throws(() => splitPatients([{ patient: "a" }], 0.5, seededRandom(1)), { code: "invalid-value" });
    assert.throws(() => splitPatients([{ patient: "a" }, { patient: "b" }], 1, seededRandom(1)), { code: "invalid-value" });
  });
});

describe("leaks", () => {
  it("names patients that stand in both splits", () => {
    const image = (patient: string, split: "train" | "test"): RatedImage => ({ id: patient, patient, split, image: "", masks: [] });
    assert.deepEqual(leaks([image("a", "train"), image("b", "test"), image("a", "test")]).map(({ path }) => path), ["a"]);
  });
});

describe("pixels", () => {
  it("takes nearest neighbours as PyTorch does: source ⌊i·from/to⌋", () => {
    const mask = { width: 3, height: 1, channels: 1, data: Uint8Array.of(255, 0, 255) };
    assert.deepEqual([...maskAtSizeNearest(mask, 2)], [1, 0, 1, 0]);
  });

  it("turns RGB to grey and back as Pillow does", () => {
    const rgb = { width: 2, height: 1, channels: 3, data: Uint8Array.of(10, 20, 30, 255, 0, 128) };
    assert.deepEqual([...toGrey(rgb).data], [18, 91]); // Pillow 12.3, convert("L")
    assert.deepEqual([...toRgb({ width: 1, height: 1, channels: 2, data: Uint8Array.of(7, 99) }).data], [7, 7, 7]);
  });
});

const demo = join(packageRoot, "..", "shared", "samples", "aespa-demo");

describe("a lung CT crop with three raters", { skip: existsSync(demo) ? false : `${demo} is not there` }, () => {
  const image: RatedImage = {
    id: "demo", patient: "demo", split: "test", image: join(demo, "image.png"), masks: [0, 1, 2].map((rater) => join(demo, `rater_${rater}.png`)),
  };
  for (const [size, areas] of [[180, [292, 143, 170]], [128, [142, 72, 84]], [64, [35, 16, 20]]] as const) {
    it(`has the areas ${areas.join(", ")} at ${size}×${size} (spec §2.4)`, async () => {
      const { raters, valid } = await loadRated(image, size);
      assert.deepEqual(raters.map((mask) => mask.reduce((sum, x) => sum + x, 0)), areas);
      assert.deepEqual(valid, [true, true, true]);
    });
  }
});
