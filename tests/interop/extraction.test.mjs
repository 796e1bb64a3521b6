// Slices of a real brain, the MNI 152 template that nilearn brings, against NumPy and Pillow: every byte alike. Where Python or a package
// is missing this is skipped and says so; with FOLIO_REQUIRE_INTEROP=1 (CI) that is a failure. FOLIO_PYTHON names another interpreter.
//   pip install -r tests/interop/requirements.txt && pip install --no-deps -r tests/interop/requirements-data.txt
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { extractBrats, loadSlice, readBrainSlices } from "../../dist/datasets/index.js";
import { readPng } from "../../dist/io/index.js";
import { forms, prepareSlice, presets } from "../../dist/methods/rasalore/index.js";

const python = process.env.FOLIO_PYTHON ?? "python3";
const { status } = spawnSync(python, ["-c", "import nibabel, numpy, PIL, importlib.util as u; assert u.find_spec('nilearn')"], { stdio: "ignore" });
const missing = status === 0 ? false : `${python} with nibabel, numpy, pillow and the files of nilearn is not here`;
if (missing && process.env.FOLIO_REQUIRE_INTEROP === "1") throw new Error(`FOLIO_REQUIRE_INTEROP is set, but ${missing}.`);
if (missing) console.warn(`Skipped: extraction was not compared with NumPy and Pillow on a real brain, because ${missing}.`);

describe("slices of a real brain", { skip: missing }, () => {
  let folder, expected, slices, record;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "folio-extraction-"));
    const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, "extraction.py"), folder], { encoding: "utf8", timeout: 120_000 });
    assert.equal(status, 0, stderr);
    expected = JSON.parse(stdout);
    record = await extractBrats({ from: join(folder, "release"), out: join(folder, "slices") });
    ({ slices } = await readBrainSlices(join(folder, "slices")));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are as many of each kind as NumPy counts", () => {
    for (const [patient, counts] of Object.entries(expected)) {
      const { healthy, unhealthy, ambiguous, orientation } = record.done[patient];
      assert.deepEqual({ healthy, unhealthy, ambiguous }, counts);
      assert.equal(orientation, "RAS");
      assert.ok(unhealthy > 20 && healthy > 20 && ambiguous > 0);
    }
  });

  it("hold the bytes that NumPy and Pillow write", async () => {
    assert.equal(2 * slices.length, readdirSync(join(folder, "reference")).length);
    for (const slice of slices) {
      const { image, mask } = await loadSlice(slice);
      for (const [ours, name] of [[image, slice.id], [mask, `${slice.id}_mask`]]) {
        const { data } = await readPng(join(folder, "reference", `${name}.png`));
        assert.equal(Buffer.compare(ours, data), 0, name);
      }
    }
  });

  it("go into the network as the published loader prepares them", async () => {
    const config = { ...presets.paper, form: { ...forms.faithful, reference: "half" } };
    const names = readdirSync(join(folder, "prepared"));
    assert.ok(names.length > 15, `${names.length} slices`);
    for (const name of names) {
      const { image, truth } = prepareSlice(await loadSlice(slices.find(({ id }) => `${id}.bin` === name)), config);
      const bytes = readFileSync(join(folder, "prepared", name));
      assert.equal(Buffer.compare(image, bytes.subarray(0, 128 * 128)), 0, `image of ${name}`);
      assert.equal(Buffer.compare(truth, bytes.subarray(128 * 128)), 0, `mask of ${name}`);
    }
  });
});
