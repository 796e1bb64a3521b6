import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silent } from "../core/index.js";
import type { ScoreReport } from "../scoring/index.js";
import { runCli } from "./run.js";

let folder = "";

async function folio(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await runCli(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    cwd: folder,
    env: {},
    progress: silent,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

const file = (name: string, lines: readonly string[]): void => writeFileSync(join(folder, name), `${lines.join("\n")}\n`);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "folio-score-"));
  const rows = Array.from({ length: 40 }, (_, i) => ({ name: `c${i}`, machine: i % 2 ? "fan" : "valve", patient: `p${i >> 2}`, label: Number(i % 3 === 0) }));
  const csv = (score: (i: number, label: number) => number): string[] => [
    "case,machine,patient,score,label",
    ...rows.map(({ name, machine, patient, label }, i) => `${name},${machine},${patient},${score(i, label)},${label}`),
  ];
  file("ours.csv", csv((i, label) => label * 20 + ((i * 7) % 23)));
  file("theirs.csv", [csv((i) => (i * 7) % 23)[0], ...csv((i) => (i * 7) % 23).slice(1).reverse()]);
  file("text.csv", ["score,label", "0.1,0", "high,1"]);
  file("nan.csv", ["score,label", "0.1,0", "NaN,1"]);
  file("words.csv", ["score,label", "0.1,normal", "0.2,anomaly"]);
  file("one.csv", ["score,label", "0.1,0", "0.2,0"]);
  file("twice.csv", ["case,score,label", "a,0.1,0", "a,0.2,1"]);
  file("fewer.csv", ["case,score,label", "c0,0.1,0", "c1,0.2,1"]);
});
after(() => rmSync(folder, { recursive: true }));

describe("folio score detection", () => {
  it("answers with the JSON shape others read", async () => {
    const { code, out } = await folio("score", "detection", "ours.csv", "--group", "machine", "--cluster", "patient", "--json");
    assert.equal(code, 0);
    const report = JSON.parse(out) as ScoreReport;
    assert.deepEqual(report.metrics.slice(0, 3).map(({ id, convention }) => [id, convention]), [["auc", "ties-half"], ["pauc", "mcclish@0.1"], ["ap", "step"]]);
    const { interval, n, excluded } = report.metrics[0];
    assert.deepEqual(Object.keys(interval!).sort(), ["cluster", "degenerate", "high", "level", "low", "method", "resamples", "seed"]);
    assert.deepEqual([interval!.cluster, interval!.resamples, interval!.level, n, excluded], ["patient", 2000, 0.95, 40, []]);
    assert.deepEqual(report.metrics.map(({ group }) => group?.machine), [undefined, undefined, undefined, "fan", "fan", "fan", "valve", "valve", "valve"]);
    assert.deepEqual(report.cases[1], { case: "c1", score: 7, label: 0, cluster: "p0", group: { machine: "fan" } });
    assert.equal(report.comparison, null);
  });

  it("compares by case name, bold only when separated, and writes LaTeX, CSV and HTML", async () => {
    const compare = ["score", "detection", "ours.csv", "--compare", "theirs.csv"];
    const report = JSON.parse((await folio(...compare, "--json")).out) as ScoreReport;
    const [auc] = report.comparison!;
    assert.equal(auc.test, "delong");
    assert.ok(auc.separated && auc.interval!.low > 0 && auc.p! < 0.01, JSON.stringify(auc));
    assert.deepEqual(report.methods?.map(({ name }) => name), ["ours", "theirs"]);
    const latex = (await folio(...compare, "--latex")).out;
    assert.match(latex, /^ours & \\textbf\{0\.\d+\} \[0\.\d+, \d\.\d+\] & .* & 40 \\\\$/m);
    assert.match(latex, /^theirs & 0\.\d+ /m);
    assert.match((await folio(...compare, "--csv")).out, /^ours,all,auc,ties-half,0\.\d+,/m);
    assert.match((await folio(...compare, "--html")).out, /<strong>0\.\d+ \[/);
    assert.match((await folio(...compare)).out, /^all +ours +0\.\d+ \[.*\] \*/m);
  });

  it("says what is wrong with the file in one line: where, what, remedy", async () => {
    const wrong: [string[], RegExp][] = [
      [["text.csv"], /text\.csv: line 3, column "score": "high" is not a finite number\. Repair/],
      [["nan.csv"], /nan\.csv: line 3, column "score": "NaN"/],
      [["words.csv"], /words\.csv: line 2, column "label": "normal" is not 0 or 1\. .*--positive/],
      [["one.csv"], /one\.csv: has one class only/],
      [["twice.csv"], /twice\.csv: lines 2 and 3 have the same "case" "a"/],
      [["ours.csv", "--score", "anomaly"], /ours\.csv: has no column "anomaly", but "case", /],
      [["ours.csv", "--compare", "fewer.csv"], /fewer\.csv: has 2 cases, .*ours\.csv has 40/],
      [["absent.csv"], /absent\.csv: there is no such file/],
    ];
    for (const [args, message] of wrong) {
      const { code, out, err } = await folio("score", "detection", ...args);
      assert.equal(code, 1, args.join(" "));
      assert.equal(out, "");
      assert.match(err, message);
      assert.match(err, /^folio: [^\n]*\n$/);
    }
    assert.equal((await folio("score", "detection", "words.csv", "--positive", "anomaly", "--interval", "none")).code, 0);
    for (const args of [["--max-fpr", "2"], ["--pauc", "other"], ["--resamples", "many"], ["--cluster", "patient", "--interval", "delong"]]) {
      assert.equal((await folio("score", "detection", "ours.csv", ...args)).code, 2, args.join(" "));
    }
  });
});
