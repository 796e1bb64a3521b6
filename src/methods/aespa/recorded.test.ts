import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { packageRoot, sha256File } from "../../core/index.js";
import { validateRecord } from "../../results/index.js";
import { recordedRecords, type Recording } from "./recorded.js";

const file = join(packageRoot, "bench", "results", "aespa-ablations.json");

it("the recorded ablations become valid records, one a system and seed", async () => {
  const recording = JSON.parse(await readFile(file, "utf8")) as Recording;
  const hash = await sha256File(file);
  const records = recordedRecords(recording, { file, hash });
  assert.equal(records.length, recording.systems.reduce((sum, { seeds }) => sum + seeds.length, 0));
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
  for (const record of records) validateRecord(JSON.parse(JSON.stringify(record)), record.id);
  const [first] = recording.systems;
  assert.deepEqual([records[0].variant, records[0].seed, records[0].metrics[1].value], [`recorded-${first.system}`, first.seeds[0], first.followLast[0]]);
  assert.ok(records.every(({ dataset, provenance }) => dataset.generated && provenance.inputs.recording === hash));
});

it("a recording with a number missing is refused by name", async () => {
  const recording = JSON.parse(await readFile(file, "utf8")) as Recording;
  const [first, ...rest] = recording.systems;
  assert.throws(() => recordedRecords({ ...recording, systems: [{ ...first, ged: [] }, ...rest] }, { file, hash: "" }), { code: "bad-header", message: /aespa has 0 numbers of ged/ });
});
