import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { codeReader } from "./closure.js";

const files: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "demo", "exports": { "./nn": "./dist/nn/index.js" } }',
  "dist/nn/index.js": 'export { adam } from "./adam.js";\nexport { sgd as descent } from "./sgd.js";\nexport * from "./more.js";\n',
  "dist/nn/adam.js": 'import { add } from "./sum.js";\n// how it was built\nexport const adam = () => add(1, 2);\n',
  "dist/nn/sgd.js": 'export const sgd = 1;\nexport const other = new URL("./weights.bin", import.meta.url);\n',
  "dist/nn/weights.bin": "0101",
  "dist/nn/more.js": "export const more = 3;\n",
  "dist/nn/sum.js": "export const add = (a, b) => a + b;\n",
  "dist/nn/registers.js": 'register("x");\nexport const unused = 1;\n',
  "dist/main.js": 'import { adam } from "./nn/index.js";\nimport fs from "node:fs";\nadam(fs);\n',
  "dist/lazy.js": 'export const load = () => import("./nn/sgd.js");\n',
  "local.ts": "export const width: number = 3;\n",
};

describe("the code that is really used", () => {
  let root: string;
  before(async () => (root = await mkdtemp(join(tmpdir(), "folio-code-"))));
  after(() => rm(root, { recursive: true }));
  beforeEach(() => Promise.all(Object.entries(files).map(([name, text]) => write(name, text))));

  async function write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const used = (specifier: string, names: readonly string[] | "all" = "all") =>
    codeReader(root).of([{ specifier, names: names === "all" ? "all" : new Set(names) }], join(root, "main.ts"));

  it("follows imports, under the names of the sources", () => {
    assert.deepEqual(Object.keys(used("./dist/main.js")), ["src/main.ts", "src/nn/adam.ts", "src/nn/index.ts", "src/nn/sum.ts"]);
  });

  it("takes from an index only what is asked for by name", () => {
    assert.deepEqual(Object.keys(used("demo/nn", ["descent"])), ["dist/nn/weights.bin", "src/nn/index.ts", "src/nn/sgd.ts"]);
    assert.deepEqual(Object.keys(used("demo/nn", ["more"])), ["src/nn/index.ts", "src/nn/more.ts"]);
    assert.equal(Object.keys(used("demo/nn")).length, 6);
  });

  it("follows dynamic imports, files named by URL, and TypeScript beside a notebook", () => {
    assert.deepEqual(Object.keys(used("./dist/lazy.js")), ["dist/nn/weights.bin", "src/lazy.ts", "src/nn/sgd.ts"]);
    assert.deepEqual(Object.keys(used("./local")), ["local.ts"]);
  });

  it("changes with the code it follows, and with nothing else", async () => {
    const before = used("./dist/main.js");
    await write("dist/nn/sgd.js", "export const sgd = 2;\n");
    await write("dist/nn/index.js", `${files["dist/nn/index.js"]}export { sgd } from "./sgd.js";\n`);
    await write("dist/nn/adam.js", files["dist/nn/adam.js"].replace("how it was built", "how it came to be"));
    assert.deepEqual(used("./dist/main.js"), before);
    await write("dist/nn/sum.js", "export const add = (a, b) => a - b;\n");
    const after = used("./dist/main.js");
    assert.deepEqual(Object.keys(after).filter((name) => after[name] !== before[name]), ["src/nn/sum.ts"]);
  });

  it("notices when an index gives another thing under the same name", async () => {
    const before = used("demo/nn", ["descent"]);
    await write("dist/nn/index.js", files["dist/nn/index.js"].replace("sgd as descent", "other as descent"));
    assert.notDeepEqual(used("demo/nn", ["descent"]), before);
  });

  it("counts a module that acts when it is loaded, though none of its exports is used", async () => {
    await write("dist/nn/index.js", `${files["dist/nn/index.js"]}export { unused } from "./registers.js";\n`);
    assert.ok("src/nn/registers.ts" in used("./dist/main.js"));
  });

  it("tells the methods of this project apart", () => {
    const reader = codeReader(packageRoot);
    const of = (method: string): string[] => Object.keys(reader.of([{ specifier: `folio/methods/${method}`, names: "all" }], join(packageRoot, "notebooks", "x.ts")));
    const [astra, aespa] = [of("astra"), of("aespa")];
    assert.ok(astra.includes("src/methods/astra/train.ts") && astra.includes("src/nn/adam.ts"));
    assert.ok(!astra.some((name) => name.startsWith("src/methods/aespa/")) && !aespa.some((name) => name.startsWith("src/methods/astra/")));
    assert.ok(!astra.includes("src/nn/sam/mask-decoder.ts") && aespa.includes("src/nn/sam/mask-decoder.ts"));
  });
});
