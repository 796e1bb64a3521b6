import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { captured } from "./captured.fixture.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-cli-kernel-"));
});
after(() => rm(folder, { recursive: true }));

const folio = (...args: string[]) => captured(args, { cwd: folder, env: { HOME: folder, PATH: "", JUPYTER_DATA_DIR: join(folder, "data") } });

const fixture = (name: string): string => join(packageRoot, "tests", "notebooks", `${name}.ipynb`);

describe("folio kernel", () => {
  it("installs a kernelspec that starts this Node and this package, lists it, and removes it", async () => {
    assert.equal((await folio("kernel", "install")).code, 0);
    const installed = join(folder, "data", "kernels", "folio");
    const spec = JSON.parse(await readFile(join(installed, "kernel.json"), "utf8")) as Record<string, unknown>;
    const main = join(packageRoot, "dist", "cli", "main.js");
    assert.deepEqual(spec.argv, [process.execPath, main, "kernel", "start", "-f", "{connection_file}"]);
    assert.deepEqual([spec.language, spec.interrupt_mode], ["typescript", "message"]);
    const { out } = await folio("kernel", "list", "--json");
    assert.deepEqual(JSON.parse(out), [{ folder: installed, runs: `${process.execPath} ${main}` }]);
    assert.equal((await folio("kernel", "uninstall")).code, 0);
    assert.match((await folio("kernel", "list")).out, /not installed/);
    const again = await folio("kernel", "uninstall");
    assert.deepEqual(
      [again.code, again.err],
      [2, `folio: ${installed}: the kernel is not installed there. folio kernel list shows where it is.\n`],
    );
  });

  it("installs below a prefix, and says what --sys-prefix lacks", async () => {
    await folio("kernel", "install", "--prefix", "venv");
    await readFile(join(folder, "venv", "share", "jupyter", "kernels", "folio", "logo-svg.svg"));
    const { code, err } = await folio("kernel", "install", "--sys-prefix");
    assert.equal(code, 2);
    assert.match(err, /no virtual or conda environment is active/);
  });

  it("says what is wrong with a connection file", async () => {
    const { code, err } = await folio("kernel", "start", "-f", "nowhere.json");
    assert.equal(code, 1);
    assert.match(err, /nowhere\.json: cannot be read/);
  });
});

describe("folio run", () => {
  it("runs a notebook with parameters and writes its outputs", async () => {
    const { code, out } = await folio("run", fixture("typed-parameters"), "-p", "seed=2", "-o", "out.ipynb", "--json");
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as { cells: number }).cells, 3);
    assert.match(await readFile(join(folder, "out.ipynb"), "utf8"), /\[ 'quick', 2, /);
  });

  it("exits 1 naming the failing cell and line, 2 for a wrong parameter or option", async () => {
    const failing = fixture("stops-at-the-failing-line");
    const failed = await folio("run", failing);
    assert.deepEqual(
      [failed.code, failed.err],
      [1, `folio: ${failing}: Cell [2], line 3: RangeError: divisor is 0 (thrown in Cell [1], line 3)\n`],
    );
    assert.equal((await folio("run", fixture("typed-parameters"), "-p", "seed=two")).code, 2);
    assert.match((await folio("run", failing, "-p", "seed")).err, /name=value/);
  });
});

describe("folio notebook", () => {
  it("writes the student's version beside the source, and checks answers", async () => {
    await copyFile(fixture("has-exercises-and-solutions"), join(folder, "course.ipynb"));
    const { out } = await folio("notebook", "student", "course.ipynb");
    assert.equal(out, "course.ipynb → course.student.ipynb: 3 of 4 cells\n");
    assert.doesNotMatch(await readFile(join(folder, "course.student.ipynb"), "utf8"), /reduce/);
    const checked = await folio("notebook", "check", fixture("answers-three-exercises"));
    assert.equal(checked.code, 1);
    assert.equal(
      checked.out,
      "right  half of 6 (Cell [1])\nwrong  twice 4 (Cell [2]): 7 is odd.\nopen   a third (Cell [3])\n",
    );
  });
});

describe("folio lab", () => {
  it("says how to get JupyterLab where there is none", async () => {
    const { code, err } = await folio("lab");
    assert.equal(code, 2);
    assert.match(err, /pip install jupyterlab/);
  });
});
