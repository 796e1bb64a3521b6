import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot, sha256Folder } from "../../core/index.js";
import { readNifti, readPng, writeNifti } from "../../io/index.js";
import { checkBrats } from "./check.js";
import { extractPatient } from "./extract-patient.js";
import { extractBrats, splitOf } from "./extract.js";
import { bratsLayouts, type BratsLayout } from "./layout.js";
import { makeBrats } from "./make.js";
import { loadSlice, readBrainSlices } from "./read.js";
import { sliceBytes, sliceKind, slicesOf } from "./slice.js";
import { findBratsVolumes } from "./volumes.js";

interface Golden {
  readonly slices: { z: number; kind: "healthy" | "unhealthy" | "ambiguous"; area: number; image: number[]; mask: number[] }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/brats.json"), "utf8")) as Golden;

let folder: string;
const releases = new Map<BratsLayout, string>();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-brats-"));
  for (const layout of bratsLayouts) {
    releases.set(layout, join(folder, layout));
    await makeBrats({ out: join(folder, layout), layout, ...(layout !== "BraTS20" && { modalities: ["t2"] }) });
  }
});
after(() => rm(folder, { recursive: true, force: true }));

describe("slices (spec §2.2, §10 vectors 1–2)", () => {
  it("bytes by the slice's own range, truncating", () => {
    assert.deepEqual([...sliceBytes([0, 10, 25, 40])], [0, 63, 159, 254]);
    assert.deepEqual([...sliceBytes([0, 1, 2, 3])], [0, 84, 169, 254]);
    assert.deepEqual([...sliceBytes([5, 5])], [0, 0]);
  });
  it("kinds by area, indices by margin", () => {
    const rules = { margin: 15, minLesionArea: 200 };
    assert.deepEqual([0, 1, 200, 201].map((area) => sliceKind(area, rules)), ["healthy", "ambiguous", "ambiguous", "unhealthy"]);
    const indices = slicesOf(155, rules);
    assert.deepEqual([indices.length, indices[0], indices.at(-1)], [125, 15, 139]);
    assert.deepEqual(slicesOf(20, rules), []);
  });
  it("patients are split as the published script splits them", () => {
    const ids = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    const split = splitOf([...ids].reverse(), 42);
    assert.deepEqual(ids.filter((id) => split.get(id) === "test"), ["0", "1"]);
  });
  it("pixels and orientation are NumPy's", async () => {
    const shape = [7, 5, 12];
    const at = (of: (i: number, j: number, k: number) => number) => Int16Array.from({ length: 7 * 5 * 12 }, (_, n) => of(n % 7, Math.floor(n / 7) % 5, Math.floor(n / 35)));
    const bytes = 0.37; // the golden values are of 0.37 · stored + 3; a float64 file says the same
    const [volume, mask] = [join(folder, "scan.nii"), join(folder, "seg.nii")];
    await writeNifti(volume, { data: Float64Array.from(at((i, j, k) => ((i * 37 + j * 101 + k * 53) % 199) - 20), (x) => bytes * x + 3), shape });
    await writeNifti(mask, { data: Uint8Array.from(at((i, j, k) => (Math.hypot(i - 3, j - 2) < (k - 4) * 0.6 ? 4 : 0))), shape });
    const out = join(folder, "golden");
    const { counts } = await extractPatient({ patient: "p", volume, channel: undefined, mask, out, split: "train", rules: { margin: 2, minLesionArea: 4 } });
    for (const kind of ["healthy", "unhealthy", "ambiguous"] as const) assert.equal(counts[kind], golden.slices.filter((slice) => slice.kind === kind).length);
    for (const { z, kind, image, mask } of golden.slices.filter(({ kind }) => kind !== "ambiguous")) {
      const png = await readPng(join(out, "Training_images", kind === "healthy" ? "Healthy" : "Unhealthy", `p_${z}.png`));
      assert.deepEqual([png.width, png.height, [...png.data]], [5, 7, image], `slice ${z}`);
      assert.deepEqual([...(await readPng(join(out, "Masks", `p_${z}.png`))).data], mask);
    }
  });
});

describe("releases are recognised by themselves", () => {
  for (const layout of bratsLayouts) {
    it(layout, async () => {
      const found = await findBratsVolumes(releases.get(layout)!, "t2");
      assert.equal(found.layout, layout);
      assert.equal(found.patients.length, 10);
      const [{ volume, channel, mask }] = found.patients;
      const scan = await readNifti(volume);
      assert.deepEqual(scan.shape, layout === "MSD" ? [64, 64, 40, 4] : [64, 64, 40]);
      assert.equal(channel, layout === "MSD" ? 3 : undefined);
      assert.equal(scan.orientation, "LPS");
      const labels = [...new Set((await readNifti(mask)).data as Uint8Array)].sort();
      assert.deepEqual(labels, layout === "BraTS20" || layout === "BraTS21" ? [0, 1, 2, 4] : [0, 1, 2, 3]);
    });
  }
  it("anything else is refused by name", async () => {
    await assert.rejects(findBratsVolumes(join(folder, "nowhere"), "t2"), { code: "not-found" });
    await assert.rejects(findBratsVolumes(folder, "t2"), { code: "bad-header", message: /no BraTS20/ });
  });
});

describe("extractBrats", () => {
  it("is the same whatever the threads, and whatever it was stopped at", async () => {
    const from = releases.get("BraTS20")!;
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
    const record = await extractBrats({ from, out: whole, threads: 1 });
    assert.equal(Object.keys(record.done).length, 10);
    assert.equal(Object.values(record.done).filter(({ split }) => split === "train").length, 8);
    const controller = new AbortController();
    let seen = 0;
    const progress = { begin: () => ({ update: () => void (++seen === 3 && controller.abort()), end: () => undefined }) };
    await assert.rejects(extractBrats({ from, out: stopped, threads: 2, progress, signal: controller.signal }), { code: "interrupted" });
    await extractBrats({ from, out: stopped, threads: 2 });
    assert.equal(await sha256Folder(stopped), await sha256Folder(whole));
    const check = await checkBrats(whole);
    assert.deepEqual([check.problems, check.toCome, check.name], [[], 0, "BraTS20"]);
    assert.ok(check.splits.train.unhealthy >= 40 && check.splits.test.unhealthy >= 8, JSON.stringify(check.splits));
    assert.ok(check.generated !== undefined);
    await assert.rejects(extractBrats({ from, out: whole, modality: "flair" }), { code: "not-empty", message: /other modality/ });
  });
  it("takes the channel of a 4-D file, leaves hidden files alone, skips and names broken patients", async () => {
    const from = releases.get("MSD")!;
    await writeFile(join(from, "imagesTr", "._BRATS_001.nii.gz"), "");
    await rm(join(from, "labelsTr", "BRATS_002.nii.gz"));
    await writeFile(join(from, "imagesTr", "BRATS_003.nii.gz"), "broken");
    const record = await extractBrats({ from, out: join(folder, "msd"), threads: 2 });
    assert.deepEqual(Object.keys(record.skipped).sort(), ["BRATS_002", "BRATS_003"]);
    assert.match(record.skipped.BRATS_002, /BRATS_002/);
    const { slices } = await readBrainSlices(join(folder, "msd"));
    const scan = await readNifti(join(from, "imagesTr", "BRATS_001.nii.gz"));
    const slice = slices.find(({ patient, z }) => patient === "BRATS_001" && z === 10)!;
    const plane = scan.data.subarray(64 * 64 * (10 + 40 * 3), 64 * 64 * (11 + 40 * 3)) as Int16Array;
    const expected = sliceBytes(Float64Array.from({ length: 64 * 64 }, (_, n) => plane[Math.floor(n / 64) + 64 * (n % 64)]));
    assert.deepEqual((await loadSlice(slice)).image, expected);
  });
  it("never writes into a folder of something else", async () => {
    const other = join(folder, "other");
    await mkdir(other);
    await writeFile(join(other, "thesis.doc"), "mine");
    await assert.rejects(extractBrats({ from: releases.get("BraTS21")!, out: other }), { code: "not-empty" });
    assert.deepEqual(await readdir(other), ["thesis.doc"]);
    assert.equal(await readFile(join(other, "thesis.doc"), "utf8"), "mine");
  });
});

describe("checkBrats", () => {
  it("says what is odd", async () => {
    const root = join(folder, "odd");
    await extractBrats({ from: releases.get("BraTS23")!, out: root });
    const { slices } = await readBrainSlices(root);
    const sick = slices.find(({ label }) => label === "unhealthy")!;
    const well = slices.find(({ label }) => label === "healthy")!;
    await rm(well.mask!);
    await writeFile(sick.image, "broken");
    await writeFile(join(root, "Training_images", "Healthy", "notes.txt"), "");
    const codes = new Set((await checkBrats(root)).problems.map(({ code }) => code));
    assert.deepEqual([...codes].sort(), ["missing-mask", "stray-file", "unreadable"]);
  });
  it("says how to get slices where there are none", async () => {
    await assert.rejects(readBrainSlices(join(folder, "BraTS20")), { code: "not-found", message: /folio data make brats/ });
  });
});
