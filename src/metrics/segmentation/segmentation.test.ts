import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { InvalidValue, packageRoot, ShapeMismatch, type CaseScore } from "../../core/index.js";
import {
  assd,
  boundaryIou,
  boundaryWidth,
  clDice,
  components,
  cropPair,
  dice,
  distanceTransform,
  hausdorff,
  hd95,
  iou,
  lesionCounts,
  lesionF1,
  masd,
  overlapByLabel,
  skeleton,
  surfaceDice,
  surfaceDistances,
  surfelDistancesOf,
  volumeDifference,
  type Grid,
} from "../index.js";
import { within } from "../../core/near.fixture.js";
import { unpack } from "./packed-mask.fixture.js";

interface GoldenCase {
  name: string;
  shape: number[];
  spacing: number[];
  prediction: string;
  truth: string;
  medpy: { dc: number; jc: number; hd: number; hd95: number; assd: number; masd: number; ravd: number };
  directed: { hd95: number };
  surfaceDistance: { hd95: number; average: [number, number]; nsd: Record<string, number> };
}
interface Golden {
  versions: Record<string, string>;
  cases: GoldenCase[];
  centreLines: { name: string; shape: number[]; prediction: string; truth: string; skeleton: string; cldice: number }[];
  boundaries: { shape: number[]; prediction: string; truth: string; width: number; value: number }[];
  components: { shape: number[]; mask: string; full: number; faces: number }[];
  distances: { shape: number[]; spacing: number[]; mask: string; result: number[] }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "segmentation.json"), "utf8")) as Golden;

const near = within(1e-9);

describe(`segmentation metrics agree with MedPy ${golden.versions.MedPy} and surface-distance ${golden.versions["surface-distance"]}`, () => {
  for (const c of golden.cases) {
    it(c.name, () => {
      const p = unpack(c.prediction, c.shape);
      const t = unpack(c.truth, c.shape);
      const grid: Grid = { shape: c.shape, spacingMm: c.spacing };
      near(dice(p, t), c.medpy.dc, 1e-12);
      near(iou(p, t), c.medpy.jc, 1e-12);
      near(hausdorff(p, t, grid), c.medpy.hd);
      near(hd95(p, t, grid, { convention: "pooled" }), c.medpy.hd95);
      near(hd95(p, t, grid), c.directed.hd95);
      near(hd95(p, t, grid, { convention: "surfel-weighted" }), c.surfaceDistance.hd95);
      near(assd(p, t, grid), c.medpy.assd);
      near(masd(p, t, grid), c.medpy.masd);
      near(volumeDifference(p, t, grid, { convention: "signed-relative" }), c.medpy.ravd, 1e-12);
      for (const [tolerance, expected] of Object.entries(c.surfaceDistance.nsd))
        near(surfaceDice(p, t, grid, Number(tolerance)), expected);
      const surfels = surfelDistancesOf(cropPair(p, t, grid));
      const average = (d: Float64Array, w: Float64Array): number =>
        d.reduce((sum, x, i) => sum + x * w[i], 0) / w.reduce((sum, x) => sum + x, 0);
      near(average(surfels.truthToPrediction, surfels.truthAreas), c.surfaceDistance.average[0]);
      near(average(surfels.predictionToTruth, surfels.predictionAreas), c.surfaceDistance.average[1]);
    });
  }

  it(`distance transforms as SciPy ${golden.versions.scipy}`, () => {
    for (const { shape, spacing, mask, result } of golden.distances) {
      distanceTransform(unpack(mask, shape), { shape, spacingMm: spacing }).forEach((d, i) => near(d, result[i], 1e-10));
    }
    assert.ok(distanceTransform([0, 0], { shape: [1, 2], spacingMm: [1, 1] }).every((d) => d === Infinity));
    assert.deepEqual([...distanceTransform([1, 0, 0, 0], { shape: [1, 4], spacingMm: [1, 0.5] })], [0, 0.5, 1, 1.5]);
  });
});

describe(`shapes agree with scikit-image ${golden.versions["scikit-image"]} and SciPy`, () => {
  const unit = (shape: number[]): Grid => ({ shape, spacingMm: shape.map(() => 1) });

  for (const c of golden.centreLines) {
    it(`skeleton and clDice: ${c.name}`, () => {
      const p = unpack(c.prediction, c.shape);
      assert.deepEqual(Buffer.from(skeleton(p, unit(c.shape))), Buffer.from(unpack(c.skeleton, c.shape)));
      near(clDice(p, unpack(c.truth, c.shape), unit(c.shape)), c.cldice, 1e-12);
    });
  }

  it("boundary IoU and components", () => {
    for (const { shape, prediction, truth, width, value } of golden.boundaries) {
      near(boundaryIou(unpack(prediction, shape), unpack(truth, shape), unit(shape), { widthVoxels: width }), value, 1e-12);
    }
    for (const { shape, mask, full, faces } of golden.components) {
      assert.equal(components(unpack(mask, shape), unit(shape)).count, full);
      assert.equal(components(unpack(mask, shape), unit(shape), { connectivity: "faces" }).count, faces);
    }
    assert.equal(boundaryWidth([300, 400]), 10);
    assert.throws(() => boundaryIou([1, 0], [1, 0], unit([1, 2]), { widthVoxels: 0 }), /width/);
  });

  it("lesions found, missed and invented", () => {
    const line = unit([1, 9]);
    const truth = [1, 1, 1, 0, 1, 0, 1, 1, 0];
    const prediction = [0, 1, 1, 0, 0, 0, 0, 1, 1];
    assert.deepEqual(lesionCounts(prediction, truth, line), { truePositives: 2, falsePositives: 0, falseNegatives: 1 });
    assert.deepEqual(lesionCounts(prediction, truth, line, { convention: "iou-half" }), {
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
    });
    near(lesionF1(prediction, truth, line), 0.8);
    assert.deepEqual(lesionF1([0, 0], [0, 0], unit([1, 2])), { excluded: "both-empty" });
    assert.deepEqual(clDice([0, 0], [0, 0], unit([1, 2])), { excluded: "both-empty" });
    near(clDice([0, 1], [0, 0], unit([1, 2])), 0);
  });
});

describe("small cases worked by hand", () => {
  const line = (n: number, mm = 1): Grid => ({ shape: [1, n], spacingMm: [1, mm] });

  it("two voxels, and the two squares of 3×3 and 3×4", () => {
    near(dice([1, 1, 0], [1, 0, 0]), 2 / 3);
    near(iou([1, 1, 0], [1, 0, 0]), 0.5);
    near(hausdorff([1, 0, 0, 0], [1, 0, 0, 1], line(4, 2)), 6);
    near(assd([1, 0, 0, 0], [1, 0, 0, 1], line(4, 2)), 2);
    near(masd([1, 0, 0, 0], [1, 0, 0, 1], line(4, 2)), 1.5);
    near(volumeDifference([1, 1, 1], [1, 1, 0], line(3)), 0.5);
    near(volumeDifference([0, 0, 1], [1, 1, 0], line(3, 3), { convention: "signed-mm3" }), -3);
    const squares = golden.cases.find(({ name }) => name === "two squares")!;
    near(hd95(unpack(squares.prediction, [8, 8]), unpack(squares.truth, [8, 8]), { shape: [8, 8], spacingMm: [1, 1] }), 2);
  });

  it("labels: all counts in one pass", () => {
    const p = [0, 1, 1, 2, 2, 3, 0, 0, 3];
    const t = [0, 1, 2, 2, 2, 3, 0, 3, 3];
    const scores = overlapByLabel(p, t, [1, 2, 3]).map(
      ({ intersection, predicted, actual }) => (2 * intersection) / (predicted + actual),
    );
    [2 / 3, 0.8, 0.8].forEach((expected, i) => near(scores[i], expected));
  });

  it("empty masks follow the named policy", () => {
    const none = [0, 0, 0];
    const some = [0, 1, 0];
    assert.deepEqual(dice(none, none), { excluded: "both-empty" });
    near(dice(none, none, { whenBothEmpty: "one" }), 1);
    near(iou(none, none, { whenBothEmpty: "zero" }), 0);
    near(dice(none, some), 0);
    for (const distance of [hausdorff, hd95, assd, masd]) {
      assert.deepEqual(distance(none, none, line(3)), { excluded: "both-empty" });
      assert.deepEqual(distance(none, some, line(3)), { excluded: "prediction-empty" });
      assert.deepEqual(distance(some, none, line(3)), { excluded: "truth-empty" });
      near(distance(none, none, line(3), { whenBothEmpty: "zero" }), 0);
      near(distance(some, none, line(3), { whenOneEmpty: 373.13 }), 373.13);
      near(distance(some, none, { shape: [1, 3], spacingMm: [3, 4 / 3] }, { whenOneEmpty: "diagonal" }), 5);
    }
    assert.deepEqual(hd95(some, none, line(3), { convention: "surfel-weighted" }), { excluded: "truth-empty" });
    assert.deepEqual(surfaceDice(none, none, line(3), 1), { excluded: "both-empty" });
    near(surfaceDice(some, none, line(3), 1), 0);
    assert.deepEqual(volumeDifference(some, none, line(3)), { excluded: "truth-empty" });
  });

  it("refuses masks and grids that do not fit", () => {
    assert.throws(() => dice([1], [1, 0]), ShapeMismatch);
    assert.throws(() => hd95([1, 0], [1, 0], { shape: [3, 1], spacingMm: [1, 1] }), ShapeMismatch);
    assert.throws(() => hd95([1, 0], [1, 0], { shape: [2], spacingMm: [1] }), /2 or 3 axes/);
    assert.throws(() => hd95([1, 0], [1, 0], { shape: [1, 2], spacingMm: [1, 0] }), InvalidValue);
    assert.throws(() => surfaceDice([1, 0], [1, 0], line(2), -1), /tolerance/);
  });
});

const masks = fc.record({
  size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  spacing: fc.tuple(fc.constantFrom(0.5, 1, 2.7), fc.constantFrom(1, 1.3), fc.constantFrom(0.9, 3)),
  bits: fc.infiniteStream(fc.boolean()),
});

describe("properties on tiny masks", () => {
  it("distances agree with brute force, in both directions and under swapping", () => {
    fc.assert(
      fc.property(masks, ({ size, spacing, bits }) => {
        const n = size[0] * size[1] * size[2];
        const take = (): Uint8Array => Uint8Array.from({ length: n }, () => (bits.next().value ? 1 : 0));
        const [p, t] = [take(), take()];
        const grid = { shape: size, spacingMm: spacing };
        const { predictionToTruth, truthToPrediction, predictionEmpty, truthEmpty } = surfaceDistances(p, t, grid);
        if (predictionEmpty || truthEmpty) return;
        const expected = bruteForce(surfacePoints(p, grid), surfacePoints(t, grid));
        predictionToTruth.forEach((d, i) => near(d, expected[i], 1e-12));
        assert.equal(predictionToTruth.length, expected.length);
        bruteForce(surfacePoints(t, grid), surfacePoints(p, grid)).forEach((d, i) => near(truthToPrediction[i], d, 1e-12));
        for (const metric of [hausdorff, hd95, assd, masd]) assert.deepEqual(metric(p, t, grid), metric(t, p, grid));
        for (const convention of ["directed-max", "pooled", "surfel-weighted"] as const)
          near(hd95(p, p, grid, { convention }), 0);
        near(surfaceDice(p, t, grid, 1e9), 1, 1e-12);
        const [d, j] = [dice(p, t), iou(p, t)] as { score: number }[];
        near(j.score, d.score / (2 - d.score), 1e-12);
      }),
      { numRuns: 300 },
    );
  });

  it("nothing changes when the image is shifted, padded or its axes are exchanged", () => {
    const { prediction, truth, shape, spacing } = golden.cases[0];
    const [p, t] = [unpack(prediction, shape), unpack(truth, shape)];
    const grid = { shape, spacingMm: spacing };
    const bigger = shape.map((size) => size + 3);
    const pad = (mask: Uint8Array): Uint8Array => {
      const out = new Uint8Array(bigger[0] * bigger[1] * bigger[2]);
      mask.forEach((value, i) => {
        const [z, y, x] = [Math.floor(i / (shape[1] * shape[2])), Math.floor(i / shape[2]) % shape[1], i % shape[2]];
        out[((z + 1) * bigger[1] + y + 2) * bigger[2] + x + 1] = value;
      });
      return out;
    };
    const turn = (mask: Uint8Array): Uint8Array => {
      const out = new Uint8Array(mask.length);
      mask.forEach((value, i) => {
        const [z, y, x] = [Math.floor(i / (shape[1] * shape[2])), Math.floor(i / shape[2]) % shape[1], i % shape[2]];
        out[(x * shape[1] + y) * shape[0] + z] = value;
      });
      return out;
    };
    const padded = { shape: bigger, spacingMm: spacing };
    const turned = { shape: [...shape].reverse(), spacingMm: [...spacing].reverse() };
    const score = (result: CaseScore): number => ("score" in result ? result.score : NaN);
    for (const metric of [hausdorff, hd95, assd, masd]) {
      near(metric(pad(p), pad(t), padded), score(metric(p, t, grid)));
      near(metric(turn(p), turn(t), turned), score(metric(p, t, grid)));
    }
    near(surfaceDice(pad(p), pad(t), padded, 1), score(surfaceDice(p, t, grid, 1)));
    near(surfaceDice(turn(p), turn(t), turned, 1), score(surfaceDice(p, t, grid, 1)));
  });
});

function surfacePoints(mask: Uint8Array, { shape: [slices, rows, columns], spacingMm }: Grid): number[][] {
  const at = (z: number, y: number, x: number): number =>
    z < 0 || y < 0 || x < 0 || z >= slices || y >= rows || x >= columns ? 0 : mask[(z * rows + y) * columns + x];
  const points: number[][] = [];
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const inside =
          at(z - 1, y, x) && at(z + 1, y, x) && at(z, y - 1, x) && at(z, y + 1, x) && at(z, y, x - 1) && at(z, y, x + 1);
        if (at(z, y, x) && !inside) points.push([z, y, x].map((i, axis) => i * spacingMm[axis]));
      }
  return points;
}

function bruteForce(from: number[][], to: number[][]): number[] {
  return from.map((a) => Math.min(...to.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]))));
}
