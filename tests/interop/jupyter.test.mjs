// Our kernel against Jupyter's own Python clients. Where Python or a package is missing these tests are skipped and say so;
// with FOLIO_REQUIRE_INTEROP=1 (CI) that is a failure. FOLIO_PYTHON names another interpreter.
//   pip install -r tests/interop/requirements.txt
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

const python = process.env.FOLIO_PYTHON ?? "python3";
const here = import.meta.dirname;
const cli = join(here, "..", "..", "dist", "cli", "main.js");
const { status } = spawnSync(python, ["-c", "import jupyter_client, jupyter_kernel_test, nbclient, nbformat, papermill"], {
  stdio: "ignore",
});
const missing =
  status === 0 ? false : `${python} with jupyter_client, jupyter_kernel_test, nbclient, nbformat and papermill is not here`;
if (missing && process.env.FOLIO_REQUIRE_INTEROP === "1") throw new Error(`FOLIO_REQUIRE_INTEROP is set, but ${missing}.`);
if (missing) console.warn(`Skipped: the kernel was not tried with Jupyter's own clients, because ${missing}.`);

describe("Jupyter's own clients", { skip: missing }, () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "folio-interop-"));
    run(process.execPath, [cli, "kernel", "install"]);
    run(process.execPath, [
      cli,
      "run",
      join(here, "..", "notebooks", "every-kind-of-output.ipynb"),
      "-o",
      join(folder, "written.ipynb"),
    ]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(command, args) {
    const env = {
      ...process.env,
      JUPYTER_DATA_DIR: folder,
      FOLIO_WRITTEN: join(folder, "written.ipynb"),
      PYDEVD_DISABLE_FILE_VALIDATION: "1",
    };
    const { status, stderr, stdout } = spawnSync(command, args, { cwd: folder, env, encoding: "utf8", timeout: 600_000 });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
  }

  it("find the kernel conformant", () => run(python, [join(here, "conformance.py")]));
  it("run cells and notebooks, interrupt, restart and shut it down", () => run(python, [join(here, "clients.py")]));
});
