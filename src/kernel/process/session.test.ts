import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { CellEvent, CellResult } from "../execute/events.js";
import { openSession, RunnerDied, type Session } from "./session.js";

let folder: string;
let session: Session;
let events: CellEvent[] = [];
let count = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-session-"));
  session = await openSession({ folder, onEvent: (event) => events.push(event) });
});

after(async () => {
  await session.close();
  await rm(folder, { recursive: true });
});

async function run(source: string): Promise<CellResult> {
  events = [];
  return session.run(source, ++count);
}

/** The plain text of the cell's result. */
async function value(source: string): Promise<unknown> {
  const result = await run(source);
  assert.equal(result.status, "ok", result.status === "error" ? result.error.traceback.join("\n") : "");
  return result.status === "ok" ? result.result?.data["text/plain"] : undefined;
}

async function failure(source: string): Promise<string[]> {
  const result = await run(source);
  assert.equal(result.status, "error");
  return result.status === "error" ? [...result.error.traceback] : [];
}

const printed = (): string => events.map((event) => (event.kind === "stream" ? event.text : "")).join("");

describe("bindings", () => {
  it("are shared between cells, live in both directions, and may be declared again", async () => {
    await run("let count = 1; const add = (n: number) => (count += n); class Box<T> { constructor(readonly item: T) {} }");
    assert.equal(await value("add(2); count"), "3");
    assert.equal(await value("count = 10; add(1)"), "11");
    assert.equal(await value("const count = 'text'; class Box {}; [count, new Box()]"), "[ 'text', Box {} ]");
  });

  it("of an enum, a namespace, destructuring with defaults and var in blocks work as in a module", async () => {
    assert.equal(
      await value(
        "enum Side { Left, Right = 5 }\nnamespace N { export const two = 2 }\nconst { a = 1, ...rest } = { b: 2 } as { a?: number; b: number };\nif (a) var inner = 7;\n[Side.Right, Side[0], N.two, a, rest, inner]",
      ),
      "[ 5, 'Left', 2, 1, { b: 2 }, 7 ]",
    );
  });

  it("keep what a cell declared before it threw and forget what it never reached", async () => {
    await run("const reached = 4; throw new Error('stop'); const unreached = 5");
    assert.equal(await value("[reached, typeof unreached]"), "[ 4, 'undefined' ]");
  });

  it("declared const cannot be assigned", async () => {
    await run("const fixed = 1");
    assert.equal((await failure("fixed = 2"))[0], "TypeError: Assignment to constant variable fixed.");
  });

  it("of functions are hoisted and keep their names", async () => {
    assert.equal(
      await value(
        "const early = later();\nfunction later() { return later.name }\nconst arrow = () => {};\n[early, arrow.name]",
      ),
      "[ 'later', 'arrow' ]",
    );
  });
});

describe("names that mean something to Node and to libraries", () => {
  it("are free for the notebook and stay what they were for everyone else", async () => {
    await run(
      "const window = 5; const process = (n: number) => n + window; let URL = 'x'; function fetch(Buffer: number) { return { Buffer, window } }",
    );
    assert.equal(
      await value(
        "const { crypto = 3, navigator: { length: Event } } = { navigator: [1, 2] } as any;\n[window, process(1), URL, fetch(7), crypto, Event, { URL }.URL]",
      ),
      "[ 5, 6, 'x', { Buffer: 7, window: 5 }, 3, 2, 'x' ]",
    );
    assert.equal(
      await value(
        'const seen = new Function("return [typeof window, typeof process, typeof URL, typeof fetch]")();\nURL = "y";\n[seen, URL, ((URL: number) => URL)(1)]',
      ),
      "[ [ 'undefined', 'object', 'function', 'function' ], 'y', 1 ]",
    );
  });
});

describe("syntax", () => {
  it("top-level await and for await", async () => {
    assert.equal(
      await value(
        "const xs: number[] = [];\nfor await (const x of (async function* () { yield 1; yield await Promise.resolve(2) })()) xs.push(x);\nxs",
      ),
      "[ 1, 2 ]",
    );
  });

  it("using disposes at the end of the cell, in reverse order", async () => {
    await run(
      "const open = (name: string) => ({ [Symbol.dispose]() { console.log('close', name) } });\nusing a = open('a');\nusing b = open('b');\nconsole.log('work')",
    );
    assert.equal(printed(), "work\nclose b\nclose a\n");
  });

  it("standard decorators", async () => {
    assert.equal(
      await value(
        "const twice = (f: (n: number) => number, _: unknown) => (n: number) => 2 * f(n);\nclass A { @twice m(n: number) { return n } }\nnew A().m(4)",
      ),
      "8",
    );
  });

  it("satisfies, parameter properties, abstract classes, generics of arrow functions", async () => {
    assert.equal(
      await value(
        "abstract class A { constructor(protected readonly n: number) {} abstract f(): number }\nclass B extends A { f() { return this.n } }\nconst id = <T,>(x: T) => x satisfies T;\nid(new B(3).f())",
      ),
      "3",
    );
  });

  it("statements without semicolons are not glued together", async () => {
    assert.equal(
      await value("let first = 1\nlet second = [first]\n;[first] = [5]\nconst third = first\n;[first, second, third]"),
      "[ 5, [ 1 ], 5 ]",
    );
  });
});

describe("imports", () => {
  it("read builtins, JSON with an attribute, CommonJS by require, and this package by its own name", async () => {
    await writeFile(join(folder, "data.json"), '{"n": 5}');
    assert.equal(
      await value(
        'import data from "./data.json" with { type: "json" };\nimport path, { sep as slash } from "node:path";\nimport { toMimeBundle } from "folio/display";\n[data.n, require("./data.json").n, slash === path.sep, typeof toMimeBundle]',
      ),
      "[ 5, 5, true, 'function' ]",
    );
  });

  it("find TensorFlow.js where the notebook's folder has none", async () => {
    assert.equal(await value('import { version } from "@tensorflow/tfjs"; version.tfjs'), "'4.22.0'");
  });

  it("load local TypeScript anew when it, or a file it imports, was edited", async () => {
    await writeFile(join(folder, "deep.ts"), "export const deep: number = 1;");
    await writeFile(
      join(folder, "helper.ts"),
      'import { deep } from "./deep.js";\nexport const sum = (n: number): number => n + deep;',
    );
    assert.equal(await value('import { sum } from "./helper";\nsum(1)'), "2");
    await writeFile(join(folder, "deep.ts"), "export const deep: number = 40;");
    await utimes(join(folder, "deep.ts"), new Date(), new Date(Date.now() + 5000));
    assert.equal(await value('import { sum } from "./helper.ts";\nsum(1)'), "41");
  });

  it("follow tsconfig paths", async () => {
    await writeFile(
      join(folder, "tsconfig.json"),
      '{ // comment\n "compilerOptions": { "paths": { "@lib/*": ["./lib-*.ts"], }, } }',
    );
    await writeFile(join(folder, "lib-a.ts"), "export const lib = 'a' as const;");
    assert.equal(await value('import { lib } from "@lib/a"; lib'), "'a'");
  });

  it("that find no such export say so where the name is used", async () => {
    const [headline] = await failure('import { Nothing, join } from "node:path"; join("a"); new Nothing()');
    assert.equal(headline, 'ReferenceError: Nothing is not defined: "node:path" exports no value of that name');
  });
});

describe("errors", () => {
  it("show each cell's line and fold library frames", async () => {
    await run(
      "function check(n: number): void {\n  interface Unused { a: 1 }\n  if (n < 0) throw new RangeError(`n is ${n}`);\n}",
    );
    const defined = count;
    assert.deepEqual(await failure("const values = [1, -1];\n\nvalues.forEach((n) => check(n));"), [
      "RangeError: n is -1",
      `    at check, Cell [${defined}], line 3`,
      "        if (n < 0) throw new RangeError(`n is ${n}`);",
      `    at Cell [${count}], line 3`,
      "        values.forEach((n) => check(n));",
      "    … 1 library frame",
      `    at Cell [${count}], line 3`,
      "        values.forEach((n) => check(n));",
    ]);
  });

  it("of syntax point at the place", async () => {
    assert.deepEqual((await failure("const a = 1;\nconst b = ];")).slice(1), [
      `    at Cell [${count}], line 2`,
      "        const b = ];",
      "                  ^",
    ]);
  });

  it("thrown as anything are told, with their cause", async () => {
    assert.equal((await failure("throw { a: 1 }"))[0], 'Thrown: {"a":1}');
    const trace = await failure("throw new Error('outer', { cause: new TypeError('inner') })");
    assert.ok(trace.includes("Caused by TypeError: inner"), trace.join("\n"));
  });

  it("that gather others tell each of them", async () => {
    const trace = await failure("throw new AggregateError([new Error('one'), new TypeError('two')], 'several')");
    assert.deepEqual(
      trace.filter((line) => !line.startsWith("  ")),
      ["AggregateError: several", "Among them Error: one", "Among them TypeError: two"],
    );
  });

  it("of a module that is not there point at its import and say how to get a package", async () => {
    assert.deepEqual(await failure("const a = 1;\nimport { b } from './gone';\nb"), [
      `Error: Cannot find module '${join(folder, "gone")}'`,
      `    at Cell [${count}], line 2`,
      "        import { b } from './gone';",
    ]);
    const [headline, place] = await failure('import pad from "@left/pad-not-there/sub";');
    assert.match(headline, /Cannot find package '@left\/pad-not-there' from .*npm install @left\/pad-not-there$/);
    assert.equal(place, `    at Cell [${count}], line 1`);
  });

  it("printed or shown as values name the cell's own line and leave the kernel's out", async () => {
    assert.equal(await value("\ninterface Gone { a: 1 }\nnew Error('shown')"), `Error: shown\n    at Cell [${count}], line 3`);
    await run("function deep(): never { throw new Error('printed'); }\ntry { deep(); } catch (error) { console.log(error); }");
    assert.equal(printed(), `Error: printed\n    at deep, Cell [${count}], line 1\n    at Cell [${count}], line 2\n`);
    await run("console.log('  at Cell [1]:1:1 is no stack')");
    assert.equal(printed(), "  at Cell [1]:1:1 is no stack\n");
  });

  it("in files beside the notebook name their own line", async () => {
    await writeFile(
      join(folder, "fails.ts"),
      "interface Gone { a: 1 }\n\nexport function fails(): never {\n  throw new Error('here');\n}",
    );
    const trace = await failure('import { fails } from "./fails"; fails()');
    assert.match(trace[1], /fails\.ts:4:9/);
  });
});

describe("output", () => {
  it("of 20,000 lines is complete and in order", async () => {
    await run("for (let i = 0; i < 20000; i++) console.log(i)");
    assert.equal(printed(), Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(""));
  });

  it("that comes late belongs to the cell that caused it", async () => {
    await run(
      "setTimeout(() => console.log('late'), 20); setTimeout(() => { throw new Error('in a timer') }, 25); Promise.reject(new Error('unhandled'))",
    );
    const cause = count;
    const first = events;
    await run("await new Promise((resolve) => setTimeout(resolve, 80)); console.log('now')");
    assert.deepEqual(
      [...first, ...events]
        .filter((event) => event.cell === cause)
        .map((event) =>
          event.kind === "stream" ? event.text : event.kind === "late-error" ? event.error.evalue : event.kind,
        ),
      ["unhandled", "late\n", "in a timer"],
    );
    assert.deepEqual(
      events.filter((event) => event.cell === count).map((event) => event.kind === "stream" && event.text),
      ["now\n"],
    );
  });

  it("of native code reaches the running cell", async () => {
    await run(
      'const { writeSync } = await import("node:fs"); writeSync(2, "native\\n"); await new Promise((resolve) => setTimeout(resolve, 50))',
    );
    assert.deepEqual(
      events.map((event) => event.kind === "stream" && [event.cell, event.name, event.text]),
      [[count, "stderr", "native\n"]],
    );
  });

  it("of a display that ends a cell is shown once", async () => {
    assert.equal(await value('import { display } from "folio/display";\ndisplay("shown")'), undefined);
    assert.equal(events.filter(({ kind }) => kind === "display").length, 1);
  });

  it("of displays keeps its place among printed lines", async () => {
    await run('import { display, html } from "folio/display"; console.log("a"); display(html`<i>x</i>`); console.log("b")');
    assert.deepEqual(
      events.map((event) => (event.kind === "stream" ? event.text : event.kind)),
      ["a\n", "display", "b\n"],
    );
  });
});

describe("speed", () => {
  it("of a counting loop at the top of a cell is at most twice that of one in a function", async () => {
    const loop = "for (let i = 0; i < 2e7; i++) sum += i % 7;";
    const timed = (body: string): string =>
      `{ const started = performance.now(); ${body} globalThis.took = performance.now() - started; }`;
    const ratios: number[] = [];
    for (let round = 0; round < 5; round++) {
      await run(`function inside() { let sum = 0; ${loop} return sum } ${timed("inside();")}`);
      const inFunction = Number(await value("took"));
      await run(`let sum = 0; ${timed(loop)}`);
      ratios.push(Number(await value("took")) / inFunction);
    }
    assert.ok(Math.min(...ratios) < 2, `ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")}`);
    assert.equal(await value("sum"), String(Array.from({ length: 2e7 }, (_, i) => i % 7).reduce((a, b) => a + b, 0)));
  });
});

describe("a session", () => {
  it("says when a cell ends its process", async () => {
    const own = await openSession({ folder, onEvent: () => {} });
    await assert.rejects(
      own.run("process.exit(3)", 1),
      (error: RunnerDied) => error instanceof RunnerDied && error.exitCodeOfProcess === 3,
    );
    await own.close();
  });

  it("tells running code to stop by its signal", async () => {
    let started = (): void => {};
    const own = await openSession({ folder, onEvent: ({ kind }) => (kind === "stream" ? started() : undefined) });
    const listening = new Promise<void>((resolve) => (started = resolve));
    const running = own.run(
      'import { interruptSignal } from "folio/display"; console.log("started"); await new Promise((_, reject) => interruptSignal().addEventListener("abort", () => reject(new Error("told to stop"))))',
      1,
    );
    await listening;
    void own.interrupt();
    const result = await running;
    assert.equal(result.status === "error" && result.error.evalue, "told to stop");
    await own.close();
  });
});
