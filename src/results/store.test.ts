import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BadRecord, readRecords, writeRecord, type ResultRecord } from "./index.js";
import { exampleRecord } from "./record.fixture.js";

/** A record with its types off, to be spoilt. */
interface Loose {
  schema: unknown;
  id: unknown;
  dataset: { generated?: unknown };
  cases: { columns: unknown[]; rows: unknown[][] };
  metrics: { value: unknown; n: unknown; interval: unknown; excluded: unknown }[];
  provenance: { startedAt: unknown };
}

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "folio-results-"));

test("a record comes back as it was written, and equal records give equal bytes", async () => {
  const at = await folder();
  const record = exampleRecord({ seed: 3 });
  const path = await writeRecord(at, record);
  const first = await readFile(path, "utf8");
  await writeRecord(at, JSON.parse(first) as ResultRecord);
  assert.equal(await readFile(path, "utf8"), first);
  assert.deepEqual(await readRecords(at), [record]);
  assert.deepEqual(await readdir(at), [`${record.id}.json`]);
});

test("records are read in order of id, and a folder that does not exist holds none", async () => {
  const at = await folder();
  for (const seed of [2, 1]) await writeRecord(at, exampleRecord({ seed }));
  assert.deepEqual((await readRecords(at)).map((record) => record.seed), [1, 2]);
  assert.deepEqual(await readRecords(join(at, "absent")), []);
});

test("a record that breaks the schema is refused with the file and the field at fault", async () => {
  const at = await folder();
  const spoilt: readonly [field: string, change: (record: Loose) => void][] = [
    ["schema", (record) => (record.schema = "folio.result/2")],
    ["id", (record) => (record.id = "../elsewhere")],
    ["dataset.generated", (record) => delete record.dataset.generated],
    ["cases.rows[0]", (record) => record.cases.rows[0]!.pop()],
    ["cases.columns", (record) => (record.cases.columns[1] = record.cases.columns[0])],
    ["metrics[0].value", (record) => (record.metrics[0]!.value = "0.9")],
    ["metrics[0].n", (record) => (record.metrics[0]!.n = -1)],
    ["metrics[0].interval", (record) => (record.metrics[0]!.interval = { low: 0.9, high: 0.1, level: 0.95, method: "delong" })],
    ["metrics[0].excluded[0].reason", (record) => (record.metrics[0]!.excluded = [{ case: "a" }])],
    ["provenance.startedAt", (record) => (record.provenance.startedAt = "yesterday")],
  ];
  for (const [field, change] of spoilt) {
    const record = structuredClone(exampleRecord({})) as unknown as Loose;
    change(record);
    await assert.rejects(writeRecord(at, record as unknown as ResultRecord), (error) => {
      assert.ok(error instanceof BadRecord);
      assert.equal(error.field, field);
      assert.ok(error.message.startsWith(error.file) && error.message.includes(field) && !error.message.includes("\n"));
      return true;
    });
  }
  assert.deepEqual(await readdir(at), [], "nothing was written");
});

test("a file that is no JSON, or holds another record's id, is named", async () => {
  const at = await folder();
  await writeFile(join(at, "cut.json"), '{"schema": "folio.res');
  await assert.rejects(readRecords(at), { code: "bad-json", file: join(at, "cut.json") });
  const other = await folder();
  await writeFile(join(other, "renamed.json"), JSON.stringify(exampleRecord({})));
  await assert.rejects(readRecords(other), { code: "bad-record", field: "id" });
});
