import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeNifti, writeNpy, writePng } from "../io/index.js";
import type { ScoreReport } from "../scoring/index.js";
import { packageRoot } from "../core/index.js";
import { captured } from "./captured.fixture.js";

let folder = "";
const noTex = spawnSync("pdflatex", ["--version"]).error !== undefined && "no TeX here";

const folio = (...args: string[]) => captured(args, { cwd: folder });

const file = (name: string, lines: readonly string[]): void => writeFileSync(join(folder, name), `${lines.join("\n")}\n`);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "folio-score-"));
  const rows = Array.from({ length: 40 }, (_, i) => ({
    name: `c${i}`,
    machine: i % 2 ? "fan" : "valve",
    patient: `p${i >> 2}`,
    label: Number(i % 3 === 0),
  }));
  const csv = (score: (i: number, label: number) => number): string[] => [
    "case,machine,patient,score,label",
    ...rows.map(({ name, machine, patient, label }, i) => `${name},${machine},${patient},${score(i, label)},${label}`),
  ];
  file(
    "ours.csv",
    csv((i, label) => label * 20 + ((i * 7) % 23)),
  );
  file("theirs.csv", [
    csv((i) => (i * 7) % 23)[0],
    ...csv((i) => (i * 7) % 23)
      .slice(1)
      .reverse(),
  ]);
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
    assert.deepEqual(
      report.metrics.slice(0, 3).map(({ id, convention }) => [id, convention]),
      [
        ["auc", "ties-half"],
        ["pauc", "mcclish@0.1"],
        ["ap", "step"],
      ],
    );
    const { interval, n, excluded } = report.metrics[0];
    assert.deepEqual(Object.keys(interval!).sort(), [
      "cluster",
      "degenerate",
      "high",
      "level",
      "low",
      "method",
      "resamples",
      "seed",
    ]);
    assert.deepEqual([interval!.cluster, interval!.resamples, interval!.level, n, excluded], ["patient", 2000, 0.95, 40, []]);
    assert.deepEqual(
      report.metrics.map(({ group }) => group?.machine),
      [undefined, undefined, undefined, "fan", "fan", "fan", "valve", "valve", "valve"],
    );
    assert.deepEqual(report.cases[1], { case: "c1", score: 7, label: 0, cluster: "p0", group: { machine: "fan" } });
    assert.equal(report.comparison, null);
  });

  it("compares by case name, bold only when separated, and writes LaTeX, CSV and HTML", async () => {
    const compare = ["score", "detection", "ours.csv", "--compare", "theirs.csv"];
    const report = JSON.parse((await folio(...compare, "--json")).out) as ScoreReport;
    const [auc] = report.comparison!;
    assert.equal(auc.test, "delong");
    assert.ok(auc.separated && auc.interval!.low > 0 && auc.p! < 0.01, JSON.stringify(auc));
    assert.deepEqual(
      report.methods?.map(({ name }) => name),
      ["ours", "theirs"],
    );
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
    for (const args of [
      ["--max-fpr", "2"],
      ["--pauc", "other"],
      ["--resamples", "many"],
      ["--cluster", "patient", "--interval", "delong"],
    ]) {
      assert.equal((await folio("score", "detection", "ours.csv", ...args)).code, 2, args.join(" "));
    }
  });
});

describe("folio score segmentation", () => {
  const size = 6;
  /** A box of label 1 from `from` on along x, and one voxel of label 2. */
  const volume = (from: number): Uint8Array => {
    const data = new Uint8Array(size ** 3);
    for (let z = 1; z < 5; z++)
      for (let y = 1; y < 5; y++) for (let x = from; x < from + 3; x++) data[x + size * (y + size * z)] = 1;
    data[data.length - 1] = 2;
    return data;
  };
  const spacing = [2, 1, 1] as const;
  const save = (path: string, data: Uint8Array, spacingMm: readonly [number, number, number] = spacing): Promise<void> => {
    return writeNifti(join(folder, path), { data, shape: [size, size, size], spacingMm });
  };

  before(async () => {
    for (let i = 0; i < 6; i++) {
      const name = `p${i >> 1}_s${i}.nii.gz`;
      await save(`truth/${name}`, volume(1));
      await save(`ours/${name}`, volume(1));
      await save(`theirs/${name}`, volume(2));
      await save(`shifted/${name}`, volume(1), i === 3 ? [1, 1, 1] : spacing);
      if (i !== 2) await save(`fewer/${name}`, volume(1));
    }
    await writePng(join(folder, "png-truth", "a.png"), {
      width: 4,
      height: 3,
      channels: 1,
      depth: 8,
      data: Uint8Array.from([0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0]),
    });
    await writeNpy(join(folder, "npy-pred", "a.npy"), {
      shape: [3, 4],
      data: Uint8Array.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    });
    await writeNpy(join(folder, "soft", "a.npy"), { shape: [3, 4], data: Float32Array.from({ length: 12 }, () => 0.25) });
  });

  it("scores labels with distances in the mm of the header, on threads, clustered by patient", async () => {
    const folders = ["--pred", "theirs", "--truth", "truth", "--labels", "1,2"];
    const metricList = ["--metrics", "dice,hd,hd95:pooled,nsd@1"];
    const { code, out, err } = await folio(
      "score",
      "segmentation",
      ...folders,
      ...metricList,
      "--cluster-regex",
      "^(p\\d)_",
      "--workers",
      "2",
      "--json",
    );
    assert.equal(code, 0, err);
    const { metrics, cases } = JSON.parse(out) as ScoreReport;
    const value = (id: string, label: string): number | null =>
      metrics.find((m) => m.id === id && m.group?.label === label)!.value;
    assert.equal(value("dice", "1"), 2 / 3);
    assert.equal(value("hd", "1"), 2);
    assert.deepEqual([value("dice", "2"), value("hd", "2"), value("nsd", "2")], [1, 0, 1]);
    assert.ok(Math.abs(value("dice", "mean-over-labels")! - (2 / 3 + 1) / 2) < 1e-12);
    assert.deepEqual([metrics[0].n, metrics[0].interval?.cluster], [6, "patient"]);
    assert.deepEqual(cases[0], { case: "p0_s0", label: "1", cluster: "p0", dice: 2 / 3, hd: 2, hd95: 2, nsd: cases[0].nsd });
  });

  it("compares two folders and leaves out what is missing when told to", async () => {
    const args = [
      "score",
      "segmentation",
      "--pred",
      "fewer",
      "--truth",
      "truth",
      "--compare",
      "theirs",
      "--missing",
      "exclude",
      "--metrics",
      "dice",
    ];
    const report = JSON.parse((await folio(...args, "--json")).out) as ScoreReport;
    assert.deepEqual(report.metrics[0].excluded, [{ case: "p1_s2", reason: "missing-prediction" }]);
    const [pair] = report.comparison!;
    assert.deepEqual([pair.n, pair.excluded], [5, [{ case: "p1_s2", reason: "undefined-in-fewer" }]]);
    assert.deepEqual(report.methods?.map(({ name, cases }) => [name, cases.length]), [["fewer", 5], ["theirs", 6]]);
    assert.ok(pair.separated && pair.difference > 0.3);
    assert.match((await folio(...args, "--latex")).out, /fewer & \\textbf\{1\.000\} \[1\.000, 1\.000\] & 5/);
    assert.match((await folio(...args)).out, /Left out: dice \(fewer\): 1 missing-prediction/);
  });

  it("its LaTeX tables and those of detection compile with a bare article class", { skip: noTex }, async () => {
    const tables = await Promise.all([
      folio("score", "segmentation", "--pred", "ours", "--truth", "truth", "--labels", "1,2", "--compare", "theirs", "--latex"),
      folio("score", "detection", "ours.csv", "--group", "machine", "--latex"),
      folio("score", "segmentation", "--pred", "ours", "--truth", "truth", "--labels", "1,2", "--compare", "theirs", "--siunitx"),
      folio("score", "detection", "ours.csv", "--group", "machine", "--siunitx"),
      folio("score", "segmentation", "--pred", "fewer", "--truth", "truth", "--compare", "theirs", "--missing", "exclude", "--metrics", "dice", "--siunitx"),
    ]);
    assert.match(tables[3].out, /S\[table-format=1\.3\]@\{\\,\}l[\s\S]*^\S+ & 0\.\d+ & \{\\footnotesize \[0/m);
    assert.match(tables[4].out, /^fewer & \{\$\\mathbf\{1\.000\}\$\} & \{\\footnotesize \[1\.000, 1\.000\]\} & 5/m);
    tables.forEach(({ code, out, err }, i) => {
      assert.equal(code, 0, err);
      file(`table${i}.tex`, [out]);
    });
    file("all.tex", ["\\documentclass{article}\\usepackage{booktabs,siunitx}\\begin{document}", ...tables.map((_, i) => `\\input{table${i}}`), "\\end{document}"]);
    const { status, stdout } = spawnSync("pdflatex", ["-interaction=nonstopmode", "-halt-on-error", "all.tex"], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });

  it("500 volumes take no more memory than 50", async () => {
    const volume = (radius: number) => Uint8Array.from({ length: 64 * 64 * 32 }, (_, i) => Number(Math.hypot((i & 63) - 32, ((i >> 6) & 63) - 32, (i >> 12) - 16) < radius));
    for (const side of ["many-pred", "many-truth"]) {
      mkdirSync(join(folder, side));
      const first = join(folder, side, "case000.nii.gz");
      await writeNifti(first, { data: volume(side === "many-pred" ? 10 : 12), shape: [64, 64, 32], spacingMm: [1, 1, 2] });
      for (let i = 1; i < 500; i++) linkSync(first, join(folder, side, `case${String(i).padStart(3, "0")}.nii.gz`));
    }
    // The first 50 of them, for comparison.
    for (const side of ["pred", "truth"]) {
      mkdirSync(join(folder, `few-${side}`));
      for (let i = 0; i < 50; i++) linkSync(join(folder, `many-${side}`, "case000.nii.gz"), join(folder, `few-${side}`, `case${String(i).padStart(3, "0")}.nii.gz`));
    }
    const [few, many] = ["few", "many"].map((name) => peakMemoryMb("--pred", `${name}-pred`, "--truth", `${name}-truth`, "--metrics", "dice,hd95,nsd@2", "--workers", "2"));
    assert.ok(many < few + 80, `${few} MB for 50 volumes, ${many} MB for 500`);
  });

  it("reads PNG and NPY, matched across formats, with a spacing that is given", async () => {
    const args = [
      "score",
      "segmentation",
      "--pred",
      "npy-pred",
      "--truth",
      "png-truth",
      "--metrics",
      "dice,hd",
      "--spacing",
      "1,0.5",
      "--json",
    ];
    const { metrics } = JSON.parse((await folio(...args)).out) as ScoreReport;
    assert.deepEqual(
      metrics.map(({ value }) => value),
      [2 / 3, 0.5],
    );
  });

  it("names the file that is wrong, and says why", async () => {
    const wrong: [string[], RegExp][] = [
      [["--pred", "shifted"], /shifted\/p1_s3\.nii\.gz: has voxels of 1 × 1 × 1 mm, but .*truth\/p1_s3\.nii\.gz of 1 × 1 × 2 mm/],
      [["--pred", "fewer"], /truth\/p1_s2\.nii\.gz: has no prediction named p1_s2/],
      [["--pred", "ours", "--labels", "1"], /holds the label 2, which is not among 1/],
      [["--pred", "ours", "--truth", "png-truth"], /ours\/p0_s0\.nii\.gz: has no truth named p0_s0/],
      [["--pred", "soft", "--truth", "png-truth"], /soft\/a\.npy: holds the value 0\.25\. Labels are whole numbers/],
      [["--pred", "nowhere"], /nowhere: there is no such folder/],
      [["--pred", "ours", "--cluster-regex", "patient"], /does not match --cluster-regex patient/],
    ];
    for (const [args, message] of wrong) {
      const { code, err } = await folio("score", "segmentation", "--truth", "truth", ...args);
      assert.equal(code, 1, args.join(" "));
      assert.match(err, message);
    }
    for (const args of [
      ["--metrics", "dicee"],
      ["--metrics", "nsd"],
      ["--metrics", "hd95:median"],
      ["--labels", "0"],
      ["--cluster-regex", "("],
    ]) {
      assert.equal((await folio("score", "segmentation", "--pred", "ours", "--truth", "truth", ...args)).code, 2, args.join(" "));
    }
  });
});

describe("folio score multirater and calibration", () => {
  const image = (path: string, data: readonly number[]): Promise<void> =>
    writePng(join(folder, path), {
      width: 3,
      height: 2,
      channels: 1,
      depth: 8,
      data: Uint8Array.from(data, (value) => value * 255),
    });

  before(async () => {
    for (const name of ["c1", "c2"]) {
      await image(`raters/r1/${name}.png`, [1, 0, 0, 0, 0, 0]);
      await image(`raters/r2/${name}.png`, [1, 1, 1, 0, 0, 0]);
      await image(`by-case/${name}/r1.png`, [1, 0, 0, 0, 0, 0]);
      await image(`by-case/${name}/r2.png`, [1, 1, 1, 0, 0, 0]);
      await image(`single/${name}.png`, [1, 1, 0, 0, 0, 0]);
      await image(`sampled/${name}/s1.png`, [1, 1, 0, 0, 0, 0]);
      await image(`sampled/${name}/s2.png`, [1, 1, 0, 0, 0, 0]);
    }
    await image("other/c1.png", [1, 1, 0, 0, 0, 0]);
    file("prob.csv", ["prob,label", "0.9,1", "0.9,0", "0.1,0", "0.1,0"]);
    file("logit.csv", ["prob,label", "2.5,1", "-1,0"]);
  });

  it("scores one prediction or samples, whichever way the folders are nested", async () => {
    for (const [pred, raters] of [
      ["single", "raters"],
      ["single", "by-case"],
      ["sampled", "raters"],
      ["sampled", "by-case"],
    ]) {
      const { code, out, err } = await folio(
        "score",
        "multirater",
        "--pred",
        pred,
        "--raters",
        raters,
        "--distance",
        "1-dice",
        "--json",
      );
      assert.equal(code, 0, err);
      const { metrics, cases } = JSON.parse(out) as ScoreReport;
      const value = (id: string): number => metrics.find((metric) => metric.id === id)!.value!;
      assert.ok(Math.abs(value("ged") - 0.2833333) < 1e-6 && Math.abs(value("dice_max") - 0.7333333) < 1e-6);
      assert.ok(Math.abs(value("dice_soft") - 0.75) < 1e-12 && Math.abs(value("rater_dice") - 0.5) < 1e-12);
      assert.deepEqual([cases[0].case, cases[0].raters, cases[0].samples], ["c1", 2, pred === "single" ? 1 : 2]);
    }
    const { code, err } = await folio("score", "multirater", "--pred", "other", "--raters", "raters");
    assert.equal(code, 1);
    assert.match(err, /raters\/r1\/c2\.png: has no prediction in/);
  });

  it("scores calibration, with the bins as cases", async () => {
    const { metrics, cases } = JSON.parse(
      (await folio("score", "calibration", "prob.csv", "--bins", "2", "--json")).out,
    ) as ScoreReport;
    assert.deepEqual(
      metrics.map(({ id, value }) => [id, +value!.toFixed(12)]),
      [
        ["ece", 0.25],
        ["brier", 0.21],
      ],
    );
    assert.deepEqual(
      cases.map(({ count }) => count),
      [2, 2],
    );
    const { code, err } = await folio("score", "calibration", "logit.csv");
    assert.equal(code, 1);
    assert.match(err, /logit\.csv: line 2: 2\.5 is not a probability/);
  });
});

/** Peak resident memory of `folio score segmentation` in a process of its own. */
function peakMemoryMb(...args: string[]): number {
  const tell = "process.on('exit', () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}`))";
  const main = join(packageRoot, "dist", "cli", "main.js");
  const options = [`--import=data:text/javascript,${encodeURIComponent(tell)}`, main, "score", "segmentation", ...args, "--json"];
  const { status, stderr } = spawnSync(process.execPath, options, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  assert.equal(status, 0, stderr);
  return Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024;
}
