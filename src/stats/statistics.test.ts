import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { packageRoot } from "../core/index.js";
import {
  adjustComparisons,
  bcaLimits,
  boldMethods,
  bootstrap,
  casesForGap,
  casesForHalfWidth,
  chiSquareUpperTail,
  cliffDelta,
  cohenDz,
  comparePaired,
  compareStatistics,
  criticalDifference,
  delongTest,
  eachResample,
  holm,
  midranks,
  normalCdf,
  normalQuantile,
  normalUpperTail,
  permutationTest,
  planResamples,
  quantile,
  seedSpread,
  studentTCdf,
  studentTQuantile,
  weightedMean,
  wilcoxon,
} from "./index.js";
import { within } from "../core/near.fixture.js";

type Triple = [number, number, number];
interface Golden {
  versions: { scipy: string };
  normal: Triple[];
  normalQuantile: [number, number][];
  t: Triple[];
  tQuantile: Triple[];
  chiSquare: Triple[];
  wilcoxon: { first: number[]; second: number[]; p: number }[];
  friedman: { table: number[][]; statistic: number; p: number; meanRanks: number[] };
  nemenyi: Record<"0.05" | "0.1", number[]>;
  holm: { p: number[]; adjusted: number[] };
  bca: { replicates: number[]; estimate: number; jackknifed: number[]; limits: [number, number] };
  pair: { first: number[]; second: number[]; percentile: [number, number]; bca: [number, number] };
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "statistics.json"), "utf8")) as Golden;

const near = within(1e-10);

describe(`distributions agree with SciPy ${golden.versions.scipy}`, () => {
  it("normal, Student's t and χ²", () => {
    for (const [z, cdf, tail] of golden.normal) {
      near(normalCdf(z), cdf, 1e-14);
      near(normalUpperTail(z) / tail, 1, 1e-11);
    }
    for (const [p, z] of golden.normalQuantile) near(normalQuantile(p), z, 1e-8);
    for (const [p, z] of golden.normalQuantile.slice(1, 7)) near(normalQuantile(p), z, 1e-13);
    for (const [t, df, cdf] of golden.t) near(studentTCdf(t, df), cdf, 1e-12);
    for (const [p, df, t] of golden.tQuantile) near(studentTQuantile(p, df), t, 1e-8 * Math.abs(t) + 1e-10);
    for (const [x, df, tail] of golden.chiSquare) near(chiSquareUpperTail(x, df), tail, 1e-12);
  });

  it("Wilcoxon: exact, exact with ties over all signs, normal above 50 pairs", () => {
    for (const { first, second, p } of golden.wilcoxon) near(wilcoxon(first, second).p, p, 1e-10);
  });

  it("Friedman and Nemenyi's table", () => {
    const result = criticalDifference(["a", "b", "c", "d"], golden.friedman.table);
    near(result.statistic, golden.friedman.statistic, 1e-9);
    near(result.p, golden.friedman.p, 1e-12);
    result.meanRanks.forEach((rank, j) => near(rank, golden.friedman.meanRanks[j]));
    golden.nemenyi["0.05"].forEach((q, index) => {
      const k = index + 2;
      const table = [Array.from({ length: k }, (_, j) => j), Array.from({ length: k }, (_, j) => -j)];
      const { criticalDifference: cd } = criticalDifference(table[0].map(String), table);
      near(cd, q * Math.sqrt((k * (k + 1)) / 12), 1e-5);
    });
  });

  it("BCa limits of given replicates", () => {
    const { replicates, estimate, jackknifed, limits } = golden.bca;
    const { low, high } = bcaLimits(replicates, estimate, jackknifed)!;
    near(low, limits[0], 1e-9);
    near(high, limits[1], 1e-9);
    assert.equal(bcaLimits(replicates, -1, jackknifed), null);
  });

  it("bootstrap intervals of a mean difference, within resampling noise of SciPy's", () => {
    const { first, second, percentile, bca } = golden.pair;
    const statistic = weightedMean(first.map((x, i) => x - second[i]));
    for (const [method, expected] of [
      ["percentile", percentile],
      ["bca", bca],
    ] as const) {
      const interval = bootstrap(first.length, statistic, { method, resamples: 20000, seed: 1 })!;
      near(interval.low, expected[0], 4e-4);
      near(interval.high, expected[1], 4e-4);
      assert.equal(interval.method, `bootstrap-${method}`);
    }
  });
});

describe("resampling", () => {
  it("keeps strata sizes, draws clusters whole, and reaches every unit evenly", () => {
    const strata = ["a", "a", "a", "b", "b"];
    eachResample(planResamples(5, { strata }), 50, 1, (counts) => {
      assert.equal(counts[0] + counts[1] + counts[2], 3);
      assert.equal(counts[3] + counts[4], 2);
    });
    eachResample(planResamples(6, { clusters: ["p", "q", "p", "r", "q", "p"] }), 50, 1, (counts) => {
      assert.ok(counts[0] === counts[2] && counts[2] === counts[5] && counts[1] === counts[4]);
      assert.equal(counts[0] + counts[1] + counts[3], 3);
    });
    for (const units of [7, 70_000]) {
      const totals = new Float64Array(units);
      const rounds = units === 7 ? 20_000 : 3;
      eachResample(planResamples(units), rounds, 2, (counts) => counts.forEach((count, i) => (totals[i] += count)));
      assert.equal(
        totals.reduce((sum, x) => sum + x, 0),
        units * rounds,
      );
      if (units === 7) for (const total of totals) assert.ok(Math.abs(total - rounds) < 5 * Math.sqrt(rounds), `${total}`);
    }
  });

  it("counts degenerate resamples and gives up when most are", () => {
    const sometimes = bootstrap(4, (counts) => (counts[0] > 0 ? counts[0] : null), { resamples: 400 })!;
    assert.ok(sometimes.degenerate! > 80 && sometimes.degenerate! < 180, `${sometimes.degenerate}`);
    assert.equal(
      bootstrap(4, () => null),
      null,
    );
    assert.equal(bootstrap(1, weightedMean([1])), null);
    assert.throws(() => bootstrap(3, weightedMean([1, 2, 3]), { level: 1 }), /level/);
    assert.throws(() => bootstrap(3, weightedMean([1, 2, 3]), { resamples: 0 }), /resamples/);
    assert.throws(() => planResamples(3, { clusters: ["a"] }), /clusters/);
  });

  it("covers: the 95 % interval of a mean holds the truth about 95 times in 100", () => {
    let held = 0;
    const rounds = 300;
    for (let round = 0; round < rounds; round++) {
      const values = new Float64Array(40);
      eachResample(planResamples(40), 1, 1000 + round, (counts) => counts.forEach((count, i) => (values[i] = count + i * 1e-9)));
      const { low, high } = bootstrap(40, weightedMean(values.map((x, i) => x * Math.cos(i * 12.9898) ** 3)), {
        resamples: 400,
        seed: round,
      })!;
      const truth = Array.from({ length: 40 }, (_, i) => Math.cos(i * 12.9898) ** 3).reduce((sum, x) => sum + x, 0) / 40;
      if (low <= truth && truth <= high) held++;
    }
    assert.ok(held / rounds > 0.88 && held / rounds <= 1, `${held} of ${rounds}`);
  });
});

describe("small cases worked by hand", () => {
  it("ranks, quantiles, Holm, effect sizes, seeds, sample sizes", () => {
    assert.deepEqual([...midranks([10, 20, 20, 5])], [2, 3.5, 3.5, 1]);
    assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
    assert.throws(() => quantile([], 0.5), /at least one/);
    holm(golden.holm.p).forEach((p, i) => near(p, golden.holm.adjusted[i]));
    near(cohenDz([2, 4, 6], [1, 2, 3]), 2);
    assert.equal(cliffDelta([3, 4], [1, 2]), 1);
    assert.equal(cliffDelta([1, 2], [1, 2]), 0);
    near(seedSpread([0.81, 0.83, 0.82]).sd, 0.01);
    near(seedSpread([0.81, 0.83, 0.82]).interval?.high, 0.82 + (4.30265273 * 0.01) / Math.sqrt(3), 1e-8);
    assert.equal(seedSpread([1]).interval, null);
    assert.equal(casesForGap(0.01, 0.05), 197);
    assert.equal(casesForHalfWidth(0.005, 0.03), 139);
    assert.throws(() => casesForGap(0, 1), /gap/);
  });

  it("Wilcoxon and permutation of five positive differences", () => {
    assert.equal(wilcoxon([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]).p, 0.0625);
    assert.equal(wilcoxon([1, 2], [1, 2]).p, 1);
    assert.equal(wilcoxon([1, 2, 3], [0, 0, 9]).rankBiserial, 0);
    assert.equal(permutationTest([1, 2, 3], [0, 0, 0]).p, 0.25);
    assert.equal(permutationTest([1, 2, 3, 4], [0, 0, 0, 0], { clusters: ["p", "p", "q", "q"] }).p, 0.5);
    const many = Array.from({ length: 40 }, (_, i) => 0.5 + (i % 7));
    assert.ok(
      permutationTest(
        many,
        many.map(() => 0),
        { permutations: 500 },
      ).p ===
        1 / 501,
    );
  });

  it("DeLong of identical rankings is z = 0, p = 1, as pROC", () => {
    const scores = { positives: [0.9, 0.5, 0.4], negatives: [0.1, 0.45, 0.2] };
    assert.deepEqual([delongTest(scores, scores).z, delongTest(scores, scores).p], [0, 1]);
    assert.throws(() => delongTest(scores, { ...scores, positives: [1] }), /same cases/);
  });

  it("critical-difference groups are maximal and ordered", () => {
    const table = Array.from({ length: 60 }, (_, i) => [3 + (i % 2), 3 + ((i + 1) % 2), 0]);
    const { groups, meanRanks } = criticalDifference(["a", "b", "worst"], table);
    assert.deepEqual(meanRanks, [1.5, 1.5, 3]);
    assert.deepEqual(groups, [["a", "b"]]);
    assert.throws(
      () =>
        criticalDifference(
          ["a", "b"],
          [
            [1, NaN],
            [1, 2],
          ],
        ),
      /row 0/,
    );
  });
});

describe("comparisons", () => {
  const first = { name: "ours", values: golden.pair.first };
  const second = { name: "theirs", values: golden.pair.second };

  it("list the cases that lack a value, and agree with the parts they are made of", () => {
    const gaps = { ...second, values: [null, ...second.values.slice(1)] };
    const comparison = comparePaired("dice", first, gaps, { seed: 1, cases: first.values.map((_, i) => `case-${i}`) });
    assert.deepEqual(comparison.excluded, [{ case: "case-0", reason: "undefined-in-theirs" }]);
    assert.equal(comparison.n, 29);
    assert.equal(comparison.p, wilcoxon(first.values.slice(1), second.values.slice(1)).p);
    const clustered = comparePaired("dice", first, second, { clusters: first.values.map((_, i) => i >> 1) });
    assert.equal(clustered.test, "permutation-clustered");
    assert.equal(clustered.interval?.cluster, "cluster");
  });

  it("turn round with the order of the methods", () => {
    const there = comparePaired("dice", first, second, { seed: 2 });
    const back = comparePaired("dice", second, first, { seed: 2 });
    near(there.difference, -back.difference);
    near(there.interval?.low, -back.interval!.high, 1e-12);
    assert.equal(there.separated, back.separated);
  });

  it("of statistics resample both methods together", () => {
    const same = compareStatistics(
      { metric: "m", first: "a", second: "b" },
      30,
      weightedMean(first.values),
      weightedMean(first.values),
    );
    assert.deepEqual([same.difference, same.interval?.low, same.interval?.high, same.separated], [0, 0, 0, false]);
  });

  it("Holm runs over those that have a p-value", () => {
    const base = comparePaired("dice", first, second);
    const adjusted = adjustComparisons([
      { ...base, p: 0.01 },
      { ...base, p: null, adjustedP: null },
      { ...base, p: 0.04 },
    ]);
    assert.deepEqual(
      adjusted.map(({ adjustedP }) => adjustedP),
      [0.02, null, 0.04],
    );
  });

  it("bold: ties with the best share it, and nothing is bold when nothing is left behind", () => {
    const pair = (first: string, second: string, separated: boolean) => ({ first, second, separated });
    const values = { a: 0.9, b: 0.89, c: 0.7 };
    assert.deepEqual([...boldMethods(values, [pair("a", "b", false), pair("c", "a", true)])], ["a", "b"]);
    assert.deepEqual([...boldMethods(values, [pair("a", "b", true), pair("a", "c", true)])], ["a"]);
    assert.deepEqual([...boldMethods(values, [pair("a", "b", false), pair("a", "c", false)])], []);
    assert.deepEqual([...boldMethods(values, [])], []);
    assert.deepEqual([...boldMethods(values, [pair("c", "a", true)], "lower")], ["c", "b"]);
  });
});

describe("properties", () => {
  it("p-values lie in (0, 1] and do not depend on which method is first", () => {
    const values = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, (pairs) => {
        const a = pairs.map(([x]) => x);
        const b = pairs.map(([, y]) => y);
        for (const test of [wilcoxon, permutationTest]) {
          const { p } = test(a, b);
          assert.ok(p > 0 && p <= 1);
          near(test(b, a).p, p);
        }
        near(cliffDelta(a, b), -cliffDelta(b, a));
      }),
    );
  });
});
