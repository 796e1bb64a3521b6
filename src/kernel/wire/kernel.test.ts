import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { after, before, describe, it } from "node:test";
import { freeConnection, openClient, type Client, type Exchange } from "./client.js";
import type { ConnectionFile } from "./connection.js";
import { Codec, type Fields, type Message } from "./message.js";
import { startKernel, type RunningKernel } from "./start.js";

let connection: ConnectionFile;
let kernel: RunningKernel;
let client: Client;

before(async () => {
  connection = await freeConnection();
  kernel = await startKernel({ connection, folder: tmpdir() });
  client = await openClient(connection);
});

after(async () => {
  client.close();
  await kernel.stop();
});

const types = ({ published }: Exchange): string[] => published.map(({ header }) => header.msg_type);
const contents = ({ published }: Exchange, type: string): Fields[] =>
  published.filter(({ header }) => header.msg_type === type).map(({ content }) => content);
const text = (exchange: Exchange): string =>
  contents(exchange, "stream")
    .map((content) => String(content.text))
    .join("");
const result = (exchange: Exchange): unknown =>
  (contents(exchange, "execute_result")[0]?.data as Fields | undefined)?.["text/plain"];

describe("execute_request", () => {
  it("publishes busy, the input, the result and idle, and counts", async () => {
    const first = await client.execute("const a: number = 1; a + 1");
    assert.deepEqual(types(first), ["status", "execute_input", "execute_result", "status"]);
    assert.equal(first.reply.status, "ok");
    assert.equal(result(first), "2");
    const second = await client.execute("a");
    assert.equal(second.reply.execution_count, (first.reply.execution_count as number) + 1);
  });

  it("publishes an error with name, message and a trace that names the cell's line", async () => {
    const exchange = await client.execute("const before = 1;\nnull!.x;");
    const [error] = contents(exchange, "error");
    assert.equal(error.ename, "TypeError");
    assert.match(
      (error.traceback as string[])[1],
      new RegExp(`at Cell \\[${String(exchange.reply.execution_count)}\\], line 2`),
    );
    assert.deepEqual(
      [exchange.reply.status, exchange.reply.ename, exchange.reply.traceback],
      ["error", "TypeError", error.traceback],
    );
  });

  it("aborts cells queued behind a failed one, and none that comes later", async () => {
    const failing = client.execute("await new Promise((resolve) => setTimeout(resolve, 50)); throw new Error('stop')");
    const behind = [client.execute("globalThis.ran = 1"), client.execute("globalThis.ran = 2")];
    assert.equal((await failing).reply.status, "error");
    for (const exchange of behind) {
      const { reply, published } = await exchange;
      assert.equal(reply.status, "aborted");
      assert.deepEqual(types({ reply, published }), ["status", "status"]);
    }
    assert.equal(result(await client.execute("typeof ran")), "'undefined'");
    const lenient = client.execute("throw 1", { stop_on_error: false });
    const next = client.execute("'ran'");
    await lenient;
    assert.equal(result(await next), "'ran'");
  });

  it("delivers 20,000 lines completely and in order before idle", async () => {
    const exchange = await client.execute("for (let i = 0; i < 20000; i++) console.log(i)");
    assert.equal(text(exchange), Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(""));
    assert.equal(types(exchange).at(-1), "status");
  });

  it("delivers a display of 10 MB", async () => {
    const exchange = await client.execute(
      'import { display, html } from "folio/display"; void display(html("x".repeat(10_000_000)))',
    );
    assert.equal(String((contents(exchange, "display_data")[0].data as Fields)["text/html"]).length, 10_000_000);
  });

  it("is silent when asked, keeps no history then, and evaluates user expressions", async () => {
    const before = (await client.execute("0")).reply.execution_count as number;
    const silent = await client.execute("const hidden = 5; hidden", { silent: true, store_history: false });
    assert.deepEqual(types(silent), ["status", "status"]);
    const { reply } = await client.execute("1", { user_expressions: { h: "hidden * 2", bad: "nope" } });
    assert.equal(reply.execution_count, before + 1);
    const { h, bad } = reply.user_expressions as Record<string, Fields>;
    assert.deepEqual([h.status, h.data, bad.status, bad.ename], ["ok", { "text/plain": "10" }, "error", "ReferenceError"]);
  });

  it("updates and clears displays", async () => {
    const exchange = await client.execute(
      'import { clear, display, markdown } from "folio/display"; const handle = display(markdown("a")); handle.update(markdown("b")); clear({ wait: true });',
    );
    const [shown] = contents(exchange, "display_data");
    const [updated] = contents(exchange, "update_display_data");
    assert.equal((shown.transient as Fields).display_id, (updated.transient as Fields).display_id);
    assert.deepEqual(contents(exchange, "clear_output"), [{ wait: true }]);
  });

  it("parents late output to the cell that caused it", async () => {
    const late = new Promise<Message>(
      (resolve) => (client.onPublished = (message) => message.content.text === "late\n" && resolve(message)),
    );
    await client.execute("setTimeout(() => console.log('late'), 50); 0");
    const cause = client.published.findLast(({ header }) => header.msg_type === "execute_input")!;
    await client.execute("1");
    assert.equal((await late).parent.msg_id, cause.parent.msg_id);
    client.onPublished = () => {};
  });
});

describe("stdin", () => {
  it("asks the front end and gives the cell the answer", async () => {
    client.onInput = (prompt, password) => `${prompt}/${password}`;
    assert.equal(result(await client.execute("prompt('name? ')")), "'name? /false'");
  });

  it("refuses at once when the front end takes no input", async () => {
    const { reply } = await client.execute("prompt('name? ')", { allow_stdin: false });
    assert.equal(reply.evalue, "No one can answer here: this front end takes no input.");
  });
});

describe("requests about code", () => {
  it("is_complete tells whole, unfinished and broken code apart", async () => {
    const cases: [string, string][] = [
      ["1 + 1", "complete"],
      ["const a = [1,\n 2];", "complete"],
      ["", "complete"],
      ["`whole`", "complete"],
      ["function f() {", "incomplete"],
      ["const a = [", "incomplete"],
      ["f(1,", "incomplete"],
      ["`open ${1}", "incomplete"],
      ["/* open", "incomplete"],
      ["if (a)", "incomplete"],
      ["const a =", "incomplete"],
      ["class A {\n  m() {", "incomplete"],
      ["const = 1", "invalid"],
      ["f())", "invalid"],
      ["'open", "invalid"],
    ];
    for (const [code, status] of cases)
      assert.equal((await client.request("is_complete_request", { code })).reply.status, status, code);
    assert.equal((await client.request("is_complete_request", { code: "if (a) {" })).reply.indent, "  ");
  });

  it("are answered while a cell runs, which goes on being told as busy", async () => {
    const running = client.execute("await new Promise((resolve) => setTimeout(resolve, 1500)); 'done'");
    const asked = await client.request("complete_request", { code: "Math.", cursor_pos: 5 });
    assert.ok((asked.reply.matches as string[]).includes("hypot"));
    const late = await running;
    const states = contents(late, "status").map(({ execution_state }) => execution_state);
    assert.deepEqual([result(late), states], ["'done'", ["busy", "busy", "idle"]]);
  });

  it("history returns what was run: the tail, a range, a search", async () => {
    const { reply } = await client.execute("const remembered = 'needle'");
    const line = reply.execution_count as number;
    const find = async (content: Fields): Promise<unknown> =>
      (await client.request("history_request", { output: false, raw: true, ...content })).reply.history;
    assert.deepEqual(await find({ hist_access_type: "tail", n: 1 }), [[1, line, "const remembered = 'needle'"]]);
    assert.deepEqual(await find({ hist_access_type: "range", session: 0, start: line, stop: line + 1 }), [
      [1, line, "const remembered = 'needle'"],
    ]);
    assert.deepEqual(await find({ hist_access_type: "search", pattern: "*needle*", n: 5 }), [
      [1, line, "const remembered = 'needle'"],
    ]);
  });
});

describe("comms", () => {
  it("open from the cell, talk both ways, are listed, and close", async () => {
    const opened = await client.execute(
      'import { openComm } from "folio/display"; const comm = openComm("echo", { hello: 1 }); comm.onMessage((data) => comm.send({ back: data })); 0',
    );
    const [{ comm_id: id, target_name, data }] = contents(opened, "comm_open");
    assert.deepEqual([target_name, data], ["echo", { hello: 1 }]);
    assert.deepEqual((await client.request("comm_info_request", {})).reply.comms, { [String(id)]: { target_name: "echo" } });
    const answer = new Promise<Fields>(
      (resolve) => (client.onPublished = ({ header, content }) => header.msg_type === "comm_msg" && resolve(content)),
    );
    client.send("comm_msg", { comm_id: id, data: { n: 2 } });
    assert.deepEqual((await answer).data, { back: { n: 2 } });
    client.onPublished = () => {};
    client.send("comm_close", { comm_id: id, data: {} });
    assert.deepEqual((await client.request("comm_info_request", { target_name: "echo" })).reply.comms, {});
  });
});

describe("the wire", () => {
  it("drops messages whose signature is wrong, unread", async () => {
    const forged = new Codec("another key");
    const before = client.published.length;
    await client.raw(
      forged.encode({
        identities: [],
        header: forged.header("execute_request"),
        parent: {},
        metadata: {},
        content: { code: "globalThis.forged = 1" },
        buffers: [],
      }),
    );
    await client.raw([Buffer.from("<IDS|MSG>"), Buffer.from("00"), Buffer.from("{not json")]);
    assert.equal(result(await client.execute("typeof forged")), "'undefined'");
    assert.equal(client.published.slice(before).filter(({ header }) => header.msg_type === "execute_input").length, 1);
  });

  it("beats and answers control requests while a cell runs, and interrupts it", async () => {
    const started = new Promise<void>(
      (resolve) => (client.onPublished = ({ content }) => content.text === "started\n" && resolve()),
    );
    const running = client.execute("console.log('started'); while (true) {}");
    await started;
    assert.equal((await client.beat()).toString(), "ping");
    assert.equal((await client.request("kernel_info_request", {}, "control")).reply.status, "ok");
    assert.equal((await client.request("interrupt_request", {}, "control")).reply.status, "ok");
    assert.equal((await running).reply.ename, "Interrupted");
    assert.equal(result(await client.execute("'clean'")), "'clean'");
    client.onPublished = () => {};
  });

  it("survives a cell that ends its process, and says that the variables are gone", async () => {
    await client.execute("const lost = 1");
    const { reply } = await client.execute("process.exit(2)");
    assert.match(String(reply.evalue), /exit code 2.*variables are gone/s);
    assert.equal(result(await client.execute("typeof lost")), "'undefined'");
  });

  it("welcomes a new listener", () => {
    assert.ok(
      client.published.some(({ header, content }) => header.msg_type === "iopub_welcome" && content.subscription === ""),
    );
  });
});

describe("shutdown_request", () => {
  it("is answered, frees the ports and leaves no process behind", async () => {
    const own = await freeConnection();
    const running = await startKernel({ connection: own, folder: tmpdir() });
    const front = await openClient(own);
    const pid = Number(result(await front.execute("process.pid")));
    const { reply } = await front.request("shutdown_request", { restart: true }, "control");
    assert.deepEqual(reply, { status: "ok", restart: true });
    await running.ended;
    front.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.throws(() => process.kill(pid, 0));
  });
});

describe("magics", () => {
  it("show HTML and Markdown, time, set the environment, and name unknown ones", async () => {
    const data = async (code: string): Promise<Fields> =>
      contents(await client.execute(code), "execute_result")[0]?.data as Fields;
    assert.equal((await data("%%html\n<b>x</b>"))["text/html"], "<b>x</b>");
    assert.equal((await data("%%md\n# T"))["text/markdown"], "# T");
    assert.match(text(await client.execute("%%time\nlet slow = 0;")), /^Wall time: [\d.]+ ms\n$/);
    assert.match(text(await client.execute("let t = 1;\n%time t += 1")), /^Wall time: /);
    assert.equal(text(await client.execute("%env FOLIO_TEST=five\n%env FOLIO_TEST")), "five\n");
    assert.match(
      String((await client.execute("%%nope")).reply.evalue),
      /^There is no %%nope; there are %%html, %%md, %%time, %%check\.$/,
    );
    const late = await client.execute("%%time\nconst ok = 1;\nnull!.x");
    assert.match((late.reply.traceback as string[])[1], /line 3/);
    assert.equal(result(await client.execute("const rest = 7\n  % 4\nrest")), "3");
  });
});
