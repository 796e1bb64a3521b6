import assert from "node:assert/strict";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freeConnection, openClient, type Client, type Exchange } from "../wire/client.js";
import type { Fields, Message } from "../wire/message.js";
import { startKernel, type RunningKernel } from "../wire/start.js";
import { murmur2 } from "./murmur2.js";

let folder: string;
let kernel: RunningKernel;
let client: Client;
let seq = 1;

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "folio-debug-")));
  const connection = await freeConnection();
  kernel = await startKernel({ connection, folder });
  client = await openClient(connection);
  await debug("initialize", { clientID: "test" });
  await debug("attach");
});

after(async () => {
  client.close();
  await kernel.stop();
  await rm(folder, { recursive: true });
});

async function debug(command: string, given: Fields = {}): Promise<Fields> {
  const { reply } = await client.request(
    "debug_request",
    { type: "request", seq: seq++, command, arguments: given },
    "control",
  );
  assert.equal(reply.success, true, `${command}: ${String(reply.message)}`);
  return reply.body as Fields;
}

const events = (): Fields[] =>
  client.published.filter(({ header }) => header.msg_type === "debug_event").map(({ content }) => content);

/** Waits for the next event of a kind after those that were there. */
async function event(name: string, from: number): Promise<Fields> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const found = events()
      .slice(from)
      .find((one) => one.event === name);
    if (found !== undefined) return found.body as Fields;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`no ${name} event`);
}

interface Stopped {
  readonly reason: unknown;
  readonly line: number;
  readonly name: string;
  readonly path: string;
  readonly frames: Fields[];
}

/** Does something that makes the program stop, and says where it did. */
async function stops(work: () => unknown): Promise<Stopped> {
  const from = events().length;
  await work();
  const { reason } = await event("stopped", from);
  const frames = (await debug("stackTrace", { threadId: 1 })).stackFrames as Fields[];
  const { line, name, source } = frames[0] as { line: number; name: string; source: { path: string } };
  return { reason, line, name, path: source.path, frames };
}

const breakAt = async (code: string, ...lines: (number | Fields)[]): Promise<Fields> => {
  const { sourcePath } = await debug("dumpCell", { code });
  const breakpoints = lines.map((line) => (typeof line === "number" ? { line } : line));
  return debug("setBreakpoints", { source: { path: sourcePath }, breakpoints });
};

const locals = async (scope = "Locals", frameId = 0): Promise<Record<string, string>> => {
  const scopes = (await debug("scopes", { frameId })).scopes as { name: string; variablesReference: number }[];
  const found = scopes.find(({ name }) => name === scope);
  return found === undefined ? {} : shown(await debug("variables", { variablesReference: found.variablesReference }));
};

const shown = ({ variables }: Fields): Record<string, string> =>
  Object.fromEntries((variables as { name: string; value: string }[]).map(({ name, value }) => [name, value]));

const result = ({ published }: Exchange): unknown =>
  (published.find(({ header }: Message) => header.msg_type === "execute_result")?.content.data as Fields | undefined)?.[
    "text/plain"
  ];

describe("murmur2", () => {
  it("gives the hashes of the reference implementation", () => {
    // ipykernel 7.4.0: murmur2_x86(text, 0xC70F6907)
    const expected = {
      "": 0xedd39288,
      a: 0x8129eeee,
      "print(1)": 0xe0f1e860,
      "const π = 'é😀';": 0xb5f33840,
      abcdefg: 0xdb378714,
      "hello world": 0xd2db6039,
    };
    for (const [text, hash] of Object.entries(expected)) assert.equal(murmur2(text, 0xc70f6907), hash, text);
  });
});

describe("the debugger", { timeout: 60_000 }, () => {
  const code = [
    "function mean(values: readonly number[]): number {",
    "  let sum = 0;",
    "  for (const value of values) sum += value;",
    "  return sum / values.length;",
    "}",
    "const half: number = mean([1, 2]) / 3;",
    "half + 1",
  ].join("\n");

  it("says what it is before it is started", async () => {
    const info = await debug("debugInfo");
    assert.equal(info.isStarted, true);
    assert.equal(info.hashMethod, "Murmur2");
    const { sourcePath } = await debug("dumpCell", { code });
    assert.equal(
      sourcePath,
      `${String(info.tmpFilePrefix)}${murmur2(code, Number(info.hashSeed))}${String(info.tmpFileSuffix)}`,
    );
  });

  it("stops in a cell's function, shows variables, steps by the lines of the cell, and goes on", async () => {
    await breakAt(code, 3);
    let running: Promise<Exchange> | undefined;
    const at = await stops(() => void (running = client.execute(code)));
    assert.deepEqual([at.reason, at.line, at.name], ["breakpoint", 3, "mean"]);
    assert.deepEqual(
      at.frames.map(({ line }) => line),
      [3, 6],
    );
    assert.deepEqual(await locals(), { value: "undefined", values: "[1, 2]", sum: "0" });
    await breakAt(code);
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push((await next()).line);
    assert.deepEqual(seen, [3, 3, 4, 6, 7]);
    assert.equal((await locals("Notebook")).half, "0.5");
    await debug("next");
    assert.equal(result(await running!), "1.5", "a step out of the cell ends it");
    assert.equal(result(await client.execute("half")), "0.5", "and does not stop the next one");
  });

  it("steps over an await, and into a function of an earlier cell", async () => {
    const waiting = "const before = 1;\nawait new Promise((resolve) => setTimeout(resolve, 5));\nmean([before, 3]);";
    await breakAt(waiting, 1);
    let running: Promise<Exchange> | undefined;
    assert.equal((await stops(() => void (running = client.execute(waiting)))).line, 1);
    assert.equal((await next()).line, 2);
    assert.equal((await next()).line, 3);
    const inside = await stops(() => debug("stepIn"));
    assert.deepEqual([inside.name, inside.line, inside.frames[1].name], ["mean", 2, `Cell [${await count()}]`]);
    assert.equal((await stops(() => debug("stepOut"))).line, 3);
    await debug("continue");
    assert.equal(result(await running!), "2");
    await breakAt(waiting);
  });

  it("stops in a cell that ran before, at the next line with code, and only when the condition holds", async () => {
    const earlier = "const twice = (x: number) => {\n  // comment\n  return 2 * x;\n};";
    await client.execute(earlier);
    assert.deepEqual(((await breakAt(earlier, { line: 2, condition: "x === 3" })).breakpoints as Fields[])[0].line, 3);
    let running: Promise<Exchange> | undefined;
    const at = await stops(() => void (running = client.execute("[1, 2, 3, 4].map(twice)")));
    assert.equal(at.line, 3);
    assert.equal((await locals()).x, "3");
    await debug("continue");
    assert.equal(result(await running!), "[ 2, 4, 6, 8 ]");
    await breakAt(earlier);
  });

  it("evaluates, shows values richly, and takes a local into the notebook", async () => {
    const cell = "{\n  const inner = { a: [1, 2], big: new Float32Array(500) };\n  console.log(inner.a);\n}";
    await breakAt(cell, 3);
    let running: Promise<Exchange> | undefined;
    await stops(() => void (running = client.execute(cell)));
    assert.equal((await debug("evaluate", { expression: "inner.a[1] + 40", frameId: 0 })).result, "42");
    const rich = await debug("richInspectVariables", { variableName: "inner", frameId: 0 });
    assert.match(String((rich.data as Fields)["text/plain"]), /a: \[ 1, 2 \]/);
    const { variablesReference } = await debug("evaluate", { expression: "inner.big", frameId: 0 });
    const part = await debug("variables", { variablesReference });
    assert.deepEqual([(part.variables as Fields[]).length, (part.variables as Fields[]).at(-1)?.name], [101, "… 400 more"]);
    const later = await debug("variables", { variablesReference, start: 498, count: 10 });
    assert.deepEqual(
      (later.variables as Fields[]).map(({ name }) => name),
      ["498", "499"],
    );
    await debug("copyToGlobals", { srcVariableName: "inner", dstVariableName: "kept", srcFrameId: 0 });
    await debug("continue");
    await running!;
    assert.equal(result(await client.execute("kept.a")), "[ 1, 2 ]");
    assert.match(shown({ variables: (await debug("inspectVariables")).variables }).kept, /^\{ a: Array\(2\), big: /);
    await breakAt(cell);
  });

  it("stops in a local file", async () => {
    const file = join(folder, "local.ts");
    await writeFile(file, "export type T = number;\nexport function thrice(x: T): T {\n  return 3 * x;\n}\n");
    await debug("setBreakpoints", { source: { path: file }, breakpoints: [{ line: 3 }] });
    let running: Promise<Exchange> | undefined;
    const at = await stops(() => void (running = client.execute('import { thrice } from "./local";\nthrice(2)')));
    assert.deepEqual([at.path, at.line, at.name], [file, 3, "thrice"]);
    assert.match(String((await debug("source", { source: { path: file } })).content), /export type T/);
    await debug("setBreakpoints", { source: { path: file }, breakpoints: [] });
    await debug("continue");
    assert.equal(result(await running!), "6");
  });

  it("stops at an exception when asked to", async () => {
    await debug("setExceptionBreakpoints", { filters: ["all"] });
    let running: Promise<Exchange> | undefined;
    const at = await stops(() => void (running = client.execute("const fine = 1;\nthrow new RangeError('too far');")));
    assert.deepEqual([at.reason, at.line], ["exception", 2]);
    await debug("setExceptionBreakpoints", { filters: [] });
    await debug("continue");
    assert.equal((await running!).reply.ename, "RangeError");
  });

  it("lets go of a paused cell that is interrupted, and of none after it", async () => {
    const cell = "let turns = 0;\nwhile (true) turns++;";
    await breakAt(cell, 2);
    let running: Promise<Exchange> | undefined;
    await stops(() => void (running = client.execute(cell)));
    await client.request("interrupt_request", {}, "control");
    assert.equal((await running!).reply.ename, "Interrupted");
    assert.equal(result(await client.execute("await 1 + 1")), "2");
    await breakAt(cell);
  });

  it("goes on in a new process when the old one has ended", async () => {
    await client.execute("process.exit(1)");
    await breakAt("1 + 41", 1);
    let running: Promise<Exchange> | undefined;
    assert.equal((await stops(() => void (running = client.execute("1 + 41")))).line, 1);
    await debug("continue");
    assert.equal(result(await running!), "42");
  });

  it("is gone after disconnect", async () => {
    await debug("disconnect");
    assert.equal((await debug("debugInfo")).isStarted, false);
    assert.equal(result(await client.execute("1 + 41")), "42");
    assert.equal(result(await client.execute("debugger; 7")), "7");
  });
});

const next = (): Promise<Stopped> => stops(() => debug("next", { threadId: 1 }));
const count = async (): Promise<number> =>
  Number(client.published.findLast(({ header }) => header.msg_type === "execute_input")?.content.execution_count);
