import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { join } from "node:path";
import { changes, codeReader, contentHasher, contentKey, type Ingredients } from "../../cache/index.js";
import { parseStudy } from "../file/read.js";
import { makeProject, type Project } from "../project.fixture.js";
import { ingredientsOf, type Surroundings } from "./ingredients.js";

const cell = (source: string, tags: string[] = []) => ({ cell_type: "code", id: `c${source.length}`, source, metadata: { tags }, execution_count: null, outputs: [] });
const notebook = (...cells: object[]): string => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });

describe("a run's key", () => {
  let project: Project;
  before(async () => (project = await makeProject()));
  after(() => project.remove());
  beforeEach(async () => {
    await project.write("notebooks/nb.ipynb", notebook(cell("const seed = 1;", ["parameters"]), cell('import { twice } from "../lib/model.ts";\ntwice(seed)')));
    await project.write("lib/model.ts", 'import { two } from "./two.ts";\nexport const twice = (x: number): number => two * x;\n');
    await project.write("lib/two.ts", "export const two: number = 2;\n");
    await project.write("lib/other.ts", "export const other = 1;\n");
    await project.write("data/set/a.csv", "1,2\n");
    await project.write("train.py", "print(1)\n");
  });

  const around = async (change: Partial<Surroundings> = {}): Promise<Surroundings> => {
    const hasher = await contentHasher(join(project.root, "hashes.json"));
    return { root: project.root, code: codeReader(project.root), hash: (path) => hasher.of(path), lockfile: "l", engine: () => "ort", device: "linux-x64", node: "22", ...change };
  };
  const study = (yaml: string) => parseStudy(yaml, { name: "s", file: "study.yaml" }).runs[0];
  const asNotebook = { notebook: "notebooks/nb.ipynb", preset: "quick", seed: 1, fold: 0, options: { width: 3 }, resources: { cores: 1 } };
  const of = async (fields: object = asNotebook, change: Partial<Surroundings> = {}, head = ""): Promise<Ingredients> =>
    ingredientsOf(study(`${head}runs: [${JSON.stringify(fields)}]`), join(project.root, "data/set"), await around(change));

  /** What is different in the key after something was changed. */
  const after1 = async (change: () => Promise<unknown>, again: () => Promise<Ingredients> = of): Promise<string[]> => {
    const first = await of();
    await change();
    const second = await again();
    assert.notEqual(contentKey(first), contentKey(second));
    return changes(first, second).map(({ ingredient }) => ingredient);
  };
  const nothing = async (): Promise<void> => {};

  const cases: readonly [what: string, change: () => Promise<unknown>, again: (() => Promise<Ingredients>) | undefined, found: string][] = [
    ["the source of a cell", () => project.write("notebooks/nb.ipynb", notebook(cell("const seed = 1;", ["parameters"]), cell('import { twice } from "../lib/model.ts";\ntwice(seed) + 1'))), undefined, "cell 02"],
    ["a cell's tag", () => project.write("notebooks/nb.ipynb", notebook(cell("const seed = 1;", ["parameters"]), cell('import { twice } from "../lib/model.ts";\ntwice(seed)', ["raises-exception"]))), undefined, "cell 02"],
    ["a module that a cell imports", () => project.write("lib/model.ts", 'import { two } from "./two.ts";\nexport const twice = (x: number): number => two * x + 0;\n'), undefined, "code lib/model.ts"],
    ["a module that this one imports", () => project.write("lib/two.ts", "export const two: number = 3;\n"), undefined, "code lib/two.ts"],
    ["the contents of a data file", () => project.write("data/set/a.csv", "1,3\n"), undefined, "data"],
    ["another data file", () => project.write("data/set/b.csv", ""), undefined, "data"],
    ["the lockfile", nothing, () => of(asNotebook, { lockfile: "m" }), "lockfile"],
    ["the preset", nothing, () => of({ ...asNotebook, preset: "small" }), "preset"],
    ["the seed", nothing, () => of({ ...asNotebook, seed: 2 }), "seed"],
    ["the fold", nothing, () => of({ ...asNotebook, fold: 1 }), "fold"],
    ["the number of folds", nothing, () => of({ ...asNotebook, folds: 3 }), "folds"],
    ["a parameter", nothing, () => of({ ...asNotebook, options: { width: 4 } }), "option width"],
    ["a single setting", nothing, () => of({ ...asNotebook, set: { "training.epochs": 4 } }), "set training.epochs"],
    ["an option of the evaluation", nothing, () => of({ ...asNotebook, evaluate: { peers: false } }), "evaluate peers"],
    ["the variant's name", nothing, () => of({ ...asNotebook, variant: "v" }, {}, "variants: { v: {} }\n"), "variant"],
    ["the engine", nothing, () => of(asNotebook, { engine: () => "wasm" }), "engine"],
    ["the engine's threads", nothing, () => of({ ...asNotebook, resources: { cores: 2 } }), "threads"],
    ["the kind of machine", nothing, () => of(asNotebook, { device: "darwin-arm64" }), "device"],
    ["a GPU", nothing, () => of({ ...asNotebook, resources: { cores: 1, gpus: 1 } }), "device"],
    ["Node's major version", nothing, () => of(asNotebook, { node: "24" }), "node"],
  ];
  for (const [what, change, again, found] of cases) it(`changes with ${what}, and names it`, async () => assert.deepEqual(await after1(change, again), [found]));

  it("changes with a command's words and with what it reads", async () => {
    const command = { name: "py", command: ["python", "train.py"], inputs: "train.py" };
    const first = await of(command);
    await project.write("train.py", "print(2)\n");
    assert.deepEqual(changes(first, await of(command)).map(({ ingredient }) => ingredient), ["input train.py"]);
    assert.deepEqual(changes(await of(command), await of({ ...command, command: ["python3", "train.py"] })).map(({ ingredient }) => ingredient), ["command"]);
  });

  it("stays the same when anything else changes: prose, outputs, comments, other modules, memory and time", async () => {
    const first = contentKey(await of());
    await project.write("lib/other.ts", "export const other = 2;\n");
    await project.write("lib/two.ts", "// half of four\n  /* and more\n     of it */\nexport const two: number = /* so many */2;\n");
    const prose = { cell_type: "markdown", id: "m", source: "# Title", metadata: {} };
    await project.write("notebooks/nb.ipynb", notebook(prose, { ...cell("const seed = 1;", ["parameters"]), execution_count: 4 }, cell('import { twice } from "../lib/model.ts";\ntwice(seed)')));
    assert.equal(contentKey(await of({ ...asNotebook, resources: { cores: 1, memoryGb: 16, time: "2h" } })), first);
  });

  it("reads a data file again when only its time of change tells that it is another", async () => {
    const memory = join(project.root, "hashes.json");
    const late = (): number => Date.now() + 10_000; // So that the files do not count as changed just now.
    const first = await contentHasher(memory, late);
    const before = await first.of(join(project.root, "data/set"));
    await first.save();
    await project.write("data/set/a.csv", "9,2\n");
    assert.notEqual(await (await contentHasher(memory, late)).of(join(project.root, "data/set")), before);
  });
});
