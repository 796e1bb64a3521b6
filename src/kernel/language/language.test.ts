import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openLanguage } from "./service.js";
import type { Language } from "./language.js";
import { freeConnection, openClient } from "../wire/client.js";
import { startKernel } from "../wire/start.js";

let folder: string;
let language: Language;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-language-"));
  await writeFile(join(folder, "helper.ts"), "/** Adds one. */\nexport const increment = (n: number): number => n + 1;");
  language = openLanguage({ folder });
  language.ran(1, "const samples = [1, 2, 3];\ninterface Point { x: number; y: number }\nlet total = 0;");
});

after(async () => {
  language.close();
  await rm(folder, { recursive: true });
});

const matches = async (code: string): Promise<string[]> =>
  (await language.complete(code, code.length)).items.map(({ text }) => text);

describe("completion", () => {
  it("knows members, the bindings of earlier cells, and what the text is replaced from", async () => {
    assert.deepEqual(await matches("Math.ab"), ["abs"]);
    assert.ok((await matches("samples.")).includes("map"));
    assert.ok((await matches("sam")).includes("samples"));
    const { start, end } = await language.complete("const n = samples.fin", 21);
    assert.deepEqual([start, end], [18, 21]);
  });

  it("knows import paths and the exports behind them", async () => {
    assert.ok((await matches('import { increment } from "./hel')).includes("helper"));
    assert.ok((await matches('import * as d from "folio/display"; d.')).includes("displayProgress"));
  });
});

describe("TensorFlow.js", () => {
  it("is the one that comes with this package where the notebook's folder has none", async () => {
    assert.deepEqual(await matches('import * as tf from "@tensorflow/tfjs"; tf.zerosL'), ["zerosLike", "ZerosLike"]);
  });
});

describe("a checker at rest", () => {
  it("gives its memory back and returns with the notebook's names when it is asked again", async () => {
    const own = openLanguage({ folder, restAfterMs: 300 });
    try {
      own.ran(1, "const voxels = new Float32Array(4);");
      const typed = async () => (await own.complete("voxels.fi", 9)).items.map(({ text }) => text);
      const first = await typed();
      assert.ok(first.includes("fill"));
      const loaded = process.memoryUsage().rss;
      for (const deadline = Date.now() + 20_000; loaded - process.memoryUsage().rss < 50e6;) {
        assert.ok(Date.now() < deadline, "its memory was not given back");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.deepEqual(await typed(), first);
    } finally {
      own.close();
    }
  });

  it("knows 300 cells, and is not slowed by those a cell has nothing to do with", async () => {
    const own = openLanguage({ folder });
    try {
      for (let i = 0; i < 300; i++) own.ran(i + 1, `const sample${i} = [${i}];`);
      await own.check("sample299.push(1);");
      const started = performance.now();
      assert.deepEqual(await own.check("sample299.push('one'); sample7.pop();"), [
        { line: 1, column: 16, message: "Argument of type 'string' is not assignable to parameter of type 'number'.", code: 2345 },
      ]);
      const spent = performance.now() - started;
      assert.equal((await own.complete("sample", 6)).items.filter(({ text }) => /^sample\d+$/.test(text)).length, 300);
      assert.ok(spent < 2000, `${spent} ms`);
    } finally {
      own.close();
    }
  });
});

describe("the tsconfig.json beside a notebook", () => {
  it("counts with what it extends, and the page's DOM is not there", async () => {
    const project = await mkdtemp(join(tmpdir(), "folio-language-project-"));
    await mkdir(join(project, "lib"));
    await writeFile(join(project, "lib", "dice.ts"), "export const dice = 0.5;");
    await writeFile(
      join(project, "base.json"),
      '{ "compilerOptions": { "noUncheckedIndexedAccess": true, "paths": { "@lib/*": ["./lib/*"] } } }',
    );
    await writeFile(join(project, "tsconfig.json"), '{ "extends": "./base.json" } // nothing else');
    const own = openLanguage({ folder: project });
    try {
      const problems = await own.check('import { dice } from "@lib/dice";\nconst first: number = [dice][0];\ndocument.title;');
      assert.deepEqual(
        problems.map(({ line, code }) => [line, code]),
        [
          [2, 2322],
          [3, 2584],
        ],
      );
    } finally {
      own.close();
      await rm(project, { recursive: true });
    }
  });
});

describe("inspection", () => {
  it("gives the type and the documentation in Markdown, of a name or of the call one is in", async () => {
    const found = await language.inspect('import { increment } from "./helper"; increment', 40);
    assert.equal(
      found?.markdown,
      "```ts\nconst increment: (n: number) => number\n```\n\nAdds one.",
    );
    assert.match((await language.inspect("Math.max( ", 10))?.text ?? "", /max\(\.\.\.values: number\[\]\): number/);
    assert.equal(await language.inspect("  ", 1), undefined);
  });
});

describe("diagnostics", () => {
  it("see the types of earlier cells, which a later one may declare anew or assign", async () => {
    assert.deepEqual(await language.check("const p: Point = { x: 1, y: 2 };\ntotal += p.x;\nawait Promise.resolve();"), []);
    assert.deepEqual(await language.check("const ok = 1;\nsamples.push('x');"), [
      {
        line: 2,
        column: 14,
        message: "Argument of type 'string' is not assignable to parameter of type 'number'.",
        code: 2345,
      },
    ]);
    assert.deepEqual(await language.check("const samples = 'redeclared'; samples.length"), []);
    language.ran(2, "const samples = 'now text';");
    assert.ok((await matches("samples.")).includes("toUpperCase"));
  });
});

describe("the kernel with typed help", () => {
  it("completes by code points, inspects, stops a %%check cell, and warns of types unless told not to", async () => {
    const connection = await freeConnection();
    const kernel = await startKernel({ connection, folder, language: openLanguage({ folder }) });
    const client = await openClient(connection);
    await client.execute("const words = ['a'];");
    const code = "const smile = '😀'; words.pus";
    const { reply } = await client.request("complete_request", { code, cursor_pos: Array.from(code).length });
    assert.deepEqual([reply.matches, reply.cursor_start, reply.cursor_end], [["push"], 25, 28]);
    const inspected = (await client.request("inspect_request", { code: "words", cursor_pos: 5, detail_level: 0 })).reply;
    assert.deepEqual(
      [inspected.found, (inspected.data as Record<string, unknown>)["text/plain"]],
      [true, "const words: string[]"],
    );
    await client.execute('const answer = JSON.parse(\'{ "auc": 1, "dice": { "mean": 2 } }\');');
    const known = (await client.request("complete_request", { code: "answer.dice.me", cursor_pos: 14 })).reply;
    assert.deepEqual([known.matches, known.cursor_start], [["mean"], 12], "of a value whose type says nothing");
    const stopped = (await client.execute("%%check\nconst n: number = words;\nglobalThis.ran = true")).reply;
    assert.match(
      String((stopped.traceback as string[])[1]),
      /line 2, column 7: Type 'string\[\]' is not assignable to type 'number'/,
    );
    const warned = new Promise<[string, unknown]>(
      (resolve) =>
        (client.onPublished = ({ content, parent }) =>
          content.name === "stderr" && resolve([String(content.text), parent.msg_id])),
    );
    await client.execute("%check off\nconst k: string = 4;");
    const { published } = await client.execute("%check on\nconst m: string = 5;\n\"ran\" in globalThis");
    const shown = published.filter(({ header }) => header.msg_type === "execute_result").map(({ content }) => content.data);
    assert.deepEqual(shown, [{ "text/plain": "false" }]);
    const [text, parent] = await warned;
    assert.equal(text, "Type warning, line 2: Type 'number' is not assignable to type 'string'. (TS2322)\n");
    assert.equal(parent, published[0].parent.msg_id, "under the cell that has it");
    client.close();
    await kernel.stop();
  });
});
