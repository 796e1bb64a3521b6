import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { composeReport, readReportConfig } from "../report/index.js";
import { dialogueFixture } from "../report/dialogue.fixture.js";
import { studyFixture } from "../report/study.fixture.js";
import { writeRecord, type ResultRecord } from "../results/index.js";
import { asmrChapter, prsMedChapter, rasaloreChapter } from "./chapters.fixture.js";

const folder = join(packageRoot, "reports", "five-papers");

describe("the five-papers report", () => {
  let results: string;
  let chapters: Readonly<Record<string, readonly ResultRecord[]>>;
  before(async () => {
    results = await mkdtemp(join(tmpdir(), "folio-chapters-"));
    chapters = { astra: studyFixture(), aespa: dialogueFixture(), rasalore: rasaloreChapter(), asmr: await asmrChapter(), "prs-med": prsMedChapter() };
    for (const record of Object.values(chapters).flat()) await writeRecord(results, record);
  });
  after(() => rm(results, { recursive: true }));

  it("has all five chapters whole when their notebooks' records are there", async () => {
    const { warnings, html, tables, figures } = await composeReport({ folder, results });
    assert.deepEqual(warnings, []);
    assert.doesNotMatch(html, /This report is incomplete|no record/);
    assert.deepEqual([tables.length, figures.length], [15, 25], "as many as the template asks for");
  });

  for (const method of ["astra", "aespa", "rasalore", "asmr", "prs-med"]) {
    it(`misses records, and only of ${method}, when those of ${method} are not there`, async () => {
      const others = await mkdtemp(join(tmpdir(), "folio-chapters-"));
      try {
        for (const record of Object.entries(chapters).flatMap(([name, own]) => (name === method ? [] : own))) await writeRecord(others, record);
        const [{ warnings }, { series }] = await Promise.all([composeReport({ folder, results: others }), readReportConfig(folder)]);
        assert.ok(warnings.length > 0);
        assert.deepEqual(new Set(warnings.map(({ code }) => code)), new Set(["missing-record"]));
        const names = [method, ...series.filter((one) => one.method === method).map(({ label }) => label)];
        assert.deepEqual(warnings.filter(({ message }) => !names.some((name) => message.includes(name))).map(({ message }) => message), []);
      } finally {
        await rm(others, { recursive: true });
      }
    });
  }
});
