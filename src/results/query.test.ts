import assert from "node:assert/strict";
import { test } from "node:test";
import { AmbiguousQuery, groupValues, measure, scoredCases, selectRecords } from "./index.js";
import { exampleRecord } from "./record.fixture.js";

const fanSource = { machine: "fan", domain: "source" };

test("one run answers with its own value and interval", () => {
  const found = measure([exampleRecord({})], { method: "astra", metric: "auc", group: fanSource });
  assert.equal(found?.value, 0.6);
  assert.equal(found?.interval?.low, 0.5);
  assert.equal(found?.deviation, undefined);
  assert.equal(found?.generated, true);
});

test("several seeds answer with mean and sample deviation, and no case interval", () => {
  const runs = [0, 0.1, 0.2].map((shift, i) => exampleRecord({ seed: i + 1, shift }));
  const found = measure(runs, { metric: "auc", group: fanSource });
  assert.ok(Math.abs(found!.value! - 0.7) < 1e-12);
  assert.ok(Math.abs(found!.deviation! - 0.1) < 1e-12); // of 0.6, 0.7, 0.8
  assert.equal(found?.interval, undefined);
  assert.deepEqual(found?.seeds.map(({ seed }) => seed), [1, 2, 3]);
});

test("several seeds keep the interval over test cases of a typical run, apart from their spread", () => {
  const runs = [0, 0.1, 0.2].map((shift, i) => exampleRecord({ seed: i + 1, shift }));
  const found = measure(runs, { metric: "auc", group: fanSource })!;
  const bounds = found.seeds.map(({ metric }) => metric.interval!);
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.equal(found.over, "seeds");
  assert.ok(Math.abs(found.caseInterval!.low - mean(bounds.map(({ low }) => low))) < 1e-12);
  assert.ok(Math.abs(found.caseInterval!.high - mean(bounds.map(({ high }) => high))) < 1e-12);
});

test("folds are averaged within their seed; the spread is over seeds, and over folds where there is one seed", () => {
  const run = (seed: number, fold: number, shift: number) => ({ ...exampleRecord({ seed, shift }), id: `s${seed}f${fold}`, fold });
  const one = measure([run(1, 0, 0), run(1, 1, 0.2)], { metric: "auc", group: fanSource })!; // 0.6 and 0.8
  assert.ok(Math.abs(one.value! - 0.7) < 1e-12 && Math.abs(one.deviation! - Math.sqrt(0.02)) < 1e-12);
  assert.equal(one.over, "folds");
  const two = measure([run(1, 0, 0), run(1, 1, 0.2), run(2, 0, 0.1), run(2, 1, 0.3)], { metric: "auc", group: fanSource })!; // 0.7 and 0.8
  assert.ok(Math.abs(two.value! - 0.75) < 1e-12 && Math.abs(two.deviation! - Math.sqrt(0.005)) < 1e-12);
  assert.equal(two.over, "seeds");
  assert.equal(two.n, one.n, "the cases of all folds of one seed");
  assert.throws(() => measure([run(1, 0, 0), { ...run(1, 0, 0.1), id: "again" }], { metric: "auc", group: fanSource }), { field: "seed" });
});

test("a group matches whole, so the overall value is not a group's", () => {
  assert.equal(measure([exampleRecord({})], { metric: "auc" }), undefined);
  assert.equal(measure([exampleRecord({})], { metric: "auc", group: { machine: "fan" } }), undefined);
});

test("runs that differ in more than their seed are never averaged", () => {
  const runs = [exampleRecord({}), exampleRecord({ variant: "mean-pooling", seed: 2 })];
  assert.throws(() => measure(runs, { metric: "auc", group: fanSource }), (error) => error instanceof AmbiguousQuery && error.field === "variant");
  assert.throws(() => measure([exampleRecord({}), exampleRecord({ id: "copy" })], { metric: "auc", group: fanSource }), { field: "seed" });
});

test("an undefined value stays null and its exclusions are kept", () => {
  const run = exampleRecord({
    metrics: [{ id: "auc", convention: "ties-half", value: null, n: 0, excluded: [{ case: "fan-source", reason: "one-class-only" }], group: fanSource }],
  });
  const found = measure([run], { metric: "auc", group: fanSource });
  assert.equal(found?.value, null);
  assert.deepEqual(found?.excluded, [{ case: "fan-source", reason: "one-class-only" }]);
});

test("records, groups and scored cases are found by what they say", () => {
  const run = exampleRecord({});
  assert.equal(selectRecords([run], { method: "aespa" }).length, 0);
  assert.deepEqual(groupValues([run], "machine"), ["fan", "valve"]);
  const cases = scoredCases(run, fanSource);
  assert.deepEqual(cases.labels, [0, 0, 0, 1, 1, 1]);
  assert.equal(cases.threshold, 0.5);
});
