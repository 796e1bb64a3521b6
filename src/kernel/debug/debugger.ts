import { readFile } from "node:fs/promises";
import { probeExpression } from "../execute/probe.js";
import type { Inspector } from "../process/inspector.js";
import { CellSources } from "./cell-sources.js";
import { Breakpoints } from "./breakpoints.js";
import type { Body, DebugEvent, DebugRequest, DebugResponse, Variable, WantedBreakpoint } from "./protocol.js";
import { machinery, Scripts } from "./scripts.js";
import { Stepper, type Kind } from "./stepper.js";
import { frameVariables, type CallFrame, type Pause } from "./pause.js";
import { inWords, typeForJupyterLab, typeOf, Variables, type RemoteObject } from "./variables.js";

export interface DebuggerOptions {
  /** Connects to the process that runs cells, which may be busy. */
  readonly attach: () => Promise<Inspector>;
  readonly emit: (event: DebugEvent) => void;
}

/** The one thread that cells have. */
const threadId = 1;

const capabilities: Body = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  exceptionBreakpointFilters: [{ filter: "all", label: "All exceptions", default: false }],
};

/** What is there while the inspector is connected. */
interface Connection {
  readonly inspector: Inspector;
  readonly scripts: Scripts;
  readonly breakpoints: Breakpoints;
  readonly variables: Variables;
  readonly stepper: Stepper;
}

/**
 * Jupyter's `debug_request` (the Debug Adapter Protocol, with Jupyter's own requests) over the V8 inspector of the process that
 * runs cells. Costs nothing until a front end starts it.
 * @see jupyter-client.readthedocs.io, “Messaging in Jupyter”, additions to the DAP
 */
export class Debugger {
  readonly #options: DebuggerOptions;
  readonly #sources = new CellSources();
  readonly #wanted = new Map<string, readonly WantedBreakpoint[]>();
  #connecting: Promise<Connection> | undefined;
  #started = false;
  #onExceptions = "none";
  #typeName = typeOf;
  #pause: Pause | undefined;
  #seq = 0;

  constructor(options: DebuggerOptions) {
    this.#options = options;
  }

  /** Answers a request; what goes wrong is in the answer. */
  async request(request: DebugRequest): Promise<DebugResponse> {
    const { command, seq, arguments: given = {} } = request;
    const answer = { type: "response", seq: ++this.#seq, request_seq: seq, command } as const;
    try {
      return { ...answer, success: true, body: (await this.#handle(command, given)) ?? {} };
    } catch (error) {
      return { ...answer, success: false, message: (error as Error).message, body: {} };
    }
  }

  /** Tells that a cell is about to run; its breakpoints will be in place before its first line. */
  async cellStarts(cell: number, code: string): Promise<void> {
    this.#sources.runs(cell, code);
    if (this.#started) await this.#connect();
  }

  cellEnded(): void {
    void this.#connecting?.then(({ stepper }) => stepper.end());
  }

  /** Lets a paused program go, and pauses it no more until `work` is done: it is to be stopped for good. */
  async letGo(work: () => Promise<void>): Promise<void> {
    const connection = await this.#connecting;
    if (connection === undefined) return work();
    await connection.inspector.call("Debugger.setSkipAllPauses", { skip: true });
    const paused = this.#pause !== undefined;
    if (paused) {
      // Sent together: the first asks for the end, the second lets the program meet it.
      const ended = connection.inspector.call("Runtime.terminateExecution").catch(() => {});
      await this.#resume();
      await ended;
    }
    await work();
    await connection.inspector.call("Debugger.setSkipAllPauses", { skip: false }).catch(() => {});
  }

  /** The process has ended; the next one is connected to when a cell runs there. */
  lost(): void {
    this.#connecting = undefined;
    this.#pause = undefined;
  }

  async #handle(command: string, given: Body): Promise<Body | undefined> {
    switch (command) {
      case "debugInfo":
        return this.#info();
      case "initialize":
        this.#started = true;
        this.#typeName = given.clientID === "jupyterlab" ? typeForJupyterLab : typeOf;
        await this.#connect();
        return capabilities;
      case "attach":
        setImmediate(() => this.#emit("initialized", {}));
        return undefined;
      case "disconnect":
      case "terminate":
        return this.#stop();
      case "dumpCell":
        return { sourcePath: this.#sources.add(String(given.code ?? "")) };
      case "source":
        return { content: await this.#text(String((given.source as Body | undefined)?.path ?? "")) };
      case "setBreakpoints":
        return this.#setBreakpoints(given);
      case "setExceptionBreakpoints":
        this.#onExceptions = (given.filters as string[] | undefined)?.length ? "all" : "none";
        await (await this.#connect()).inspector.call("Debugger.setPauseOnExceptions", { state: this.#onExceptions });
        return undefined;
      case "configurationDone":
        return undefined;
      case "threads":
        return { threads: [{ id: threadId, name: "notebook" }] };
      case "stackTrace":
        return this.#stackTrace();
      case "scopes":
        return { scopes: await this.#scopes(Number(given.frameId)) };
      case "variables":
        return { variables: await this.#variables(given) };
      case "inspectVariables":
        return { variables: await this.#notebookVariables() };
      case "richInspectVariables":
        return this.#rich(given);
      case "copyToGlobals":
        return this.#copyToNotebook(given);
      case "evaluate":
        return this.#evaluate(given);
      case "modules": {
        const paths = this.#connecting === undefined ? [] : (await this.#connecting).scripts.files();
        const modules = paths.map((path, id) => ({ id, name: path.split(/[\\/]/).at(-1), path }));
        return { modules, totalModules: modules.length };
      }
      case "continue":
        await this.#resume();
        return { allThreadsContinued: true };
      case "next":
      case "stepIn":
      case "stepOut":
        return this.#step(command);
      case "pause":
        (await this.#connect()).stepper.ask();
        await (await this.#connect()).inspector.call("Debugger.pause");
        return undefined;
      default:
        throw new Error(`Folio's debugger does not know ${command}.`);
    }
  }

  #info(): Body {
    return {
      isStarted: this.#started,
      ...this.#sources.naming,
      breakpoints: [...this.#wanted].map(([source, breakpoints]) => ({ source, breakpoints })),
      stoppedThreads: this.#pause === undefined ? [] : [threadId],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    };
  }

  #connect(): Promise<Connection> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #open(): Promise<Connection> {
    const inspector = await this.#options.attach();
    const scripts = new Scripts(this.#sources);
    const connection: Connection = {
      inspector,
      scripts,
      breakpoints: new Breakpoints(inspector, scripts),
      variables: new Variables(inspector, this.#typeName),
      stepper: new Stepper(inspector, scripts),
    };
    inspector.on((method, params) => {
      if (method === "Debugger.scriptParsed") scripts.parsed(params);
      if (method === "Debugger.paused")
        void this.#paused(connection, params as unknown as Pause).catch(() =>
          inspector.call("Debugger.resume").catch(() => {}),
        );
      if (method === "Debugger.resumed") this.#pause = undefined;
    });
    await inspector.call("Debugger.enable");
    await inspector.call("Debugger.setBlackboxPatterns", { patterns: machinery });
    await inspector.call("Debugger.setPauseOnExceptions", { state: this.#onExceptions });
    // Scripts that have a source map are paused before their first line, so that breakpoints come in time.
    await inspector.call("Debugger.setInstrumentationBreakpoint", {
      instrumentation: "beforeScriptWithSourceMapExecution",
    });
    for (const [path, wanted] of this.#wanted) await connection.breakpoints.set(path, wanted);
    return connection;
  }

  async #stop(): Promise<undefined> {
    this.#started = false;
    this.#wanted.clear();
    const connection = await this.#connecting?.catch(() => undefined);
    this.#connecting = undefined;
    if (connection === undefined) return;
    await connection.inspector.call("Debugger.disable").catch(() => {});
    this.#pause = undefined;
    connection.inspector.close();
  }

  async #paused(connection: Connection, pause: Pause): Promise<void> {
    const { inspector, breakpoints, scripts, stepper, variables } = connection;
    if (pause.reason === "instrumentation") {
      const path = scripts.get(pause.callFrames[0].location.scriptId)?.path;
      if (path !== undefined && this.#wanted.has(path)) await breakpoints.set(path, this.#wanted.get(path)!);
      await inspector.call("Debugger.resume");
      return;
    }
    if (await stepper.goesOn(pause)) return;
    variables.forget();
    this.#pause = pause;
    const hit = (pause.hitBreakpoints ?? []).length > 0;
    const reason = hit
      ? "breakpoint"
      : pause.reason === "exception" || pause.reason === "promiseRejection"
        ? "exception"
        : stepper.reason;
    const text =
      reason === "exception" ? inWords((pause.data ?? { type: "unknown" }) as unknown as RemoteObject) : undefined;
    this.#emit("stopped", { reason, threadId, allThreadsStopped: true, ...(text !== undefined && { text }) });
  }

  async #setBreakpoints(given: Body): Promise<Body> {
    const path = String((given.source as Body | undefined)?.path ?? "");
    const wanted = (given.breakpoints ?? []) as readonly WantedBreakpoint[];
    if (wanted.length === 0) this.#wanted.delete(path);
    else this.#wanted.set(path, wanted);
    const lines = this.#connecting === undefined ? [] : await (await this.#connecting).breakpoints.set(path, wanted);
    return {
      breakpoints: wanted.map(({ line }, i) => ({ id: i + 1, verified: true, line: lines[i] ?? line, source: { path } })),
    };
  }

  async #step(kind: Kind): Promise<undefined> {
    const pause = this.#pause;
    if (pause === undefined) return;
    this.#goesOn();
    await (await this.#connect()).stepper.begin(kind, pause);
  }

  async #resume(): Promise<void> {
    if (this.#pause === undefined) return;
    this.#goesOn();
    await (await this.#connect()).inspector.call("Debugger.resume");
  }

  /** What was said about where the program stood is void. */
  #goesOn(): void {
    this.#pause = undefined;
    this.#emit("continued", { threadId, allThreadsContinued: true });
  }

  async #stackTrace(): Promise<Body> {
    const { inspector, scripts } = await this.#connect();
    const frames = [...(this.#pause?.callFrames ?? []).entries()].filter(([, { location }]) =>
      scripts.get(location.scriptId),
    );
    const places = await scripts.original(
      inspector,
      frames.map(([, { location }]) => location),
    );
    const stackFrames = frames.map(([id, { functionName, location }], i) => {
      const { path, cell } = scripts.get(location.scriptId)!;
      const where = cell === undefined ? path.split(/[\\/]/).at(-1)! : `Cell [${cell}]`;
      return {
        id,
        name: functionName === "" ? where : functionName,
        source: { name: where, path },
        line: places[i]?.line ?? 1,
        column: places[i]?.column ?? 1,
      };
    });
    return { stackFrames, totalFrames: stackFrames.length };
  }

  #frame(id: unknown): CallFrame | undefined {
    return this.#pause?.callFrames[Number(id)];
  }

  async #scopes(frameId: number): Promise<Body[]> {
    const { variables } = await this.#connect();
    const frame = this.#frame(frameId);
    if (frame === undefined) return [];
    const own = frameVariables(frame);
    const scope = (name: string, variablesReference: number): Body => ({ name, variablesReference, expensive: false });
    const locals = variables.hold(own.objectIds, own.hidden);
    const notebook = scope("Notebook", await variables.notebook());
    return (await variables.list(locals)).length === 0 ? [notebook] : [scope("Locals", locals), notebook];
  }

  async #variables({ variablesReference, start, count }: Body): Promise<Variable[]> {
    const { variables } = await this.#connect();
    return variables.list(
      Number(variablesReference),
      start as number | undefined,
      (count as number | undefined) || undefined,
    );
  }

  async #notebookVariables(): Promise<Variable[]> {
    if (!this.#started) return [];
    const { variables } = await this.#connect();
    return variables.list(await variables.notebook());
  }

  async #rich({ variableName, frameId }: Body): Promise<Body> {
    const name = identifier(variableName);
    const { inspector } = await this.#connect();
    const frame = this.#frame(frameId);
    const expression = `${probeExpression}.describe(${name})`;
    const { result } = (await (frame === undefined
      ? inspector.call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })
      : inspector.call("Debugger.evaluateOnCallFrame", {
          callFrameId: frame.callFrameId,
          expression,
          returnByValue: true,
        }))) as unknown as { result: { value?: { data?: Body; metadata?: Body } } };
    return { data: result.value?.data ?? {}, metadata: result.value?.metadata ?? {} };
  }

  async #copyToNotebook({ srcVariableName, dstVariableName, srcFrameId }: Body): Promise<undefined> {
    const [from, to] = [identifier(srcVariableName), identifier(dstVariableName)];
    await this.#onFrame(srcFrameId, `${probeExpression}.put(${JSON.stringify(to)}, ${from})`);
    return undefined;
  }

  async #evaluate({ expression, frameId }: Body): Promise<Body> {
    const value = await this.#onFrame(frameId, String(expression));
    const { variables } = await this.#connect();
    const { value: result, type, variablesReference } = variables.variable("", value);
    return { result, type, variablesReference };
  }

  /** @throws Error with what the expression threw */
  async #onFrame(frameId: unknown, expression: string): Promise<RemoteObject> {
    const { inspector } = await this.#connect();
    const frame = this.#frame(frameId);
    const asked = { expression, generatePreview: true, silent: true };
    const { result, exceptionDetails } = (await (frame === undefined
      ? inspector.call("Runtime.evaluate", { ...asked, replMode: true, awaitPromise: true })
      : inspector.call("Debugger.evaluateOnCallFrame", { ...asked, callFrameId: frame.callFrameId }))) as unknown as {
      result: RemoteObject;
      exceptionDetails?: object;
    };
    if (exceptionDetails !== undefined) throw new Error(inWords(result));
    return result;
  }

  async #text(path: string): Promise<string> {
    const cell = this.#sources.textOf(path);
    if (cell !== undefined) return cell;
    // Only what runs in the notebook's process is shown.
    const known = (await this.#connecting)?.scripts.ofPath(path) ?? [];
    if (known.length === 0) throw new Error(`${path} is no source of this notebook.`);
    return readFile(path, "utf8");
  }

  #emit(event: string, body: Body): void {
    this.#options.emit({ type: "event", seq: ++this.#seq, event, body });
  }
}

function identifier(name: unknown): string {
  if (typeof name === "string" && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) return name;
  throw new Error(`${JSON.stringify(name)} is not the name of a variable.`);
}
