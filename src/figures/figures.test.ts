import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seededRandom } from "../core/index.js";
import {
  acquisitionMap, agreementMap, architectureDiagram, attentionMap, calibrationFigure, caseBoxes, colour, confusionMatrix, darkTwins, distinctStyles, figure, imagePanels, intervalDots, kspaceFigure,
  learningCurves, maskOutline, precisionRecallFigure, rankDiagram, recolour, rocFigure, scoreHistogram, seriesStyles, spectrogramPair, surfaceFigure, surfaceMesh, tokens, tradeOff, translucent, zoneMatrix, type Figure,
} from "./index.js";

const style = seriesStyles(["a"]).get("a")!;
const generated = { id: "some-figure", generated: true } as const;
const clip = { title: "clip", shape: [2, 3], values: [1, 2, 3, 4, 5, 6], secondsPerFrame: 0.032, bandHz: [500, 1000] } as const;

const all: readonly Figure[] = [
  rocFigure([{ name: "a", style, falsePositiveRate: [0, 0.5, 1], truePositiveRate: [0, 1, 1], auc: 0.75, operatingPoint: { falsePositiveRate: 0.5, truePositiveRate: 1 } }], generated),
  scoreHistogram({ normal: [0, 1, 2], anomalous: [2, 3], threshold: 2 }, generated),
  intervalDots(["fan", "valve"], [{ name: "a", style, values: [{ value: 0.7, low: 0.6, high: 0.8 }, null] }], { ...generated, xTitle: "AUC", reference: { value: 0.5, label: "chance" } }),
  learningCurves([{ name: "a", style, x: [1, 2], y: [3, 2], low: [2, 1], high: [4, 3] }], { ...generated, xTitle: "Epoch", yTitle: "Loss" }),
  spectrogramPair(clip, clip, generated),
  attentionMap({ title: "clip", image: { shape: [4, 4], values: Array.from({ length: 16 }, (_, i) => i) }, weights: { shape: [2, 2], values: [0.1, 0.2, 0.3, 0.4] }, patch: 2, stride: 2 }, generated),
  precisionRecallFigure([{ name: "a", style, recall: [0.5, 1], precision: [1, 0.75], averagePrecision: 0.88 }], 0.5, generated),
  calibrationFigure([{ name: "a", style, bins: [{ predicted: 0.2, observed: 0.1, count: 5 }, { predicted: 0.8, observed: 0.9, count: 0 }], error: 0.1 }], generated),
  caseBoxes([{ name: "a", style, values: [0.8, null, 0.9] }, { name: "b", style, values: [0.7, 0.6, 0.8] }], { ...generated, yTitle: "Dice", cases: ["x", "y", "z"] }),
  rankDiagram({ methods: ["a", "b", "c"], meanRanks: [1.2, 2.3, 2.5], criticalDifference: 0.9, groups: [["b", "c"]], p: 0.01 }, generated),
  imagePanels(
    [{ title: "slice 1", image: { shape: [2, 2], values: [0, 1, 2, 3] }, orientation: ["R", "L", "A", "P"], overlays: [{ name: "truth", mask: { shape: [2, 2], values: [0, 1, 1, 0] }, colour: colour.series2, draw: "contour" }] }],
    { ...generated, scaleBar: { pixels: 1, label: "10 mm" } },
  ),
  imagePanels([{ title: "tokens", image: { shape: [2, 2], values: [0, 1, 2, 3] }, overlays: [{ name: "attention", weights: { shape: [1, 2], values: [0.2, 0.8] }, draw: "heat" }, { name: "click", points: [[0, 1]], colour: colour.series2, draw: "points" }] }], generated),
  caseBoxes([{ name: "a", style, values: [0.8, null, 0.9] }], { ...generated, yTitle: "Dice", cases: ["x", "y", "z"], shape: "violin" }),
  agreementMap({ title: "slice", image: { shape: [1, 3], values: [0, 1, 2] }, raters: [{ name: "rater 1", mask: { shape: [1, 3], values: [1, 1, 0] } }, { name: "rater 2", mask: { shape: [1, 3], values: [0, 1, 0] } }] }, generated),
  acquisitionMap({ orders: [[3, 5], [3, 4]], nColumns: 8, initial: [0, 7] }, generated),
  kspaceFigure({ title: "slice", magnitude: { shape: [2, 4], values: [1, 9, 9, 1, 0, 5, 5, 0] }, order: [2], initial: [1] }, generated),
  tradeOff([{ name: "a", style, x: { value: 0.8, low: 0.7, high: 0.9 }, y: { value: 0.5 } }], { ...generated, xTitle: "SSIM", yTitle: "Dice" }),
  zoneMatrix({ truth: ["top left", "center", null], answer: ["top left", null, "center"] }, generated),
  architectureDiagram({ blocks: [{ id: "image", title: "Image", kind: "data" }, { id: "vit", title: "ViT", parameters: 86_000_000, kind: "frozen", detail: "64 × 64 × 256" }], links: [["image", "vit"]] }, generated),
  confusionMatrix({ labels: ["normal", "anomalous"], counts: [[9, 1], [2, 8]] }, generated),
];

test("a name can put no link and no style into a drawing", () => {
  const name = '<a href="https://evil.example/">x</a><b>y</b> < 3';
  const { data, layout } = intervalDots([name], [{ name, style, values: [{ value: 0.7 }] }], { ...generated, xTitle: name });
  const text = JSON.stringify({ data, layout });
  assert.doesNotMatch(text, /<\/?a\b/);
  assert.match(text, /&lt;a href=.*x&lt;\/a><b>y<\/b> &lt; 3/);
});

test("curves over counted steps have ticks at whole numbers, each once", () => {
  const ticks = (x: readonly number[]) => (learningCurves([{ name: "a", style, x, y: x }], { ...generated, xTitle: "Round", yTitle: "Dice" }).layout.xaxis as { tickvals?: number[]; dtick?: number; tick0?: number });
  assert.deepEqual(ticks([1, 2]).tickvals, [1, 2]);
  assert.deepEqual(ticks([16, 4, 8]).tickvals, [4, 8, 16]);
  assert.deepEqual([ticks([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).dtick, ticks([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).tick0], [1, 0]);
  assert.equal(ticks(Array.from({ length: 40 }, (_, i) => i)).tickvals, undefined);
  assert.equal(ticks([1, 2, 1000]).tickvals, undefined, "labels that would touch");
  assert.equal(ticks([0.5, 1]).tickvals, undefined);
});

describe("every builder", () => {
  test("writes the words on a drawing of generated data, and only there", () => {
    for (const one of all) {
      assert.match(JSON.stringify(one.layout.annotations), /"Generated data"/);
      assert.match(one.alt, /Made from generated data\.$/);
    }
    const real = scoreHistogram({ normal: [0], anomalous: [1] }, { ...generated, generated: false });
    assert.doesNotMatch(JSON.stringify(real.layout), /Generated data/);
  });

  test("gives a description and its numbers, as plain JSON", () => {
    for (const one of all) {
      assert.ok(one.alt.length > 20, one.id);
      assert.ok(one.table!.rows.length > 0);
      for (const row of one.table!.rows) assert.equal(row.length, one.table!.columns.length);
      assert.deepEqual(JSON.parse(JSON.stringify({ data: one.data, layout: one.layout })), { data: one.data, layout: one.layout });
    }
  });

  test("writes no colour of its own besides colour maps of images", () => {
    for (const one of all) {
      const text = JSON.stringify(one.layout).replaceAll(/"colorscale":\[\[.*?\]\]/g, "");
      for (const [found] of text.matchAll(/#[0-9a-f]{6}/g)) assert.ok(found in darkTwins || ["#fffffe", "#000010"].includes(found), `${one.id}: ${found}`);
    }
  });
});

test("a figure without a description or with a wild id is refused", () => {
  const parts = { data: [], layout: {}, alt: " ", table: { columns: [], rows: [] } };
  assert.throws(() => figure({ id: "x", generated: false }, parts), { code: "invalid-value" });
  assert.throws(() => figure({ id: "Fig 1", generated: false }, { ...parts, alt: "words" }), { code: "invalid-value" });
});

test("the histogram counts every score once and tells what lies above the threshold", () => {
  const { table, alt } = scoreHistogram({ normal: [0, 1, 2], anomalous: [2, 3, 4], threshold: 2 }, { ...generated, bins: 4 });
  const sum = (column: number): number => table!.rows.reduce((total, row) => total + Number(row[column]), 0);
  assert.deepEqual([sum(2), sum(3)], [3, 3]);
  assert.match(alt, /3 anomalous and 1 normal cases lie at or above it/);
});

test("boxes join only cases that every series has, and say their medians", () => {
  const { data, alt } = caseBoxes([{ name: "a", style, values: [0.8, null, 0.9] }, { name: "b", style, values: [0.7, 0.6, 0.8] }], { ...generated, yTitle: "Dice", cases: ["x", "y", "z"] });
  assert.deepEqual(data[0].x, [0, 1, null, 0, 1, null]);
  assert.match(alt, /b: median 0\.70, middle half 0\.70 to 0\.80, n = 3/);
});

test("an outline follows pixels' edges: its loops' areas add up to the pixels inside, holes and corners included", () => {
  const shape = [7, 9] as const;
  const random = seededRandom(3).stream("mask");
  for (let round = 0; round < 60; round++) {
    const values = Array.from({ length: 63 }, () => (random.uniform(0, 1) < 0.55 ? 1 : 0));
    const { x, y } = maskOutline({ shape, values });
    let doubled = 0;
    for (let i = 1; i < x.length; i++) if (x[i] !== null && x[i - 1] !== null) doubled += x[i - 1]! * y[i]! - x[i]! * y[i - 1]!;
    assert.equal(doubled / 2, values.reduce((sum: number, value) => sum + value, 0));
  }
  assert.deepEqual(maskOutline({ shape: [1, 2], values: [0, 1] }), { x: [0.5, 1.5, 1.5, 0.5, 0.5], y: [-0.5, -0.5, 0.5, 0.5, -0.5] });
  const apart = maskOutline({ shape: [2, 2], values: [1, 0, 0, 1] });
  assert.equal(apart.x.filter((at) => at === null).length, 1, "two pixels that touch by a corner are two loops");
});

test("a mask or a column that does not fit is refused by name", () => {
  const image = { shape: [2, 2], values: [0, 1, 2, 3] } as const;
  assert.throws(() => imagePanels([{ title: "a", image, overlays: [{ name: "truth", mask: { shape: [1, 2], values: [0, 1] }, colour: colour.series2, draw: "fill" }] }], generated), /truth.*2 × 2/);
  assert.throws(() => imagePanels([], generated), { code: "invalid-value" });
  assert.throws(() => acquisitionMap({ orders: [[8]], nColumns: 8 }, generated), /column from 0 to 7/);
  assert.throws(() => zoneMatrix({ truth: ["center"], answer: [] }, generated), { code: "shape-mismatch" });
  assert.throws(() => architectureDiagram({ blocks: [{ id: "a", title: "A" }, { id: "b", title: "B" }], links: [["a", "b"], ["b", "a"]] }, generated), /circle/);
  assert.throws(() => architectureDiagram({ blocks: [{ id: "a", title: "A" }], links: [["a", "x"]] }, generated), /no block/);
});

test("an acquisition tells which share of slices took a column at a step, and in how many steps all agree", () => {
  const { table, alt } = acquisitionMap({ orders: [[3, 5], [3, 4], [3, -1], [3, 4]], nColumns: 8 }, generated);
  assert.deepEqual(table!.rows, [[1, 3, 1], [2, 4, 0.5], [2, 5, 0.25]]);
  assert.match(alt, /In 1 of the 2 steps every slice acquires the same column/);
});

test("a zone matrix counts what is named, leaves out cases without a true zone, and tells the majority beside the accuracy", () => {
  const { table, alt } = zoneMatrix({ truth: ["top left", "top left", "center", null], answer: ["top left", null, "top left", "center"] }, generated);
  assert.deepEqual(table!.rows[0], ["top left", 1, 0, 0, 0, 0, 1]);
  assert.match(alt, /Zones of 3 cases, true by said; 33 % right, always the commonest zone would be right in 67 %/);
});

test("a surface is closed, looks outward and holds about the mask's volume, at the mask's border too", () => {
  const shape = [14, 12, 16] as const;
  const at = (i: number): [number, number, number] => [Math.floor(i / 192), Math.floor(i / 16) % 12, i % 16];
  for (const [name, inside] of [
    ["ball", ([z, y, x]: number[]) => (z - 7) ** 2 + (y - 6) ** 2 + (x - 8) ** 2 < 22],
    ["all of it", () => true],
    ["two that touch by an edge", ([z, y, x]: number[]) => z > 3 && z < 8 && ((y < 5 && x < 6) || (y >= 5 && y < 9 && x >= 6 && x < 10))],
  ] as const) {
    const values = Array.from({ length: 14 * 12 * 16 }, (_, i) => (inside(at(i)) ? 1 : 0));
    const { vertices, triangles } = surfaceMesh({ shape, spacingMm: [2, 1, 1], values });
    const edges = new Map<string, number>();
    let volume = 0;
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => triangles[t + k]);
      for (const [from, to] of [[a, b], [b, c], [c, a]]) {
        const key = from < to ? `${from}/${to}` : `${to}/${from}`;
        edges.set(key, (edges.get(key) ?? 0) + (from < to ? 1 : -1));
      }
      const [p, q, r] = [a, b, c].map((k) => Array.from(vertices.subarray(3 * k, 3 * k + 3)));
      volume += (p[0] * (q[1] * r[2] - q[2] * r[1]) - p[1] * (q[0] * r[2] - q[2] * r[0]) + p[2] * (q[0] * r[1] - q[1] * r[0])) / 6;
    }
    assert.ok([...edges.values()].every((balance) => balance === 0), `${name}: every edge is passed as often one way as the other`);
    const expected = 2 * values.reduce((sum: number, value) => sum + value, 0);
    assert.ok(volume > 0.75 * expected && volume < 1.1 * expected, `${name}: ${volume} of ${expected} mm³`);
  }
  assert.throws(() => surfaceMesh({ shape: [1, 1, 1], spacingMm: [1, 1, 1], values: [0] }), /nothing|inside/);
});

test("a surface's still picture tells its extent in millimetres", () => {
  const mesh = surfaceMesh({ shape: [2, 2, 2], spacingMm: [3, 1, 1], values: [1, 1, 1, 1, 1, 1, 1, 1] });
  const { alt, data } = surfaceFigure(mesh, { title: "mask.nii.gz" }, generated);
  assert.match(alt, /2 × 2 × 6 mm/);
  assert.match(String(data[0].source), /^data:image\/png;base64,/);
});

test("agreement counts raters a pixel", () => {
  const image = { shape: [1, 4], values: [0, 0, 0, 0] } as const;
  const raters = [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 0, 0]].map((values, i) => ({ name: `rater ${i + 1}`, mask: { shape: image.shape, values } }));
  const { table, alt } = agreementMap({ title: "slice", image, raters }, generated);
  assert.deepEqual(table!.rows, [[0, 1], [1, 1], [2, 1], [3, 1]]);
  assert.match(alt, /All 3 marked 1 of the 3 pixels/);
});

test("recolouring to dark and a name's look do not depend on the figure", () => {
  assert.deepEqual(recolour({ line: { color: colour.ink }, fill: [translucent(colour.series1, 0.5)] }, "dark"), {
    line: { color: tokens.dark.ink },
    fill: [`${tokens.dark.series1}80`],
  });
  const names = ["a", "b", "c"];
  assert.equal(seriesStyles(names).get("b"), seriesStyles(["x", "b"]).get("b"));
  assert.equal(new Set([...seriesStyles(names).values()].map(({ dash, symbol }) => dash + symbol)).size, 3);
});

test("no two series of a figure look alike, and those that would not keep their own look", () => {
  const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
  const styles = seriesStyles(names);
  assert.equal(styles.get("s1"), styles.get("s9"));
  const shown = distinctStyles(["s1", "s9", "s3", "s17"], styles);
  assert.equal(shown.get("s1"), styles.get("s1"));
  assert.equal(shown.get("s3"), styles.get("s3"));
  assert.equal(new Set(shown.values()).size, 4);
});

test("the palette keeps 3 to 1 contrast with its page in both themes", () => {
  for (const theme of ["light", "dark"] as const) {
    for (const [name, value] of Object.entries(tokens[theme])) {
      if (!/^series|^normal|^anomalous|^ink|^muted/.test(name)) continue;
      const ratio = contrast(value, tokens[theme].paper);
      assert.ok(ratio >= (name === "ink" || name === "muted" ? 4.5 : 3), `${theme} ${name}: ${ratio.toFixed(2)}`);
    }
  }
});

/** WCAG 2 contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, blue] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}
