import assert from "node:assert/strict";
import { test } from "node:test";
import { recordSchema, type ResultRecord, type RunOutcome } from "../results/index.js";
import { aggregate } from "./aggregate.js";

const record = (seed: number, value: number, more: Partial<ResultRecord> = {}): ResultRecord => ({
  schema: recordSchema, id: `m-seed${seed}`, method: "m", variant: "v", dataset: { name: "d", generated: true }, split: "test", preset: "quick", seed, config: {},
  cases: { columns: ["case"], rows: [["a"]] },
  metrics: [
    { id: "auc", convention: "roc", value, n: 40, excluded: [], interval: { low: value - 0.1, high: value + 0.1, level: 0.95, method: "delong" } },
    { id: "auc", convention: "roc", value: value / 2, n: 20, excluded: [], group: { domain: "target" } },
  ],
  provenance: { inputs: {}, code: "c", lockfile: "l", engine: "e", device: "d", node: "22", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 },
  ...more,
});
const run = (seed: number, state: RunOutcome["state"], records: string[]): RunOutcome => ({ id: `m-quick-seed${seed}`, work: "m", dataset: "d", preset: "quick", seed, state, records });

test("the spread over seeds and the interval over test cases are two numbers, and a failed seed is named, not averaged", () => {
  const outcome = { schema: "folio.study/1", study: "s", title: "s", runs: [run(1, "done", ["m-seed1"]), run(2, "done", ["m-seed2"]), run(3, "failed", [])] } as const;
  const [row, ...rest] = aggregate([record(1, 0.7), record(2, 0.8)], outcome);
  assert.equal(rest.length, 0, "values of groups only where they are asked for");
  assert.ok(Math.abs(row.value! - 0.75) < 1e-12);
  assert.ok(Math.abs(row.deviation! - Math.sqrt(0.005)) < 1e-12);
  assert.ok(Math.abs(row.caseInterval!.low - 0.65) < 1e-12 && Math.abs(row.caseInterval!.high - 0.85) < 1e-12);
  assert.deepEqual([row.runs, row.missing, row.cases, row.over], [2, ["m-quick-seed3"], 40, "seeds"]);
});

test("of a metric that has values of groups only, the largest groups are shown", () => {
  const metric = (value: number, group: Record<string, string>) => ({ id: "dice", convention: "skip", value, n: 9, excluded: [], group });
  const [first] = [record(1, 0.7)].map((one) => ({ ...one, metrics: [...one.metrics, metric(0.5, { round: "1" }), metric(0.6, { round: "2" }), metric(0.1, { round: "2", rater: "1" })] }));
  assert.deepEqual(aggregate([first], undefined).map(({ metric: id, group }) => [id, group]), [["auc", {}], ["dice", { round: "1" }], ["dice", { round: "2" }]]);
});

test("one run has its own interval and no spread; variants and groups are rows of their own", () => {
  const rows = aggregate([record(1, 0.7), record(1, 0.9, { id: "other", variant: "w" })], undefined, { groups: "all" });
  assert.deepEqual(rows.map(({ variant, group, runs }) => [variant, group, runs]), [["v", {}, 1], ["v", { domain: "target" }, 1], ["w", {}, 1], ["w", { domain: "target" }, 1]]);
  assert.equal(rows[0].deviation, undefined);
  assert.equal(rows[0].caseInterval?.low, 0.7 - 0.1);
});
