import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { compareSystems } from "./compare.js";
import type { ScoredClip } from "./detect.js";

/** 2 machines × 2 domains × 30 clips; anomalies lie `shift` deviations above the normals. */
function clips(shift: number, seed: number): ScoredClip[] {
  const random = seededRandom(seed);
  return ["fan", "valve"].flatMap((machine) =>
    ["source", "target"].flatMap((domain) =>
      Array.from({ length: 30 }, (_, i) => {
        const label = (i % 2) as 0 | 1;
        const score = random.normal(shift * label);
        return { case: `${machine}/${domain}/${i}`, machine, section: "00", domain, label, score, threshold: 1, scoreDomainUnknown: score };
      }),
    ),
  );
}

describe("compareSystems", () => {
  it("separates a good system from chance, in either order", () => {
    const [good, chance] = [{ name: "good", clips: clips(2, 1) }, { name: "chance", clips: clips(0, 2) }];
    const forth = compareSystems(good, chance, "auc");
    const back = compareSystems(chance, good, "auc");
    assert.ok(forth.separated && forth.difference > 0.25, `difference ${forth.difference}`);
    assert.ok(Math.abs(forth.difference + back.difference) < 1e-12 && back.separated);
  });

  it("finds nothing between a system and itself, and says so without an interval's width", () => {
    const one = { name: "one", clips: clips(1, 3) };
    const { difference, interval, separated } = compareSystems(one, { ...one, name: "same" }, "pauc");
    assert.deepEqual([difference, interval?.low, interval?.high, separated], [0, 0, 0, false]);
  });

  it("compares within one domain, whatever the order of the clips", () => {
    const [a, b] = [clips(1, 4), clips(1.5, 5)];
    const expected = compareSystems({ name: "a", clips: a }, { name: "b", clips: b }, "auc", { domain: "target" });
    const shuffled = compareSystems({ name: "a", clips: a }, { name: "b", clips: [...b].reverse() }, "auc", { domain: "target" });
    assert.equal(expected.n, 60);
    assert.equal(shuffled.difference, expected.difference);
  });

  it("refuses systems that scored other clips", () => {
    const all = clips(1, 6);
    assert.throws(() => compareSystems({ name: "a", clips: all }, { name: "b", clips: all.slice(1) }, "auc"), /a and b must have scored the same clips/);
  });
});
