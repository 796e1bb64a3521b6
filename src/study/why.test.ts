import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { findEngines } from "../engine/index.js";
import { localExecutor } from "./execute/local.js";
import { readStudy } from "./file/read.js";
import { localEngine } from "./plan/plan.js";
import { makeProject, type Project } from "./project.fixture.js";
import { runWith } from "./run-study.js";
import { why } from "./why.js";

const record = `JSON.stringify({ schema: "folio.result/1", id: "nb", method: "nb", variant: "v", dataset: { name: "none", generated: true }, split: "test", preset, seed: 1, config: {}, cases: { columns: ["case"], rows: [] }, metrics: [], provenance: { inputs: {}, code: "c", lockfile: "none", engine: "none", device: "none", node: "22", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 } })`;
const cell = (source: string, tags: string[] = []) => ({ cell_type: "code", id: `c${source.length}`, source, metadata: { tags }, execution_count: null, outputs: [] });
const notebook = (last: string): string =>
  JSON.stringify({
    nbformat: 4, nbformat_minor: 5, metadata: {},
    cells: [cell('const preset = "quick";\nconst results = "";', ["parameters"]), cell('import { one } from "../lib/one.ts";\none'), cell(`import { two } from "../lib/two.ts";\nimport { writeFileSync } from "node:fs";\nwriteFileSync(results + "/nb.json", ${record});\n${last}`)],
  });

let project: Project;
before(async () => {
  project = await makeProject();
  await project.write("lib/one.ts", "export const one = 1;\n");
  await project.write("lib/two.ts", "export const two = 2;\n");
  await project.write("notebooks/nb.ipynb", notebook("two"));
  await project.study("demo", "runs: [{ notebook: notebooks/nb.ipynb }]\n");
  const engine = localEngine(await findEngines());
  const { runs } = await runWith(await readStudy(project.root, "demo"), localExecutor({ cores: 1, memoryGb: 8, gpus: [] }, process.env), { root: project.root, progress: { begin: () => ({ update() {}, end() {} }) }, engine });
  assert.deepEqual(runs.map(({ state, error }) => [state, error]), [["done", undefined]]);
});
after(() => project.remove());

const changed = async (what: string): Promise<string[]> => (await why(project.root, what)).changes.map(({ ingredient }) => ingredient);

it("says of a run and of each cell which change would make them run again, and only that", async () => {
  assert.equal((await why(project.root, "demo/nb-quick-seed1")).done, true);
  assert.deepEqual([await changed("nb-quick-seed1"), await changed("notebooks/nb.ipynb#3")], [[], []]);
  await project.write("lib/two.ts", "export const two = 22;\n");
  assert.equal((await why(project.root, "nb-quick-seed1")).done, false);
  assert.deepEqual(await changed("notebooks/nb.ipynb"), ["code lib/two.ts"]);
  assert.deepEqual(await changed("notebooks/nb.ipynb#2"), [], "the second cell does not use that module");
  assert.deepEqual(await changed("notebooks/nb.ipynb#3"), ["code lib/two.ts"]);
  await project.write("notebooks/nb.ipynb", notebook("two + 1"));
  assert.deepEqual(await changed("notebooks/nb.ipynb#2"), []);
  assert.deepEqual(await changed("notebooks/nb.ipynb#3"), ["cell 03", "code lib/two.ts"]);
});

it("says which cells and runs there are", async () => {
  await assert.rejects(why(project.root, "notebooks/nb.ipynb#9"), /has code cells 1 to 3, but got "9"/);
  await assert.rejects(why(project.root, "other"), /no study has a run called other\. Runs: demo\/nb-quick-seed1/);
});
