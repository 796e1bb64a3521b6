import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { captured } from "./captured.fixture.js";

const cwd = await mkdtemp(join(tmpdir(), "folio-data-"));
after(() => rm(cwd, { recursive: true }));

const folio = (...args: string[]) => captured(args, { cwd });

describe("folio data", () => {
  it("makes a dataset under data/ of the current folder and finds nothing odd in it", async () => {
    const made = await folio("data", "make", "dcase", "--seed", "3", "--json");
    assert.deepEqual([made.code, made.err], [0, ""]);
    const { out: folder, clips } = JSON.parse(made.out) as { out: string; clips: number };
    assert.deepEqual([folder, clips], [join(cwd, "data", "dcase-quick"), 240]);

    const checked = await folio("data", "check", "dcase", "--data", "data/dcase-quick");
    assert.equal(checked.code, 0);
    assert.match(checked.out, /240 clips of 3 machines\nGenerated data, not recordings \(preset quick, seed 3\)/);
    assert.match(checked.out, /fan: 1 s, attributes spd\n {2}train +source +normal +24\n/);
    assert.match(checked.out, /Nothing is missing or odd\.\n$/);
    const { machines, problems } = JSON.parse(
      (await folio("data", "check", "dcase", "--data", "data/dcase-quick", "--json")).out,
    );
    assert.deepEqual([machines.length, problems], [3, []]);
  });

  it("exits 1 where the data cannot be used and 2 where the call was wrong", async () => {
    const missing = await folio("data", "check", "dcase", "--data", "nowhere");
    assert.equal(missing.code, 1);
    assert.match(
      missing.err,
      /^folio: .*nowhere: does not exist\. See data\/README\.md for the layout and how to get the data\.\n$/,
    );
    const machine = await folio("data", "check", "dcase", "--data", "data/dcase-quick", "--machines", "fan,pump");
    assert.match(machine.err, /has no folder for the machine pump/);
    assert.equal((await folio("data", "make", "imagenet")).code, 2);
    assert.equal((await folio("data", "make", "dcase", "--seed", "1.5")).code, 2);
    assert.equal((await folio("data", "check", "dcase")).code, 2);
  });

  it("makes acdc in the challenge's layout, slices of it, and finds nothing odd in them", async () => {
    assert.equal((await folio("data", "make", "acdc", "--form", "nifti")).code, 0);
    const made = await folio("data", "make", "acdc", "--from", "data/acdc-quick-nifti");
    assert.deepEqual([made.code, made.err], [0, ""]);
    assert.match(made.out, /^228 slices of 19 patients in .*data\/acdc\nNext: folio data check acdc/);
    const checked = await folio("data", "check", "acdc", "--data", "data/acdc");
    assert.match(checked.out, /228 slices, 48×48 to 48×48 pixels\nGenerated data, not patients[^]*train +12 patients +24 volumes +144 slices; RV in 144/);
    assert.match(checked.out, /Nothing is missing or odd\.\n$/);
    assert.equal((await folio("data", "make", "acdc", "--fold", "1")).code, 2);
    assert.equal((await folio("data", "make", "lidc", "--phantom", "ring")).code, 2);
  });

  for (const name of ["lidc", "refuge"] as const) {
    it(`makes ${name} and finds nothing odd in it`, async () => {
      const made = await folio("data", "make", name, "--seed", "2");
      assert.deepEqual([made.code, made.err], [0, ""]);
      const checked = await folio("data", "check", name, "--data", `data/${name}-quick`);
      assert.match(checked.out, /images\nGenerated data, not patients \(preset quick, seed 2\)\n\ntrain: /);
      assert.match(checked.out, /Nothing is missing or odd\.\n$/);
    });
  }

  it("makes head CT volumes, slices of them, and looks at the slices", async () => {
    assert.equal((await folio("data", "make", "mbhseg")).code, 0);
    const sliced = await folio("data", "make", "mbhseg", "--from", "data/mbhseg-quick", "--json");
    assert.deepEqual([sliced.code, sliced.err], [0, ""]);
    const { cases, slices } = JSON.parse(sliced.out) as { cases: number; slices: number };
    assert.equal(cases, 6);
    const check = JSON.parse((await folio("data", "check", "mbhseg", "--data", "data/mbhseg-binary", "--json")).out);
    assert.equal(check.splits.train.images + check.splits.test.images, slices);
    assert.deepEqual(check.problems, []);
    assert.equal((await folio("data", "make", "lidc", "--from", "data/mbhseg-quick")).code, 2);
  });
});
