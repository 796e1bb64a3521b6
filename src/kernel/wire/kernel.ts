import { Debugger } from "../debug/debugger.js";
import type { DebugRequest } from "../debug/protocol.js";
import type { CommMessage } from "../display/comm.js";
import type { CellEvent, CellResult } from "../execute/events.js";
import type { CellError } from "../execute/trace.js";
import { RunnerDied, type Session, type SessionOptions } from "../process/session.js";
import type { Channels, RequestChannel } from "./channels.js";
import { toCodePoints, toUnits } from "./code-points.js";
import { complete } from "./complete.js";
import { History } from "./history.js";
import { isComplete } from "./is-complete.js";
import { kernelInfo } from "./kernel-info.js";
import type { Diagnostic, Language } from "../language/language.js";
import { isChecked, runMagics, warnSwitch } from "../execute/magics.js";
import type { Fields, Header, Message } from "./message.js";
import { TypeWarnings } from "./type-warnings.js";

export interface KernelOptions {
  readonly folder: string;
  readonly channels: Channels;
  readonly language: Language;
  /** Opens the process that runs cells; called again when that process has died or is restarted. */
  readonly open: (options: SessionOptions) => Promise<Session>;
  /** How long no cell must have run before the types of those that did are checked. */
  readonly warnAfterMs?: number;
  /** How long no cell must have run before the type checker is loaded, so that the first question about types is answered soon. */
  readonly warmAfterMs?: number;
  /** Called once after shutdown_request has been answered. */
  readonly onShutdown: () => void;
}

/** Requests about text that is being written: neither do they wait for a running cell, nor a cell for them. */
const aside: ReadonlySet<string> = new Set(["complete_request", "inspect_request"]);

/** How long requests that were sent together may take to arrive, before a failed cell aborts those behind it. */
const togetherMs = 10;

/** The Jupyter kernel: what each request does, apart from sockets. Cells run in a process of their own, so this never blocks. */
export class Kernel {
  readonly #options: KernelOptions;
  readonly #history = new History();
  readonly #debugger: Debugger;
  readonly #warnings: TypeWarnings;
  readonly #queue: Message[] = [];
  readonly #parents = new Map<number, Partial<Header>>();
  readonly #comms = new Map<string, string>();
  #session: Promise<Session> | undefined;
  #working = false;
  #warming: NodeJS.Timeout | undefined;
  #count = 0;
  #unnumbered = 0;
  #running: Message | undefined;
  #answer: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#debugger = new Debugger({
      attach: async () => (await this.#open()).attach(),
      emit: (event) => this.#publish("debug_event", { ...event }, this.#running?.header ?? {}),
    });
    this.#warnings = new TypeWarnings({
      check: (code) => options.language.check(code),
      show: (cell, problems) => this.#warn(cell, problems),
      idleMs: options.warnAfterMs ?? 300,
    });
    // There when the first cell comes; that cell is told if it failed.
    void this.#open().then(
      () => this.#warmLater(),
      () => {},
    );
    this.#publish("status", { execution_state: "starting" }, {});
  }

  request(channel: RequestChannel, message: Message): void {
    // VS Code sends an interrupt on the shell channel, where it must not wait for the cell it is to stop.
    if (channel === "control" || message.header.msg_type === "interrupt_request") {
      void this.#answerOne(channel, message);
      return;
    }
    if (aside.has(message.header.msg_type)) {
      void this.#answerAside(message);
      return;
    }
    this.#queue.push(message);
    if (!this.#working) void this.#work();
  }

  /** An input_reply of the front end. */
  input({ content }: Message): void {
    this.#answer?.resolve(String(content.value ?? ""));
    this.#answer = undefined;
  }

  async interrupt(): Promise<void> {
    this.#answer?.reject(new Error("Interrupted while waiting for input."));
    this.#answer = undefined;
    const session = await this.#session;
    if (session !== undefined) await this.#debugger.letGo(() => session.interrupt());
  }

  async close(): Promise<void> {
    this.#warnings.close();
    clearTimeout(this.#warming);
    this.#options.language.close();
    (await this.#session?.catch(() => undefined))?.kill();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift())
      await this.#answerOne("shell", message);
    this.#working = false;
  }

  async #answerOne(channel: RequestChannel, message: Message): Promise<void> {
    const type = message.header.msg_type;
    this.#publish("status", { execution_state: "busy" }, message.header);
    const reply = (content: Fields): void =>
      this.#options.channels.reply(channel, message, type.replace(/_request$/, "_reply"), content);
    try {
      await this.#handle(message, reply);
    } catch (error) {
      reply({ status: "error", ename: (error as Error).name, evalue: (error as Error).message, traceback: [] });
    }
    this.#publish("status", { execution_state: "idle" }, message.header);
    if (type === "shutdown_request") this.#options.onShutdown();
  }

  /** Answers while a cell may be running, which is what the front end is told it is busy with before and after. */
  async #answerAside(message: Message): Promise<void> {
    const { header } = message;
    let answer: Fields = {};
    await this.#handle(message, (content) => (answer = content)).catch((error: Error) => {
      answer = { status: "error", ename: error.name, evalue: error.message, traceback: [] };
    });
    this.#publish("status", { execution_state: "busy" }, header);
    this.#options.channels.reply("shell", message, header.msg_type.replace(/_request$/, "_reply"), answer);
    this.#publish("status", { execution_state: "idle" }, header);
    if (this.#running !== undefined) this.#publish("status", { execution_state: "busy" }, this.#running.header);
  }

  async #handle(message: Message, reply: (content: Fields) => void): Promise<void> {
    const { content } = message;
    const code = String(content.code ?? "");
    const cursor = toUnits(code, Number(content.cursor_pos ?? 0));
    switch (message.header.msg_type) {
      case "kernel_info_request":
        return reply(kernelInfo());
      case "execute_request":
        return this.#execute(message, reply);
      case "is_complete_request":
        return reply({ ...isComplete(code) });
      case "complete_request": {
        const { start, end, items } = await complete(
          { language: this.#options.language, live: async (path) => (await this.#open()).names(path) },
          code,
          cursor,
        );
        const at = { cursor_start: toCodePoints(code, start), cursor_end: toCodePoints(code, end) };
        const types = items.map(({ text, kind }) => ({
          start: at.cursor_start,
          end: at.cursor_end,
          text,
          type: kind,
          signature: "",
        }));
        return reply({
          status: "ok",
          matches: items.map(({ text }) => text),
          ...at,
          metadata: { _jupyter_types_experimental: types },
        });
      }
      case "inspect_request": {
        const found = await this.#options.language.inspect(code, cursor);
        const data = found === undefined ? {} : { "text/plain": found.text, "text/markdown": found.markdown };
        return reply({ status: "ok", found: found !== undefined, data, metadata: {} });
      }
      case "history_request":
        return reply({
          status: "ok",
          history: this.#history
            .find(content)
            .map(([session, line, source]) => [session, line, content.output === true ? [source, null] : source]),
        });
      case "comm_info_request": {
        const wanted = content.target_name;
        const open = [...this.#comms].filter(([, target]) => wanted === undefined || wanted === target);
        return reply({ status: "ok", comms: Object.fromEntries(open.map(([id, target]) => [id, { target_name: target }])) });
      }
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        return this.#fromFrontEnd(message);
      case "debug_request":
        return reply({ ...(await this.#debugger.request(content as unknown as DebugRequest)) });
      case "interrupt_request":
        void this.interrupt();
        return reply({ status: "ok" });
      case "shutdown_request": {
        await this.close();
        const answer = { status: "ok", restart: content.restart === true };
        reply(answer);
        return this.#publish("shutdown_reply", answer, message.header);
      }
      default:
        if (message.header.msg_type.endsWith("_request"))
          reply({
            status: "error",
            ename: "NotImplemented",
            evalue: `Folio does not know ${message.header.msg_type}.`,
            traceback: [],
          });
    }
  }

  async #execute(message: Message, reply: (content: Fields) => void): Promise<void> {
    const { content, header } = message;
    const code = String(content.code ?? "");
    const silent = content.silent === true;
    const counted = !silent && content.store_history !== false && code.trim() !== "";
    const cell = counted ? ++this.#count : --this.#unnumbered;
    if (counted) this.#history.add(this.#count, code);
    if (!silent) this.#publish("execute_input", { code, execution_count: this.#count }, header);
    this.#parents.set(cell, header);
    this.#parents.delete(cell - 2000);
    this.#running = message;
    this.#warnings.on = warnSwitch(code) ?? this.#warnings.on;
    this.#warnings.cellStarts();
    clearTimeout(this.#warming);
    await this.#debugger.cellStarts(cell, code);
    const result = await runMagics(code, {
      cell,
      check: (source) => this.#options.language.check(source),
      run: (source) => this.#run(source, cell),
      emit: (event) => this.#event(event),
    });
    this.#running = undefined;
    this.#debugger.cellEnded();
    this.#warmLater();
    this.#warnings.cellEnded(cell, silent || result.status !== "ok" || isChecked(code) ? "" : code);
    if (result.status === "ok") {
      if (result.result !== undefined && !silent)
        this.#publish("execute_result", { ...result.result, execution_count: this.#count }, header);
      reply({
        status: "ok",
        execution_count: this.#count,
        payload: [],
        user_expressions: await this.#expressions(content.user_expressions),
      });
      return;
    }
    const error = onTheWire(result.error);
    if (!silent) this.#publish("error", error, header);
    if (content.stop_on_error !== false) await this.#abortQueued();
    reply({ status: "error", execution_count: this.#count, ...error, payload: [], user_expressions: {} });
  }

  #warmLater(): void {
    const { warmAfterMs, language } = this.#options;
    clearTimeout(this.#warming);
    if (warmAfterMs !== undefined && this.#running === undefined)
      this.#warming = setTimeout(() => language.warm(), warmAfterMs).unref();
  }

  #warn(cell: number, problems: readonly Diagnostic[]): void {
    const lines = problems.map(({ line, message, code }) => `Type warning, line ${line}: ${message} (TS${code})\n`);
    this.#event({ kind: "stream", cell, name: "stderr", text: lines.join("") });
  }

  async #run(source: string, cell: number): Promise<CellResult> {
    if (source.trim() === "") return { status: "ok", cell };
    try {
      const session = await this.#open();
      const result = await session.run(source, cell);
      if (result.status === "ok") this.#options.language.ran(cell, source);
      return result;
    } catch (error) {
      if (!(error instanceof RunnerDied)) throw error;
      this.#session = undefined;
      this.#debugger.lost();
      const evalue = `${error.message} Its variables are gone; the next cell starts in a fresh one.`;
      return {
        status: "error",
        cell,
        error: { ename: error.name, evalue, traceback: [`${error.name}: ${evalue}`], frames: [] },
      };
    }
  }

  async #expressions(wanted: unknown): Promise<Fields> {
    if (typeof wanted !== "object" || wanted === null) return {};
    const values: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(wanted)) {
      const result = await this.#run(String(expression), --this.#unnumbered);
      values[name] =
        result.status === "ok"
          ? { status: "ok", data: result.result?.data ?? {}, metadata: result.result?.metadata ?? {} }
          : { status: "error", ...onTheWire(result.error) };
    }
    return values;
  }

  /** Cells that were queued behind a failed one do not run; each is told so. */
  async #abortQueued(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, togetherMs));
    for (const message of this.#queue.filter(({ header }) => header.msg_type === "execute_request")) {
      this.#queue.splice(this.#queue.indexOf(message), 1);
      this.#publish("status", { execution_state: "busy" }, message.header);
      this.#options.channels.reply("shell", message, "execute_reply", { status: "aborted", execution_count: this.#count });
      this.#publish("status", { execution_state: "idle" }, message.header);
    }
  }

  #open(): Promise<Session> {
    this.#session ??= this.#options.open({
      folder: this.#options.folder,
      onEvent: (event) => this.#event(event),
      onInput: ({ prompt, password }) => this.#ask(prompt, password),
      onComm: (message, cell) => this.#toFrontEnd(message, cell),
    });
    return this.#session;
  }

  #ask(prompt: string, password: boolean): Promise<string> {
    const asker = this.#running;
    if (asker === undefined || asker.content.allow_stdin === false)
      return Promise.reject(new Error("No one can answer here: this front end takes no input."));
    this.#options.channels.ask(asker, { prompt, password });
    return new Promise((resolve, reject) => (this.#answer = { resolve, reject }));
  }

  #event(event: CellEvent): void {
    const parent = this.#parents.get(event.cell) ?? {};
    if (event.kind === "stream") this.#publish("stream", { name: event.name, text: event.text }, parent);
    else if (event.kind === "clear") this.#publish("clear_output", { wait: event.wait }, parent);
    else if (event.kind === "late-error") this.#publish("error", onTheWire(event.error), parent);
    else
      this.#publish(
        event.update ? "update_display_data" : "display_data",
        { ...event.bundle, transient: event.displayId === undefined ? {} : { display_id: event.displayId } },
        parent,
      );
  }

  #toFrontEnd({ type, commId, target = "", data, metadata, buffers = [] }: CommMessage, cell: number): void {
    if (type === "comm_open") this.#comms.set(commId, target);
    if (type === "comm_close") this.#comms.delete(commId);
    const content = { comm_id: commId, data, ...(type === "comm_open" && { target_name: target }) };
    this.#publish(type, content, this.#parents.get(cell) ?? {}, {
      metadata,
      buffers: buffers.map((buffer) => Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)),
    });
  }

  async #fromFrontEnd({ header, content, metadata, buffers }: Message): Promise<void> {
    const type = header.msg_type as CommMessage["type"];
    const commId = String(content.comm_id);
    const target = String(content.target_name ?? "");
    if (type === "comm_open") this.#comms.set(commId, target);
    if (type === "comm_close") this.#comms.delete(commId);
    (await this.#open()).comm({ type, commId, target, data: (content.data ?? {}) as Fields, metadata, buffers });
  }

  #publish(
    type: string,
    content: Fields,
    parent: Partial<Header>,
    extra?: { readonly metadata?: Fields; readonly buffers?: readonly Buffer[] },
  ): void {
    this.#options.channels.publish(type, content, parent, extra);
  }
}

const onTheWire = ({ ename, evalue, traceback }: CellError): Fields => ({ ename, evalue, traceback });
