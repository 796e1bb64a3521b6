import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { within } from "../../core/near.fixture.js";
import type { ScoredClip } from "./detect.js";
import { measureDetection } from "./measure.js";

/** The spec's set A (§10.6): twenty normals, ten anomalies, domains in turn. */
const anomalies = [0.12, 0.33, 0.47, 0.52, 0.68, 0.81, 0.88, 0.93, 0.97, 1.1];
function clipOf(score: number, label: 0 | 1 | null, i: number, machine = "fan"): ScoredClip {
  return {
    case: `${machine}-${label}-${i}`,
    machine,
    section: "00",
    domain: i % 2 === 0 ? "source" : "target",
    label,
    score,
    threshold: 0.9,
    scoreDomainUnknown: score,
  };
}
const setA = [
  ...Array.from({ length: 20 }, (_, i) => clipOf(0.05 * i, 0, i)),
  ...anomalies.map((score, i) => clipOf(score, 1, i)),
];

const find = (metrics: ReturnType<typeof measureDetection>, id: string, group?: Record<string, string>) =>
  metrics.find((metric) => metric.id === id && JSON.stringify(metric.group) === JSON.stringify(group))!;
const near = within(1e-9);

describe("measureDetection", () => {
  const metrics = measureDetection(setA, { resamples: 200 });

  it("gives ASTRA's areas for each machine and domain, and the official score, as worked", () => {
    near(find(metrics, "auc", { machine: "fan", domain: "source" }).value, 0.66);
    near(find(metrics, "auc", { machine: "fan", domain: "target" }).value, 0.7);
    for (const domain of ["source", "target"]) near(find(metrics, "pauc", { machine: "fan", domain }).value, 0.5789473684);
    near(find(metrics, "dcase_score").value, 0.661725764);
  });

  it("decides at the threshold", () => {
    // Source: normals 0, 0.1 … 0.9, of which 0.9 is called; anomalies .12 .47 .68 .88 .97, of which .97 is called.
    near(find(metrics, "recall", { machine: "fan", domain: "source" }).value, 0.2);
    near(find(metrics, "precision", { machine: "fan", domain: "source" }).value, 0.5);
    near(find(metrics, "accuracy", { machine: "fan", domain: "source" }).value, 10 / 15);
  });

  it("averages over machines, with an interval round the mean", () => {
    const perfect = [
      ...Array.from({ length: 4 }, (_, i) => clipOf(0, 0, i, "valve")),
      ...Array.from({ length: 4 }, (_, i) => clipOf(1, 1, i, "valve")),
    ];
    const both = measureDetection([...setA, ...perfect], { resamples: 200 });
    const source = find(both, "auc", { domain: "source" });
    near(source.value, (0.66 + 1) / 2);
    near(find(both, "auc").value, (0.66 + 0.7 + 1 + 1) / 4);
    assert.ok(source.interval!.low < source.value! && source.value! < source.interval!.high);
    assert.equal(source.n, 15 + 4);
  });

  it("counts the domain-unknown scores for the official number only", () => {
    const confused = setA.map((clip) => ({ ...clip, scoreDomainUnknown: 0 }));
    const measured = measureDetection(confused, { resamples: 200 });
    near(find(measured, "auc", { machine: "fan", domain: "source" }).value, 0.66);
    near(find(measured, "dcase_score_known_domain").value, 0.661725764);
    near(find(measured, "dcase_score").value, 0.5);
  });

  it("leaves out clips without a label, and gives nothing for none", () => {
    assert.deepEqual(measureDetection([...setA, clipOf(99, null, 0)], { resamples: 200 }), metrics);
    assert.deepEqual(measureDetection([clipOf(1, null, 0)]), []);
  });

  it("says why an area is undefined where only normal clips are there", () => {
    const measured = measureDetection(
      setA.filter(({ label }) => label === 0),
      { resamples: 200 },
    );
    for (const group of [{ machine: "fan", domain: "source" }, undefined]) {
      const { value, excluded } = find(measured, "auc", group);
      assert.equal(value, null);
      assert.equal(excluded[0].reason, "one-class-only");
    }
  });
});
