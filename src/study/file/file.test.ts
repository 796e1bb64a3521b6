import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { sampleData } from "../sample-data.js";
import { BadStudyFile } from "./fields.js";
import { listStudies, parseStudy, readStudy } from "./read.js";

const parse = (text: string, overrides = {}) => parseStudy(text, { name: "demo", file: "study.yaml", overrides });

describe("a study file", () => {
  it("makes a run for every combination of the values it lists", () => {
    const { runs, results } = parse("runs: [{ method: [astra, aespa], seed: [1, 2, 3], variant: plain }]\nvariants: { plain: {} }");
    assert.equal(results, "results/demo");
    assert.deepEqual(runs.map(({ id }) => id), [1, 2, 3].map((seed) => `astra-plain-quick-seed${seed}`).concat([1, 2, 3].map((seed) => `aespa-plain-quick-seed${seed}`)));
  });

  it("joins defaults, variants and single settings, the nearer one winning", () => {
    const [run] = parse(`
variants: { short: { set: { training.epochs: 5, training.batch: 8 }, options: { form: faithful } } }
defaults: { preset: small, resources: { cores: 2, time: 90m } }
runs: [{ method: aespa, variant: short, set: { training.epochs: 7 } }]`).runs;
    assert.deepEqual(run.set, { "training.epochs": 7, "training.batch": 8 });
    assert.deepEqual(run.options, { form: "faithful" });
    assert.equal(run.preset, "small");
    assert.deepEqual(run.resources, { cores: 2, memoryGb: 2, gpus: 0, minutes: 90 });
  });

  it("leaves out and changes runs by its conditions", () => {
    const { runs } = parse(`
runs: [{ method: aespa, preset: [quick, paper], seed: [1, 2] }]
conditions:
  - if: { preset: paper, seed: 2 }
    skip: true
  - if: { preset: [paper] }
    resources: { gpus: 1, memoryGb: 32, time: "12:00:00" }`);
    assert.deepEqual(runs.map(({ id }) => id), ["aespa-quick-seed1", "aespa-quick-seed2", "aespa-paper-seed1"]);
    assert.deepEqual(runs[2].resources, { cores: 1, memoryGb: 32, gpus: 1, minutes: 720 });
    assert.equal(runs[0].resources.gpus, 0);
  });

  it("makes a run for every fold, those that are named or all of them", () => {
    const folds = (text: string) => parse(`runs: [${text}]`).runs.map(({ id, fold, folds: of }) => [id, fold, of]);
    assert.deepEqual(folds("{ method: aespa, folds: 3 }"), [1, 2, 3].map((fold) => [`aespa-quick-fold${fold}-seed1`, fold, 3]));
    assert.deepEqual(folds("{ method: asmr, fold: [2, 4], seed: [1, 2] }").map(([id]) => id), ["asmr-quick-fold2-seed1", "asmr-quick-fold2-seed2", "asmr-quick-fold4-seed1", "asmr-quick-fold4-seed2"].sort((a, b) => a.slice(-1).localeCompare(b.slice(-1))));
    assert.deepEqual(folds('{ name: unet, command: [train, "{fold}/{folds}"], fold: 0, folds: 4 }'), [["unet-quick-fold0-seed1", 0, 4]]);
  });

  it("takes other presets and seeds from the caller", () => {
    const { runs } = parse("runs: [{ notebook: notebooks/01-astra.ipynb, dataset: dcase }]", { preset: "small", seed: 4 });
    assert.deepEqual(runs.map(({ id }) => id), ["01-astra-dcase-small-seed4"]);
  });

  const faults: readonly [what: string, text: string, line: number, says: RegExp][] = [
    ["bad syntax", "runs:\n  - method: [astra", 2, /is not YAML/],
    ["no runs", "title: x", 1, /runs is missing/],
    ["an unknown field", "runs:\n  - method: astra\n    sead: 1", 3, /runs\[0\]\.sead is not known here/],
    ["a seed that is no number", "runs:\n  - method: astra\n    seed: one", 3, /runs\[0\]\.seed must be a whole number from 0, but is "one"/],
    ["two kinds of work", "runs:\n  - method: astra\n    notebook: a.ipynb", 2, /exactly one of method, notebook and command/],
    ["a variant nobody defined", "runs:\n  - method: astra\n    variant: long\nvariants: { short: {} }", 3, /must be one of the file's variants \(short\), but is "long"/],
    ["two runs of one name", "runs:\n  - method: astra\n  - method: aespa\n  - method: astra", 4, /second run called astra-quick-seed1 \(the first is on line 2\)/],
    ["a time nobody understands", "runs:\n  - method: astra\n    resources: { time: soon }", 3, /must be a time such as 30m/],
    ["no core at all", "runs:\n  - method: astra\n    resources:\n      cores: 0", 4, /cores must be a whole number from 1, but is 0/],
    ["a condition without if", "runs: [{ method: astra }]\nconditions:\n  - skip: true", 3, /needs an if/],
    ["everything left out", "runs: [{ method: astra }]\nconditions: [{ if: { method: astra }, skip: true }]", 1, /leaves no run to do/],
    ["data twice", "runs:\n  - method: astra\n    dataset: dcase\n    data: here", 4, /exclude each other/],
    ["a fold that does not exist", "runs:\n  - method: aespa\n    folds: 3\n    fold: 4", 4, /runs\[0\]\.fold must be at most 3, the number of folds, but is 4/],
    ["folds of a method that has none", "runs:\n  - method: astra\n    folds: 3", 3, /is not for astra: every anomaly of DCASE is in its test set/],
    ["folds that a command does not hear of", "runs:\n  - name: unet\n    command: [train]\n    folds: 3", 4, /needs \{fold\} in one of the words of command/],
    ["a shell trick in a cluster's setting", 'runs: [{ method: astra }]\nslurm:\n  partition: "a b; rm"', 3, /must be a plain name/],
  ];
  for (const [what, text, line, says] of faults) {
    it(`names the line of ${what}`, () => {
      assert.throws(
        () => parse(text),
        (error) => error instanceof BadStudyFile && error.line === line && says.test(error.message) && error.message.startsWith(`study.yaml:${line}: `) && error.exitCode === 2,
      );
    });
  }

  it("is read for every study of this project, and each asks only for data that can be made", async () => {
    const names = await listStudies(packageRoot);
    assert.ok(names.includes("five-papers"));
    for (const name of names) for (const { dataset } of (await readStudy(packageRoot, name)).runs) assert.ok(dataset === undefined || dataset in sampleData, `${name}: ${dataset}`);
  });

  it("says which studies there are when one is not", async () => {
    await assert.rejects(readStudy(packageRoot, "no-such"), /there is no reports\/no-such\/study\.yaml\. Studies: .*five-papers/);
  });
});
