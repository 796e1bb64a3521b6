// What VS Code's Jupyter extension sends to a kernel that it starts itself, read off its source (microsoft/vscode-jupyter,
// src/kernels/raw and src/standalone/intellisense); VS Code itself does not run here.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freeConnection, openClient, type Client, type Exchange } from "./client.js";
import { installKernel } from "./install.js";
import type { Fields } from "./message.js";

interface Spec {
  readonly argv: readonly string[];
  readonly language: string;
  readonly interrupt_mode: string;
}

let folder: string;
let spec: Spec;
let child: ChildProcess;
let client: Client;

async function launch(): Promise<void> {
  const connection = await freeConnection();
  const file = join(folder, "kernel-v3.json");
  await writeFile(file, JSON.stringify(connection));
  const [program, ...args] = spec.argv.map((part) => part.replace("{connection_file}", file));
  child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  client = await openClient(connection);
}

/** It ends the process and starts another, without a word to the kernel. */
async function end(): Promise<void> {
  client.close();
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-vs-code-"));
  spec = JSON.parse(await readFile(join(await installKernel(folder), "kernel.json"), "utf8")) as Spec;
  await launch();
});
after(async () => {
  await end();
  await rm(folder, { recursive: true });
});

const cell = (code: string): Promise<Exchange> => client.execute(code, { stop_on_error: false });
const content = ({ published }: Exchange, type: string): Fields => {
  const found = published.find(({ header }) => header.msg_type === type);
  assert.ok(found, `no ${type}`);
  return found.content;
};
const shownBy = (exchange: Exchange): Fields => content(exchange, "execute_result").data as Fields;
const started = (text: string): Promise<void> =>
  new Promise((resolve) => (client.onPublished = (one) => one.content.text === text && resolve()));

describe("the messages of VS Code's Jupyter extension", () => {
  it("find the kernel by its language and get a result", async () => {
    assert.deepEqual([spec.language, spec.interrupt_mode], ["typescript", "message"]);
    const { reply } = await client.request("kernel_info_request", {});
    assert.equal((reply.language_info as Fields).name, "typescript");
    assert.equal(shownBy(await cell("const answer: number = 41;\nanswer + 1"))["text/plain"], "42");
  });

  it("stop a busy cell by a request on the shell channel, and run the next at once", async () => {
    const busy = started("looping\n");
    const running = cell("console.log('looping'); while (true) {}");
    await busy;
    const asked = client.request("interrupt_request", {}, "shell");
    assert.equal((await running).reply.ename, "Interrupted");
    assert.equal((await asked).reply.status, "ok");
    assert.equal((await cell("await answer")).reply.status, "ok");
  });

  it("complete with the cell's whole text and explain the chosen item at the cursor", async () => {
    const code = "const double = answer * 2;\nanswer.toFi";
    const { reply } = await client.request("complete_request", { code, cursor_pos: code.length });
    assert.deepEqual(reply.matches, ["toFixed"]);
    const types = (reply.metadata as Readonly<Record<string, Fields[]>>)["_jupyter_types_experimental"];
    assert.equal(types.length, 1, "as many as matches, or it does not use them");
    assert.deepEqual([types[0].text, types[0].start, types[0].end], ["toFixed", 34, code.length]);
    const whole = "answer.toFixed";
    const { reply: told } = await client.request("inspect_request", { code: whole, cursor_pos: whole.length, detail_level: 0 });
    assert.equal(told.found, true);
  });

  it("open a widget's comm, ask for its state and send what the reader did", async () => {
    const shown = await cell(
      'import { widget } from "folio/display"; let seen = 0; const w = widget({ esm: "export default {}", state: { value: 1 } }); w.onChange(({ value }) => (seen = value!)); w',
    );
    const opened = content(shown, "comm_open");
    const state = (opened.data as { state: Fields }).state;
    assert.equal(opened.target_name, "jupyter.widget");
    assert.deepEqual(
      ["_model_module", "_view_module", "value"].map((name) => state[name]),
      ["anywidget", "anywidget", 1],
    );
    const view = shownBy(shown)["application/vnd.jupyter.widget-view+json"] as Fields;
    assert.equal(view.model_id, opened.comm_id);
    const { reply } = await client.request("comm_info_request", { target_name: "jupyter.widget" });
    assert.deepEqual(reply.comms, { [String(opened.comm_id)]: { target_name: "jupyter.widget" } });
    client.send("comm_msg", { comm_id: opened.comm_id, data: { method: "update", state: { value: 7 }, buffer_paths: [] } });
    assert.equal(shownBy(await cell("seen"))["text/plain"], "7");
  });

  it("go on after an error, as it runs cells one by one", async () => {
    const [failed, next] = await Promise.all([cell("throw new Error('no')"), cell("answer")]);
    assert.deepEqual([failed.reply.status, next.reply.status], ["error", "ok"]);
  });

  it("restart by ending the process and starting another", async () => {
    await end();
    await launch();
    assert.equal(shownBy(await cell("typeof answer"))["text/plain"], "'undefined'");
  });
});
