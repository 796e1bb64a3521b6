import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captured } from "./captured.fixture.js";

describe("folio study, why and cache", () => {
  for (const words of [["study", "run", "no-such"], ["study", "status", "no-such"], ["study", "resume", "no-such"], ["study", "cancel", "no-such"], ["study", "results", "no-such"]]) {
    it(`${words.slice(0, 2).join(" ")} names the studies that are there when one is not`, async () => {
      const { code, err } = await captured(words);
      assert.equal(code, 2);
      assert.match(err, /there is no reports\/no-such\/study\.yaml\. Studies: .*five-papers/);
    });
  }

  it("why names the runs that are there when one is not, and the cells a notebook has", async () => {
    const unknown = await captured(["why", "no-such"]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /no study has a run called no-such\. Runs: .*01-astra/);
  });

  it("refuses an executor it does not know", async () => {
    const { code, err } = await captured(["study", "run", "five-papers", "--executor", "cloud"]);
    assert.equal(code, 2);
    assert.match(err, /Allowed choices are local, slurm/);
  });

  it("shows an example in the help of every command", async () => {
    for (const words of [["study", "run"], ["study", "status"], ["study", "results"], ["study", "cancel"], ["study", "resume"], ["why"], ["cache", "gc"]]) {
      const { code, out } = await captured([...words, "--help"]);
      assert.equal(code, 0);
      assert.match(out, /Example:\n {2}folio /);
    }
  });
});
