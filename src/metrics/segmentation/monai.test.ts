import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { withinShare } from "../../core/near.fixture.js";
import { assd, dice, froc, frocCurve, hausdorff, hd95, iou, surfaceDice, type LesionFindings } from "../index.js";
import { unpack } from "./packed-mask.fixture.js";

interface Golden {
  versions: { monai: string };
  cases: { name: string; dice: number; iou: number; hd: number; hd95: number; assd: number; nsd: Record<string, number> }[];
  froc: { images: LesionFindings[]; scores: { luna16: number; camelyon16: number }; rates: number[]; sensitivity: number[] };
}
const read = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot, "tests", "golden", name), "utf8"));
const golden = read("monai_metrics.json") as Golden;
const masks = (read("segmentation.json") as { cases: { name: string; shape: number[]; spacing: number[]; prediction: string; truth: string }[] }).cases;

// MONAI computes in float32.
const near = withinShare(1e-6);

describe(`segmentation metrics agree with MONAI ${golden.versions.monai}`, () => {
  for (const [index, expected] of golden.cases.entries()) {
    it(expected.name, () => {
      const { name, shape, spacing, prediction, truth } = masks[index];
      assert.equal(name, expected.name);
      const [p, t, grid] = [unpack(prediction, shape), unpack(truth, shape), { shape, spacingMm: spacing }];
      near(dice(p, t), expected.dice);
      near(iou(p, t), expected.iou);
      near(hausdorff(p, t, grid), expected.hd);
      near(hd95(p, t, grid), expected.hd95);
      near(assd(p, t, grid), expected.assd);
      for (const [mm, value] of Object.entries(expected.nsd)) {
        near(surfaceDice(p, t, grid, Number(mm), { convention: "surface-voxels" }), value);
      }
    });
  }

  it("FROC: the curve but for the laxest point, which MONAI leaves out, and both challenges' scores", () => {
    const { images, scores, rates, sensitivity } = golden.froc;
    const curve = frocCurve(images);
    const ours = Array.from(curve.falsePositivesPerImage, (rate, k) => [rate, curve.sensitivity[k]]);
    // MONAI gives every undetected lesion the score 0, so its laxest kept point may be ours.
    const theirs = rates.map((rate, k) => [rate, sensitivity[k]]).reverse();
    theirs.forEach(([rate, found], k) => {
      assert.ok(Math.abs(ours[k][0] - rate) < 1e-12 && Math.abs(ours[k][1] - found) < 1e-12, `point ${k}: ${ours[k]} is not ${rate},${found}`);
    });
    assert.ok(Math.abs(froc(images).value! - scores.luna16) < 1e-12);
    assert.ok(Math.abs(froc(images, { convention: "camelyon16" }).value! - scores.camelyon16) < 1e-12);
  });
});
