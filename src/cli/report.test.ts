import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { packageRoot, seededRandom } from "../core/index.js";
import { writeNifti } from "../io/index.js";
import { studyFixture } from "../report/study.fixture.js";
import { writeRecord } from "../results/index.js";
import { captured } from "./captured.fixture.js";

const noTex = spawnSync("pdflatex", ["--version"]).error !== undefined && "no TeX here";

/** A folder with two detectors' scores of the same 60 clips from two sites. */
async function authorsFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folio-author-"));
  await mkdir(join(folder, "scores"));
  for (const [name, strength] of [["ours", 2], ["baseline_v1", 0.4]] as const) {
    const random = seededRandom(5).stream("scores");
    const rows = Array.from({ length: 60 }, (_, i) => `clip-${i},${(random.normal() + strength * (i % 2)).toFixed(4)},${i % 2},${i % 4 < 2 ? "north" : "south"}`);
    await writeFile(join(folder, "scores", `${name}.csv`), `case,score,label,site\n${rows.join("\n")}\n`);
  }
  return folder;
}

const folio = (cwd: string, ...args: string[]) => captured(args, { cwd, env: process.env });

describe("folio report", () => {
  test("two commands lead from score files to a page, a LaTeX table and a manifest", async () => {
    const cwd = await authorsFolder();
    const started = await folio(cwd, "report", "new", "my-paper", "scores");
    assert.equal(started.code, 0, started.err);
    const built = await folio(cwd, "report", "my-paper", "--html", "--export", "tex,csv", "--check");
    assert.equal(built.code, 0, built.err);
    const out = join(cwd, "reports", "my-paper", "out");
    const html = await readFile(join(out, "report.html"), "utf8");
    for (const text of ["My paper", "baseline_v1", "<td class=\"number\">"]) assert.ok(html.includes(text), text);
    assert.doesNotMatch(html, /class="gen"/, "given scores are not generated data");
    const latex = await readFile(join(out, "tables", "tab-overall.tex"), "utf8");
    assert.match(latex, /\\toprule[\s\S]*baseline\\_v1[\s\S]*\\mathbf/);
    const manifest = JSON.parse(await readFile(join(out, "manifest.json"), "utf8")) as { files: { path: string }[]; tables: { id: string; records: string[] }[] };
    assert.ok(manifest.files.some(({ path }) => path === "report.html"));
    assert.deepEqual(manifest.tables[0].records, ["baseline_v1", "ours"]);
    assert.equal((await folio(cwd, "report", "new", "my-paper", "scores")).code, 2, "an existing report is not overwritten");
  });

  test("two commands lead from two folders of masks to a LaTeX table, a vector figure and a case browser, whatever the cases are called", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "folio-folders-"));
    const names = ["p1_a", "p1_b", "p2_a", "p3_a", "<img src=x onerror=alert(1)>_$&%{}"];
    for (const [folder, shift] of [["truth", 0], ["ours", 0.6], ["theirs", 2]] as const) {
      await mkdir(join(cwd, folder));
      for (const [i, name] of names.entries()) {
        const data = Uint8Array.from({ length: 20 * 18 * 4 }, (_, v) => Number(Math.hypot((v % 20) - 9 - shift, (Math.floor(v / 20) % 18) - 9) < 5 + 0.3 * i));
        await writeNifti(join(cwd, folder, `${name}.nii.gz`), { data, shape: [20, 18, 4], spacingMm: [1, 1, 2] });
      }
    }
    const started = await folio(cwd, "report", "new", "paper", "ours", "theirs", "--truth", "truth", "--cluster-regex", "^(p\\d|.)");
    assert.equal(started.code, 0, started.err);
    const built = await folio(cwd, "report", "paper", "--html", "--export", "svg,tex", "--check");
    assert.equal(built.code, 0, built.err);
    const out = join(cwd, "reports", "paper", "out");
    assert.match(await readFile(join(out, "tables", "tab-overall.tex"), "utf8"), /ours & \{\$\\mathbf\{0\.\d+\}\$\}/);
    assert.match(await readFile(join(out, "figures", "fig-dice.svg"), "utf8"), /^<svg[^>]*>/);
    assert.ok(!(await readFile(join(out, "report.html"), "utf8")).includes("<img src=x"));
    const record = JSON.parse(await readFile(join(cwd, "reports", "paper", "results", "ours.json"), "utf8")) as { artifacts: { cases: { frames: { title: string }[] } } };
    assert.deepEqual(record.artifacts.cases.frames.map(({ title }) => title).toSorted(), names.toSorted());
    assert.equal((await folio(cwd, "report", "new", "p2", "ours", "--images", "truth")).code, 2);
    assert.match((await folio(cwd, "report", "new", "p3", "ours", "--truth", "nowhere")).err, /nowhere.*there is no such folder/);
  });

  test("the LaTeX table compiles with a bare article class", { skip: noTex }, async () => {
    const cwd = await authorsFolder();
    await folio(cwd, "report", "new", "p", "scores");
    await folio(cwd, "report", "p", "--html", "--export", "tex");
    const tables = join(cwd, "reports", "p", "out", "tables");
    await writeFile(join(tables, "all.tex"), "\\documentclass{article}\\usepackage{booktabs,siunitx}\\begin{document}\\input{tab-overall}\\input{tab-groups}\\end{document}");
    const { status, stdout } = spawnSync("pdflatex", ["-interaction=nonstopmode", "-halt-on-error", "all.tex"], { cwd: tables, encoding: "utf8" });
    assert.equal(status, 0, stdout);
    assert.doesNotMatch(stdout, /Overfull \\hbox/);
  });

  test("the whole report compiles as a LaTeX article", { skip: noTex }, async () => {
    const cwd = await authorsFolder();
    const out = join(cwd, "latex");
    const results = join(cwd, "results");
    for (const record of studyFixture()) await writeRecord(results, record);
    const { code, err } = await folio(cwd, "report", "five-papers", "--latex", "--results", results, "--out", out);
    assert.equal(code, 0, err);
    const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: out, encoding: "utf8" });
    for (const step of [["pdflatex"], ["bibtex"], ["pdflatex"], ["pdflatex"]]) {
      const { status, stdout } = step[0] === "bibtex" ? run("bibtex", "report") : run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex");
      assert.equal(status, 0, stdout);
    }
    assert.doesNotMatch(await readFile(join(out, "report.log"), "utf8"), /undefined references|Citation .* undefined/);
  });

  test("what changed since it was measured is told and marked", async () => {
    const cwd = await authorsFolder();
    await folio(cwd, "report", "new", "p", "scores");
    const fresh = await folio(cwd, "report", "p", "--html", "--verify");
    assert.match(fresh.err, /6 of 6 hashes of 2 records are what they were/);
    await writeFile(join(cwd, "scores", "ours.csv"), "case,score,label,site\na,1,1,north\n");
    const stale = await folio(cwd, "report", "p", "--html", "--verify", "--check");
    assert.equal(stale.code, 1);
    assert.match(stale.err, /ours: input scores \(.*\) changed since/);
    assert.match(await readFile(join(cwd, "reports", "p", "out", "report.html"), "utf8"), /ours is stale/);
  });

  test("--watch builds again on a change, outlives a mistake, and ends with Ctrl-C", { skip: process.platform === "win32" && "no signals here" }, async () => {
    const cwd = await authorsFolder();
    await folio(cwd, "report", "new", "p", "scores");
    const template = join(cwd, "reports", "p", "report.md.hbs");
    const text = await readFile(template, "utf8");
    const running = spawn(process.execPath, [join(packageRoot, "dist", "cli", "main.js"), "report", "p", "--html", "--watch"], { cwd });
    let said = "";
    running.stderr.on("data", (chunk) => (said += String(chunk)));
    const until = async (what: string, done: () => Promise<boolean> | boolean): Promise<void> => {
      for (const end = Date.now() + 30_000; !(await done());) {
        assert.ok(Date.now() < end, `${what}; it said: ${said}`);
        await new Promise((next) => setTimeout(next, 100));
      }
    };
    const page = (): Promise<string> => readFile(join(cwd, "reports", "p", "out", "report.html"), "utf8").catch(() => "");
    await until("it watches", () => said.includes("watching"));
    await writeFile(template, `${text}\n{{nonsense}}\n`);
    await until("the mistake is told", () => /report\.md\.hbs:\d+: \{\{nonsense\}\} is not known/.test(said));
    await writeFile(template, text.replace("What was asked, and why it matters.", "Written while it watched."));
    await until("the change is there", async () => (await page()).includes("Written while it watched."));
    running.kill("SIGINT");
    const code = await new Promise((ended) => running.on("exit", ended));
    assert.ok(code === 0 || code === 130, `ended with ${String(code)}`);
  });

  test("a wrong call is one line and exit 2, a lacking report exit 1 only with --check", async () => {
    const cwd = await authorsFolder();
    const unknown = await folio(cwd, "report", "nothing");
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /^folio: There is no report "nothing": .*\n$/);
    assert.equal((await folio(cwd, "report", "five-papers", "--export", "gif")).code, 2);
    const none = ["--results", cwd, "--out", join(cwd, "out"), "--html"];
    assert.equal((await folio(cwd, "report", "five-papers", ...none)).code, 0);
    const checked = await folio(cwd, "report", "five-papers", ...none, "--check");
    assert.equal(checked.code, 1);
    assert.match(checked.err, /things are missing or unproven \(missing-record\)/);
  });

  test("what is neither records nor scores is named", async () => {
    const cwd = await authorsFolder();
    await writeFile(join(cwd, "scores", "notes.json"), '{"a": 1}');
    const { code, err } = await folio(cwd, "report", "new", "p", "scores");
    assert.equal(code, 1);
    assert.match(err, /notes\.json: is neither a result record nor an output/);
    assert.equal((await folio(cwd, "report", "new", "p", "nowhere")).code, 1);
  });
});
