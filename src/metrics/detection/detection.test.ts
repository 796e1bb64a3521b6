import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { InvalidValue, packageRoot, ShapeMismatch } from "../../core/index.js";
import { within } from "../../core/near.fixture.js";
import { delong, delongInterval, delongTest, quantile } from "../../stats/index.js";
import {
  auc,
  auprc,
  averagePrecision,
  averagePrecisionWithInterval,
  aucWithInterval,
  dcaseScore,
  decisionMetrics,
  harmonicMean,
  pauc,
  paucWithInterval,
  pointAtFpr,
  resampledAuc,
  resampledPauc,
  rankingMetrics,
  rocCurve,
  sortCases,
  thresholdAtFpr,
  youdenPoint,
  type DcaseClip,
  type PaucConvention,
} from "../index.js";

interface GoldenCase {
  name: string;
  scores: number[];
  labels: number[];
  threshold: number;
  auc: number;
  pauc: Record<string, number>;
  ap: number;
  auprc: number;
  roc: { fpr: number[]; tpr: number[]; thresholds: number[] };
  corners: { fpr: number[]; tpr: number[] };
  accuracy: number;
  balanced_accuracy: number;
  f1: number;
  precision: number;
  recall: number;
  brier: number;
  delong: { variance: number; low: number; high: number };
}
interface Golden {
  versions: Record<string, string>;
  cases: GoldenCase[];
  pair: { labels: number[]; first: number[]; second: number[]; difference: number; z: number; p: number };
  quantiles: { values: number[]; q: number; method: "nearest" | "linear"; result: number }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "detection.json"), "utf8")) as Golden;

const near = within(1e-10);

const byClass = (scores: number[], labels: number[]) => ({
  positives: scores.filter((_, i) => labels[i] === 1),
  negatives: scores.filter((_, i) => labels[i] === 0),
});

describe(`detection metrics agree with scikit-learn ${golden.versions["scikit-learn"]}`, () => {
  for (const c of golden.cases) {
    it(c.name, () => {
      near(auc(c.scores, c.labels).value, c.auc);
      for (const [p, expected] of Object.entries(c.pauc)) near(pauc(c.scores, c.labels, { maxFpr: Number(p) }).value, expected);
      near(averagePrecision(c.scores, c.labels).value, c.ap);
      near(auprc(c.scores, c.labels).value, c.auprc);
      const roc = rocCurve(c.scores, c.labels)!;
      assert.deepEqual([...roc.falsePositiveRate], c.roc.fpr);
      assert.deepEqual([...roc.truePositiveRate], c.roc.tpr);
      assert.deepEqual([...roc.thresholds], [Infinity, ...c.roc.thresholds]);
      const corners = rocCurve(c.scores, c.labels, { points: "corners" })!;
      assert.deepEqual(trapezoid(corners.falsePositiveRate, corners.truePositiveRate).toFixed(12), c.auc.toFixed(12));
      assert.ok(corners.thresholds.length <= c.corners.fpr.length);
      const decided = decisionMetrics(c.scores, c.labels, c.threshold);
      for (const id of ["accuracy", "balanced_accuracy", "f1", "precision", "recall"] as const) near(decided[id].value, c[id]);
      const { positives, negatives } = byClass(c.scores, c.labels);
      near(delong(positives, negatives).variance, c.delong.variance);
      const interval = delongInterval(positives, negatives)!;
      near(interval.low, c.delong.low);
      near(interval.high, c.delong.high);
    });
  }

  it("DeLong's paired test, the 1988 formulas by brute force", () => {
    const { labels, first, second, difference, z, p } = golden.pair;
    const test = delongTest(byClass(first, labels), byClass(second, labels));
    near(test.difference, difference);
    near(test.z, z, 1e-9);
    near(test.p, p, 1e-9);
  });

  it(`quantiles as NumPy ${golden.versions.numpy}`, () => {
    for (const { values, q, method, result } of golden.quantiles) near(quantile(values, q, { method }), result);
  });
});

describe("DeLong agrees with pROC 1.18.0 on its example, 113 patients with subarachnoid haemorrhage", () => {
  interface Proc {
    data: Record<string, number[]>;
    auc: Record<string, number>;
    variance: Record<string, number>;
    tests: { first: string; second: string; z: number; p: number; low: number; high: number }[];
  }
  const { data, ...expected } = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "proc.json"), "utf8")) as Proc;
  const classes = (marker: string) => byClass(data[marker], data.outcome);

  it("areas, variances, paired tests", () => {
    for (const [marker, variance] of Object.entries(expected.variance)) {
      near(auc(data[marker], data.outcome).value, expected.auc[marker], 5e-5);
      near(delong(classes(marker).positives, classes(marker).negatives).variance, variance, 1e-16);
    }
    for (const { first, second, z, p, low, high } of expected.tests) {
      const test = delongTest(classes(first), classes(second));
      near(test.z, z, 1e-12);
      near(test.p, p, 1e-14);
      near(test.interval.low, low, 1e-14);
      near(test.interval.high, high, 1e-14);
    }
  });
});

describe("worked by hand (20 normals at 0.05·i, 10 anomalies)", () => {
  const normals = Array.from({ length: 20 }, (_, i) => 0.05 * i);
  const anomalies = [0.12, 0.33, 0.47, 0.52, 0.68, 0.81, 0.88, 0.93, 0.97, 1.1];
  const scores = [...normals, ...anomalies];
  const labels = [...normals.map(() => 0), ...anomalies.map(() => 1)];
  const domainOf = (index: number): string => (index % 2 === 0 ? "source" : "target");
  const clips: DcaseClip[] = scores.map((score, i) => ({
    machine: "fan",
    score,
    label: labels[i],
    domain: domainOf(i < 20 ? i : i - 20),
  }));

  it("AUC and the three pAUC conventions", () => {
    near(auc(scores, labels).value, 0.695);
    const expected: [number, number][] = [
      [0.05, 0.5897435897],
      [0.1, 0.6052631579],
      [0.2, 0.6388888889],
      [0.5, 0.66],
    ];
    for (const [maxFpr, value] of expected) near(pauc(scores, labels, { maxFpr }).value, value);
    near(pauc(scores, labels, { convention: "dcase" }).value, 0.25);
    near(pauc(scores, labels, { maxFpr: 1, convention: "raw" }).value, 0.695);
    assert.equal(pauc(scores, labels).convention, "mcclish@0.1");
  });

  it("the official DCASE score pools the anomalies of both domains", () => {
    const { official, parts } = dcaseScore(clips);
    near(parts.find((part) => part.group?.domain === "source")?.value, 0.72);
    near(parts.find((part) => part.group?.domain === "target")?.value, 0.67);
    near(official.value, 0.661725764);
    near(harmonicMean([0.72, 0.67, 0.6052631579]), 0.661725764);
    const separate = dcaseScore(clips, { year: 2021 }).parts.map((part) => part.value);
    near(separate[0], 0.66);
    near(separate[2], 0.7);
    near(separate[1], 0.5789473684);
    near(separate[3], 0.5789473684);
    near(dcaseScore(clips, { year: 2020 }).official.value, (0.695 + 0.6052631579) / 2);
  });

  it("a missing class makes the official score undefined and says where", () => {
    assert.notEqual(dcaseScore(clips.filter((clip) => clip.domain === "source")).official.value, null);
    const broken = dcaseScore(clips.filter((clip) => clip.label === 0)).official;
    assert.equal(broken.value, null);
    assert.equal(broken.excluded[0].reason, "one-class-only");
    assert.match(broken.excluded[0].case, /fan/);
    assert.throws(() => dcaseScore([{ machine: "fan", label: 0, score: 1 }]), /domain/);
  });

  it("thresholds: nearest quantile, Youden, target rate", () => {
    near(thresholdAtFpr([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), 10);
    near(thresholdAtFpr(Array.from({ length: 31 }, (_, i) => i)), 28);
    near(thresholdAtFpr([10, 20, 30], { fpr: 0.75 }), 10);
    near(thresholdAtFpr([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { fpr: 0.01, method: "linear" }), 9.91);
    assert.deepEqual(youdenPoint([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]), {
      threshold: 0.3,
      truePositiveRate: 1,
      falsePositiveRate: 0,
    });
    assert.deepEqual(pointAtFpr([0.1, 0.5, 0.3, 0.4], [0, 0, 1, 1], 0), {
      threshold: Infinity,
      truePositiveRate: 0,
      falsePositiveRate: 0,
    });
    assert.equal(pointAtFpr([0.1, 0.5, 0.3, 0.4], [0, 0, 1, 1], 0.5)?.threshold, 0.3);
  });
});

describe("ties and extremes", () => {
  it("four ties across the classes", () => {
    const labels = [0, 0, 0, 0, 1, 1, 1, 1];
    const scores = [0.1, 0.4, 0.4, 0.8, 0.4, 0.8, 0.8, 0.9];
    near(auc(scores, labels).value, 0.8125);
    near(pauc(scores, labels).value, 0.6578947368);
    near(pauc(scores, labels, { maxFpr: 0.25 }).value, 0.7142857143);
    near(pauc(scores, labels, { maxFpr: 0.3 }).value, 0.7316176471);
  });

  it("perfect 1, inverted 0.474 and constant 0.5 at p = 0.1", () => {
    const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const value = (scores: number[]): number | null => pauc(scores, labels).value;
    near(value([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 1);
    near(value([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]), 0.4736842105);
    near(value(labels.map(() => 3)), 0.5);
  });

  it("one class only is null with its reason, never NaN or 0", () => {
    for (const value of [auc([1, 2], [1, 1]), pauc([1, 2], [0, 0]), decisionMetrics([1], [0], 0).recall]) {
      assert.equal(value.value, null);
      assert.deepEqual(value.excluded, [{ case: "*", reason: "one-class-only" }]);
    }
    assert.equal(rocCurve([1, 2], [1, 1]), null);
    assert.equal(averagePrecision([1], [0]).excluded[0].reason, "no-positive");
    assert.equal(pauc([1, 2, 3], [0, 0, 1], { convention: "dcase" }).excluded[0].reason, "too-few-negatives");
  });

  it("refuses what is not a score or a label", () => {
    assert.throws(() => auc([1, NaN], [0, 1]), InvalidValue);
    assert.throws(() => auc([1, Infinity], [0, 1]), /scores\[1\]/);
    assert.throws(() => auc([1, 2], [0, 2]), /labels\[1\]/);
    assert.throws(() => auc([1, 2], [0]), ShapeMismatch);
    assert.throws(() => pauc([1, 2], [0, 1], { maxFpr: 0 }), /maxFpr/);
    assert.throws(() => aucWithInterval([1, 2], [0, 1], { method: "delong", clusters: ["a", "b"] }), /bootstrap/);
    assert.throws(() => paucWithInterval([1, 2], [0, 1], { method: "delong" }), /not defined for a partial/);
  });
});

const arbitraryCases = fc
  .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.boolean()), { minLength: 2, maxLength: 40 })
  .filter((cases) => new Set(cases.map(([, label]) => label)).size === 2);

describe("properties", () => {
  it("AUC is the share of won pairs, ties ½; the sign turns it round; monotone maps leave it", () => {
    fc.assert(
      fc.property(arbitraryCases, (cases) => {
        const scores = cases.map(([score]) => score);
        const labels = cases.map(([, label]) => label);
        let won = 0;
        let pairs = 0;
        for (let i = 0; i < scores.length; i++) {
          for (let j = 0; j < scores.length; j++) {
            if (!labels[i] || labels[j]) continue;
            pairs++;
            won += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          }
        }
        const value = auc(scores, labels).value!;
        near(value, won / pairs);
        near(
          auc(
            scores.map((s) => -s),
            labels,
          ).value,
          1 - value,
        );
        near(
          auc(
            scores.map((s) => Math.exp(s)),
            labels,
          ).value,
          value,
        );
        near(delong(byClass(scores, labels.map(Number)).positives, byClass(scores, labels.map(Number)).negatives).auc, value);
      }),
    );
  });

  it("pAUC is the area below the interpolated curve, and a weight is a repetition", () => {
    fc.assert(
      fc.property(
        arbitraryCases,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 99 }),
        (cases, maxFpr, salt) => {
          const scores = cases.map(([score]) => score);
          const labels = cases.map(([, label]) => Number(label));
          const roc = rocCurve(scores, labels)!;
          near(
            pauc(scores, labels, { maxFpr, convention: "raw" }).value,
            trapezoid(roc.falsePositiveRate, roc.truePositiveRate, maxFpr),
            1e-9,
          );
          const counts = Int32Array.from(cases, (_, i) => (i * 7 + salt) % 3);
          const repeated = cases.flatMap((_, i) => Array.from({ length: counts[i] }, () => i));
          const sorted = sortCases(scores, labels);
          const byRank = Int32Array.from(sorted.order, (i) => counts[i]);
          const pick = (list: number[]): number[] => repeated.map((i) => list[i]);
          const whole = auc(pick(scores), pick(labels)).value;
          assert.equal(resampledAuc(sorted)(byRank)?.toFixed(12), whole?.toFixed(12));
          for (const convention of ["mcclish", "raw"] satisfies PaucConvention[]) {
            const part = pauc(pick(scores), pick(labels), { maxFpr, convention }).value;
            assert.equal(resampledPauc(sorted, maxFpr, convention)(byRank)?.toFixed(9), part?.toFixed(9));
          }
        },
      ),
    );
  });
});

describe("intervals", () => {
  const { scores, labels } = golden.cases[0];

  it("bootstrap and DeLong agree roughly, the seed fixes the draw, and the order of rows does not matter", () => {
    const value = aucWithInterval(scores, labels, { seed: 3 });
    const delongs = aucWithInterval(scores, labels, { method: "delong" }).interval!;
    near(value.interval?.low, delongs.low, 0.03);
    near(value.interval?.high, delongs.high, 0.03);
    assert.deepEqual(aucWithInterval(scores, labels, { seed: 3 }), value);
    assert.notDeepEqual(aucWithInterval(scores, labels, { seed: 4 }).interval, value.interval);
    assert.deepEqual(aucWithInterval([...scores].reverse(), [...labels].reverse(), { seed: 3 }).interval, value.interval);
    assert.deepEqual(rankingMetrics(scores, labels, { seed: 3 }), [
      value,
      paucWithInterval(scores, labels, { seed: 3 }),
      averagePrecisionWithInterval(scores, labels, { seed: 3 }),
    ]);
    const mixed = rankingMetrics(scores, labels, { seed: 3, method: "delong", convention: "dcase" });
    assert.deepEqual(
      mixed.map(({ interval }) => interval?.method),
      ["delong", undefined, "bootstrap-percentile"],
    );
    const partial = paucWithInterval(scores, labels, { seed: 3 });
    assert.ok(partial.interval!.low < partial.value! && partial.value! < partial.interval!.high);
  });

  it("drawing whole patients widens the interval when their cases repeat each other", () => {
    const repeat = (list: number[]): number[] => list.flatMap((x) => [x, x, x, x]);
    const patients = repeat(scores.map((_, i) => i));
    const width = (options: object): number => {
      const { low, high } = aucWithInterval(repeat(scores), repeat(labels), { seed: 1, ...options }).interval!;
      return high - low;
    };
    assert.ok(width({ clusters: patients }) > 1.7 * width({}));
    const { cluster, degenerate } = aucWithInterval(repeat(scores), repeat(labels), {
      clusters: patients,
      clusterName: "patient",
    }).interval!;
    assert.equal(cluster, "patient");
    assert.equal(degenerate, 0);
  });

  it("counts the resamples that have one class only", () => {
    const interval = aucWithInterval([1, 2, 3, 4], [0, 0, 0, 1], { stratify: "none", resamples: 500 }).interval!;
    assert.ok(interval.degenerate! > 100 && interval.degenerate! < 220, `${interval.degenerate}`);
  });
});

function trapezoid(x: ArrayLike<number>, y: ArrayLike<number>, limit = 1): number {
  let area = 0;
  for (let k = 1; k < x.length && x[k - 1] < limit; k++) {
    const right = Math.min(x[k], limit);
    const end = x[k] === x[k - 1] ? y[k] : y[k - 1] + ((y[k] - y[k - 1]) * (right - x[k - 1])) / (x[k] - x[k - 1]);
    area += ((right - x[k - 1]) * (y[k - 1] + end)) / 2;
  }
  return area;
}
