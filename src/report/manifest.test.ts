import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { composeReport } from "./index.js";
import { manifestOf } from "./manifest.js";
import { everythingReport } from "./widgets.fixture.js";

test("the manifest hashes what a widget shows on the screen, not only its drawing for print", async () => {
  const folder = await everythingReport();
  const manifest = async () => manifestOf(await composeReport({ folder }), [], folder);
  const before = await manifest();
  assert.deepEqual(before.widgets.map(({ id }) => id), ["fig-explorer", "fig-steps", "fig-cases", "fig-raters", "fig-scan", "fig-surface"]);
  const file = join(folder, "results", "pictures-model-seed1.json");
  const record = JSON.parse(await readFile(file, "utf8")) as { artifacts: { stack: { frames: { facts: { Dice: number } }[] } } };
  record.artifacts.stack.frames[1].facts.Dice += 0.01;
  await writeFile(file, JSON.stringify(record));
  const after = await manifest();
  const changed = (part: "figures" | "widgets"): string[] => after[part].flatMap(({ id, sha256 }) => (before[part].some((one) => one.id === id && one.sha256 === sha256) ? [] : [id]));
  assert.deepEqual(changed("widgets"), ["fig-steps"]);
  assert.deepEqual(changed("figures"), []);
});
