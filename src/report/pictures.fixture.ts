import { seededRandom } from "../core/index.js";
import { imageZones } from "../figures/index.js";
import type { AgreementArtifact, ArchitectureArtifact, CurvesArtifact, KspaceArtifact, Matrix, PanelsArtifact, ResultRecord, StackArtifact } from "../results/index.js";

const side = 64;

/** Records of two systems with every kind of picture a figure can be drawn from: for tests of the report, never for reading. */
export function picturesFixture(): ResultRecord[] {
  return ["model", "plain"].map((variant, v) => {
    const random = seededRandom(7).stream(variant);
    const rows = Array.from({ length: 60 }, (_, i) => {
      const truth = imageZones[i % imageZones.length];
      return [`case-${String(i).padStart(2, "0")}`, Math.min(1, Math.max(0, 0.8 - 0.12 * v + 0.1 * random.normal())), truth, random.uniform(0, 1) < 0.7 ? truth : random.uniform(0, 1) < 0.3 ? null : "center"];
    });
    return {
      schema: "folio.result/1", id: `pictures-${variant}-seed1`, method: "pictures", variant, dataset: { name: "pictures-fixture", generated: true }, split: "test", preset: "quick", seed: 1, config: {},
      cases: { columns: ["case", "dice", "zone_truth", "zone_answer"], rows },
      metrics: [
        ...["4", "8", "12", "16"].flatMap((budget, b) => ["rater 1", "rater 2"].map((rater, r) => estimate("dice", 0.6 + 0.07 * b - 0.1 * v - 0.03 * r, { budget, rater }))),
        ...["4", "8", "12", "16"].map((budget, b) => estimate("dice", 0.58 + 0.07 * b - 0.1 * v, { budget })),
        estimate("dice", 0.8 - 0.1 * v), estimate("ssim", 0.7 + 0.05 * v),
      ],
      artifacts: { panels: panels(), stack: steps(), cases: cases(), tokens: tokens(), agreement: agreement(), acquisition: acquisition(), kspace: kspace(), architecture, curves: losses() },
      provenance: { inputs: { data: "0" }, code: "0", lockfile: "0", engine: "wasm", device: "fixture", node: "20", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 },
    };
  });
}

function estimate(id: string, value: number, group: Record<string, string> = {}) {
  return { id, convention: "fixture", value, n: 60, excluded: [], interval: { low: value - 0.03, high: value + 0.03, level: 0.95, method: "bootstrap-percentile" as const }, group };
}

function disc(row: number, column: number, radius: number, squeeze = 1): Matrix {
  return { shape: [side, side], values: Array.from({ length: side * side }, (_, i) => ((Math.floor(i / side) - row) ** 2 * squeeze + ((i % side) - column) ** 2 < radius ** 2 ? 1 : 0)) };
}

function slice(seed: number): Matrix {
  const random = seededRandom(seed).stream("slice");
  const head = disc(32, 32, 29);
  const lesion = disc(26, 38, 9, 1.4);
  return { shape: [side, side], values: head.values.map((inside, i) => Math.max(0, 90 * inside + 60 * lesion.values[i] * inside + 14 * random.normal())) };
}

function panels(): PanelsArtifact {
  return {
    panels: Array.from({ length: 5 }, (_, i) => ({
      title: `Slice ${20 + i}, test patient ${i + 1}`, image: slice(i), orientation: ["R", "L", "A", "P"] as const,
      overlays: [
        { name: "prediction", draw: "fill" as const, mask: disc(27, 37 + i, 8, 1.2) }, { name: "truth", draw: "contour" as const, mask: disc(26, 38, 9, 1.4) },
        { name: "candidate points", draw: "points" as const, points: Array.from({ length: 16 }, (__, p) => [8 + 16 * Math.floor(p / 4), 8 + 16 * (p % 4)] as const) },
      ],
    })),
    scaleBar: { pixels: 20, label: "20 mm" },
  };
}

function tokens(): PanelsArtifact {
  const words = ["the", "lesion", "is", "at", "the top", "right"];
  return { panels: words.map((title, w) => ({ title, image: slice(1), overlays: [{ name: "attention", draw: "heat" as const, weights: { shape: [8, 8] as const, values: Array.from({ length: 64 }, (_, i) => Math.exp(-((Math.floor(i / 8) - 3) ** 2 + ((i % 8) - w) ** 2) / 4)) } }] })) };
}

function agreement(): AgreementArtifact {
  return { title: "Slice 21", image: slice(1), raters: [8, 10, 12].map((radius, i) => ({ name: `rater ${i + 1}`, mask: disc(26 + i, 38, radius) })), samples: [9, 11].map((radius, i) => ({ name: `sample ${i + 1}`, mask: disc(25 + i, 39, radius) })) };
}

function steps(): StackArtifact {
  const { magnitude, order, initial = [] } = kspace();
  return {
    unit: "step",
    frames: Array.from({ length: 9 }, (_, step) => {
      const acquired = new Set([...initial, ...order.slice(0, 2 * step)]);
      const seen = { shape: magnitude.shape, values: magnitude.values.map((value, i) => (acquired.has(i % side) ? Math.log1p(value) : 0)) };
      return {
        title: `${acquired.size} of ${side} columns`, facts: { Dice: 0.5 + 0.04 * step, SSIM: 0.6 + 0.03 * step },
        pictures: [{ title: "k-space", image: seen, scale: "plasma" as const }, { title: "reconstruction", image: slice(step), overlays: [{ name: "prediction", draw: "fill" as const, mask: disc(26, 38, 6 + step / 3) }, { name: "truth", draw: "contour" as const, mask: disc(26, 38, 9) }] }],
      };
    }),
  };
}

function cases(): StackArtifact {
  return { unit: "case", frames: panels().panels.map((picture, i) => ({ title: `case-0${i}`, pictures: [{ ...picture, title: "slice" }] })) };
}

function acquisition() {
  const random = seededRandom(5).stream("orders");
  const outside = Array.from({ length: 48 }, (_, i) => (i < 24 ? 23 - i : i + 16));
  return { nColumns: 64, initial: Array.from({ length: 16 }, (_, i) => 24 + i), orders: Array.from({ length: 40 }, () => outside.map((column, i) => [i + 6 * random.normal(), column]).sort((a, b) => a[0] - b[0]).slice(0, 16).map(([, column]) => column)) };
}

function kspace(): KspaceArtifact {
  const random = seededRandom(6).stream("kspace");
  const values = Array.from({ length: side * side }, (_, i) => (400 / (1 + (Math.floor(i / side) - 32) ** 2 + ((i % side) - 32) ** 2)) * (0.4 + random.uniform(0, 1)));
  return { title: "Slice 21", magnitude: { shape: [side, side], values }, order: acquisition().orders[0], initial: acquisition().initial };
}

const architecture: ArchitectureArtifact = {
  blocks: [
    { id: "image", title: "Image", kind: "data", detail: "64 × 64 × 3" }, { id: "question", title: "Question", kind: "data", detail: "32 tokens" },
    { id: "vit", title: "Image encoder", kind: "frozen", detail: "16 × 16 × 256", parameters: 89_670_912 }, { id: "language", title: "Language model", kind: "learned", detail: "32 × 512", parameters: 7_241_732 },
    { id: "fuse", title: "Cross-attention", detail: "16 × 16 × 256", parameters: 1_050_112 }, { id: "decoder", title: "Mask decoder", detail: "64 × 64 × 2", parameters: 4_058_340 },
    { id: "mask", title: "Mask", kind: "data", detail: "256 × 256" }, { id: "answer", title: "Answer", kind: "data", lane: 1 },
  ],
  links: [["image", "vit"], ["question", "language"], ["vit", "fuse"], ["language", "fuse"], ["fuse", "decoder"], ["vit", "decoder"], ["decoder", "mask"], ["language", "answer"]],
};

function losses(): CurvesArtifact {
  const x = Array.from({ length: 40 }, (_, i) => i + 1);
  return { xTitle: "Epoch", yTitle: "Loss", curves: ["focal", "Dice", "boundary"].map((name, c) => ({ name, x, y: x.map((step) => 0.2 * (c + 1) + Math.exp(-step / (6 + 4 * c))) })) };
}
