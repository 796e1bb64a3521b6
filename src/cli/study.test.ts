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

  it("refuses a number of cores that is none, and one for a cluster", async () => {
    const none = await captured(["study", "run", "five-papers", "--cores", "0"]);
    assert.equal(none.code, 2);
    assert.match(none.err, /--cores <number>.*A whole number from 1 is needed/);
    const cluster = await captured(["study", "run", "five-papers", "--cores", "2", "--executor", "slurm"]);
    assert.equal(cluster.code, 2);
    assert.match(cluster.err, /throttle/);
  });

  it("shows an example in the help of every command", async () => {
    for (const words of [["study"], ["study", "run"], ["study", "status"], ["study", "results"], ["study", "cancel"], ["study", "resume"], ["why"], ["cache", "gc"]]) {
      const { code, out } = await captured([...words, "--help"]);
      assert.equal(code, 0);
      assert.match(out, /Example:\n {2}folio /);
    }
  });
});

describe("folds", () => {
  it("are offered by every method whose data can be dealt by patient, and refused by the other with the reason", async () => {
    for (const method of ["aespa", "asmr", "rasalore", "prs-med"]) {
      const { code, err } = await captured(["train", method, "--data", "nowhere", "--out", "nowhere", "--fold", "4", "--folds", "3"]);
      assert.deepEqual([code, err], [2, "folio: --fold must be a whole number from 1 to 3, but is 4.\n"], method);
    }
    const { code, err } = await captured(["train", "astra", "--data", "nowhere", "--out", "nowhere", "--fold", "1"]);
    assert.equal(code, 2);
    assert.match(err, /there is no --fold 1: every anomaly of DCASE is in its test set/);
  });
});
