// k-space, masks and image quality on real MR images, and the slices of an ACDC tree that nibabel wrote, beside NumPy and scikit-image.
// The images are nibabel's own test data, so nothing is downloaded and none of them is in the repository. Where Python or a package is
// missing these tests are skipped and say so; with FOLIO_REQUIRE_INTEROP=1 (CI) that is a failure.
//   pip install -r tests/interop/requirements.txt
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEngine } from "../../dist/engine/index.js";
import { readNifti, readPng } from "../../dist/io/index.js";
import { nmse, psnr, ssim } from "../../dist/metrics/index.js";
import * as network from "../../dist/nn/index.js";
import { centeredFft2, centeredIfft2, complexPlane, zeroFilled } from "../../dist/signal/index.js";

const python = process.env.FOLIO_PYTHON ?? "python3";
const here = import.meta.dirname;
const cli = join(here, "..", "..", "dist", "cli", "main.js");
const { status } = spawnSync(python, ["-c", "import nibabel, numpy, skimage.metrics"], { stdio: "ignore" });
const missing = status === 0 ? false : `${python} with nibabel, numpy and scikit-image is not here`;
if (missing && process.env.FOLIO_REQUIRE_INTEROP === "1") throw new Error(`FOLIO_REQUIRE_INTEROP is set, but ${missing}.`);
if (missing) console.warn(`Skipped: real MR images were not compared with NumPy and scikit-image, because ${missing}.`);

const largestDifference = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe("real MR slices", { skip: missing }, () => {
  let folder;
  let cases;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "folio-real-slices-"));
    const { status, stdout, stderr } = spawnSync(python, [join(here, "real_slices.py"), folder], { encoding: "utf8", maxBuffer: 2 ** 27, timeout: 120_000 });
    assert.equal(status, 0, stderr);
    cases = JSON.parse(stdout);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The slice as nibabel's values give it, scaled to 0 … 1 by its own extent. */
  async function picture({ file, volume, z, shape: [height, width] }) {
    const { data, shape: voxels } = await readNifti(file, { precision: "float64" });
    const from = width * height * (z + voxels[2] * (volume ?? 0));
    const plane = Float64Array.from(data.subarray(from, from + width * height));
    const [low, high] = [Math.min(...plane), Math.max(...plane)];
    return plane.map((value) => (value - low) / (high - low));
  }
  const maskOf = (columns, width) => Array.from({ length: width }, (_, c) => Number(columns.includes(c)));

  it("has NumPy's k-space, there and back", async () => {
    for (const each of cases) {
      const [[height, width], values] = [each.shape, await picture(each)];
      const { real, imag, ...size } = centeredFft2(complexPlane(height, width, values));
      assert.ok(largestDifference(real, each.kspace[0]) < 1e-10);
      assert.ok(largestDifference(imag, each.kspace[1]) < 1e-10);
      assert.ok(largestDifference(centeredIfft2({ real, imag, ...size }).real, values) < 1e-12);
    }
  });

  it("has NumPy's zero-filled pictures and scikit-image's PSNR and SSIM under every mask", async () => {
    for (const each of cases) {
      const [[height, width], values] = [each.shape, await picture(each)];
      const kspace = centeredFft2(complexPlane(height, width, values));
      for (const { kind, columns, ...expected } of each.masks) {
        const seen = zeroFilled(kspace, maskOf(columns, width));
        const what = `${each.file}, slice ${each.z}, ${kind}`;
        assert.ok(largestDifference([...seen.subarray(0, width)], expected["first row"]) < 1e-10, what);
        assert.ok(Math.abs(seen.reduce((a, b) => a + b, 0) - expected.sum) < 1e-8, what);
        assert.ok(Math.abs(psnr(seen, values, 1).score - expected.psnr) < 1e-8, what);
        assert.ok(Math.abs(ssim(seen, values, [height, width], { dataRange: "truth" }).score - expected.ssim) < 1e-8, what);
        assert.ok(Math.abs(nmse(seen, values).score - expected.nmse) < 1e-10, what);
      }
    }
  });

  it("has them on an engine, too, in single precision", async () => {
    const engine = await openEngine();
    const { tf } = engine;
    for (const each of cases) {
      const [[height, width], values] = [each.shape, await picture(each)];
      for (const { columns, ...expected } of each.masks) {
        const pictures = tf.tidy(() => {
          const kspace = network.centeredFft2(tf, { real: tf.tensor3d(Float32Array.from(values), [1, height, width]) });
          return network.magnitude(tf, network.centeredIfft2(tf, network.keepColumns(tf, kspace, tf.tensor2d(maskOf(columns, width), [1, width]))));
        });
        const seen = await pictures.data();
        pictures.dispose();
        assert.ok(largestDifference([...seen.subarray(0, width)], expected["first row"]) < 1e-5);
        assert.ok(Math.abs(ssim(seen, values, [height, width], { dataRange: "truth" }).score - expected.ssim) < 1e-4);
      }
    }
    await engine.close();
  });

  it("become an ACDC tree's slices as NumPy scales them, ED first, sides by patient", async () => {
    const out = join(folder, "slices");
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "data", "make", "acdc", "--from", join(folder, "acdc"), "--out", out], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /12 slices of 2 patients/);
    for (const patient of ["patient001", "patient101"]) {
      for (let index = 0; index < 6; index++) {
        for (const kind of ["images", "labels"]) {
          const { width, height, data } = await readPng(join(out, patient, kind, `${index}.png`));
          const expected = JSON.parse(readFileSync(join(folder, "expected", patient, kind, `${index}.json`), "utf8"));
          assert.deepEqual([width, height], [80, 80]);
          assert.ok(largestDifference([...data], expected) <= (kind === "images" ? 0.5 + 1e-6 : 0), `${patient}, ${kind} ${index}`);
        }
      }
      const { slices } = JSON.parse(readFileSync(join(out, patient, "meta.json"), "utf8"));
      assert.deepEqual(slices.map(({ phase }) => phase), ["ED", "ED", "ED", "ES", "ES", "ES"]);
      slices.forEach(({ spacing }) => assert.ok(largestDifference(spacing, [1.5, 1.4, 8]) < 1e-6));
    }
    assert.match(readFileSync(join(out, "split.csv"), "utf8"), /patient001,0,train[^]*patient101,0,test/);
    const check = spawnSync(process.execPath, [cli, "data", "check", "acdc", "--data", out], { encoding: "utf8" });
    assert.match(check.stdout, /1 patients +2 volumes +6 slices/);
  });
});
