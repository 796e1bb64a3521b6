import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import type { DcaseClip } from "../../datasets/index.js";
import { astraConfig } from "./config.js";
import { fitNormalModels, scoreClips } from "./detect.js";
import { unitVector } from "./embed.js";

const scoring = { ...astraConfig("small").scoring, clusters: 1 };

function clipOf(id: string, changes: Partial<DcaseClip> = {}): DcaseClip {
  return {
    id,
    path: "",
    machine: "fan",
    section: "00",
    split: "test",
    domain: "source",
    label: "normal",
    attributes: {},
    attributeVector: [],
    ...changes,
  };
}

/** Source clips point along the first axis, target clips along the second, with a little noise. */
const training = Array.from({ length: 24 }, (_, i) =>
  clipOf(`train${i}`, { split: "train", domain: i % 2 === 0 ? "source" : "target" }),
);
const direction = (name: string, axis: number): Float64Array => {
  const random = seededRandom(name);
  return unitVector(Array.from({ length: 4 }, (_, j) => (j === axis ? 1 : 0) + 0.05 * random.normal()));
};
const embeddings = new Map(training.map(({ id, domain }) => [id, direction(id, domain === "source" ? 0 : 1)]));
embeddings.set("alongSource", Float64Array.of(1, 0, 0, 0));
embeddings.set("odd", direction("odd", 2));
const models = fitNormalModels(training, embeddings, scoring, 1);

describe("scoreClips", () => {
  it("asks the model of the clip's own domain, and the most lenient one where the domain is not known", () => {
    const [told, wrong, unknown] = (["source", "target", "all"] as const).map(
      (domain) => scoreClips([clipOf("alongSource", { domain })], embeddings, models)[0],
    );
    assert.ok(told.score < told.threshold && wrong.score > wrong.threshold);
    assert.equal(wrong.scoreDomainUnknown, told.score);
    assert.deepEqual([unknown.score, unknown.threshold], [told.score, told.threshold]);
  });

  it("calls a clip that resembles neither domain anomalous in both", () => {
    const [odd] = scoreClips([clipOf("odd", { label: "anomaly" })], embeddings, models);
    assert.ok(odd.scoreDomainUnknown > odd.threshold);
    assert.equal(odd.label, 1);
  });

  it("keeps blind clips without a label and leaves out machines it never heard", () => {
    assert.equal(scoreClips([clipOf("odd", { label: "unknown" })], embeddings, models)[0].label, null);
    assert.deepEqual(scoreClips([clipOf("odd", { machine: "valve" })], embeddings, models), []);
  });
});
