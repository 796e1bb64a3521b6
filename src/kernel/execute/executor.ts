import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import { cellParameters, compileCell, type CompiledCell } from "../compile/compile.js";
import { reservedNames } from "../compile/rename.js";
import { CellSyntaxError } from "../compile/syntax.js";
import { openChannel } from "../display/channel.js";
import type { MimeBundle } from "../display/bundle.js";
import { describe } from "../display/describe.js";
import { isHandle } from "../display/display.js";
import { captureStreams } from "./capture.js";
import { openCellContext } from "./cell-context.js";
import * as tslab from "../tslab/index.js";
import type { CellEvent, CellResult } from "./events.js";
import { atImport, isMissingModule } from "./missing-module.js";
import { openProbe } from "./probe.js";
import { Scope } from "./scope.js";
import { cellLabel, describeError, withCellLines, type CellError } from "./trace.js";
import { usingCtx } from "./using.js";

export interface ExecutorOptions {
  /** The folder that imports are resolved from: the notebook's. */
  readonly folder: string;
  readonly legacyDecorators?: boolean;
  readonly emit: (event: CellEvent) => void;
}

export interface RunOptions {
  /** The `n` of `Cell [n]`; every run of a session has its own. */
  readonly count: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs the cells of one notebook in this process' main context, one after the other. Everything a cell writes, shows or fails
 * with is sent to `emit` under that cell's count, also when it happens after the cell has ended.
 */
export class Executor {
  readonly scope = new Scope();
  readonly #current = openCellContext();
  readonly #cells = new Map<number, CompiledCell & { readonly count: number }>();
  readonly #reserved = reservedNames();
  readonly #renamed = new Set<string>();
  readonly #folder: string;
  readonly #options: ExecutorOptions;
  readonly #close: (() => void)[] = [];
  #signal: AbortSignal = new AbortController().signal;
  #pending = new Set<Promise<void>>();
  #latest = 0;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#folder = options.folder;
    const { emit } = options;
    this.#close.push(captureStreams(this.#current, (cell, name, text) => emit({ kind: "stream", cell, name, text: this.#readable(text) })));
    this.#close.push(
      openChannel({
        show: (bundle, displayId) => emit({ kind: "display", cell: this.cell, bundle, displayId, update: false }),
        update: (bundle, displayId) => emit({ kind: "display", cell: this.cell, bundle, displayId, update: true }),
        clear: (wait) => emit({ kind: "clear", cell: this.cell, wait }),
        pending: (work) => void this.#pending.add(work),
        signal: () => this.#signal,
      }),
    );
    this.#close.push(
      openProbe({
        variables: () => this.scope.values(),
        original: (cell, places) => places.map((at) => this.#cells.get(cell)?.original(at)),
        describe,
        put: (name, value) => this.scope.put(name, value),
      }),
    );
    this.#listen("unhandledRejection");
    this.#listen("uncaughtException");
    this.#close.push(() => this.#current.close());
  }

  /** The count of the cell on whose behalf the calling code runs; the latest one when it cannot be told. */
  get cell(): number {
    return this.#current.current() ?? this.#latest;
  }

  /** Runs a cell. Never rejects: what went wrong is in the result. */
  async run(source: string, { count, signal }: RunOptions): Promise<CellResult> {
    this.#latest = count;
    this.#signal = signal ?? new AbortController().signal;
    let fresh: string[] = [];
    try {
      const cell = await compileCell(source, {
        legacyDecorators: this.#options.legacyDecorators,
        reserved: this.#reserved,
        renamed: this.#renamed,
      });
      this.#cells.set(count, { ...cell, count });
      let last: unknown;
      const folio = {
        declare: (names: string[]) => (fresh = this.scope.declare(names)),
        fix: (...names: string[]) => this.scope.fix(names),
        put: (name: string, item: unknown) => this.scope.put(name, item),
        take: this.scope.take.bind(this.scope),
        result: (item: unknown) => void (last = isHandle(item) ? undefined : item),
        meta: this.#meta(),
      };
      await this.#current.run(count, () => this.#invoke(cell.code, count, folio));
      const shown = last === undefined ? undefined : await this.#current.run(count, () => this.describe(last));
      await this.#settleDisplays();
      return { status: "ok", cell: count, ...(shown && { result: shown }) };
    } catch (error) {
      this.scope.forgetUnset(fresh);
      return { status: "error", cell: count, error: this.#describe(error, count) };
    }
  }

  /** How a value would be shown; for the kernel's own answers. */
  async describe(value: unknown): Promise<MimeBundle> {
    const shown = await describe(value);
    const text = shown.data["text/plain"];
    const readable = typeof text === "string" ? this.#readable(text) : text;
    return readable === text ? shown : { ...shown, data: { ...shown.data, "text/plain": readable } };
  }

  close(): void {
    for (const undo of this.#close.splice(0)) undo();
  }

  async #settleDisplays(): Promise<void> {
    const work = [...this.#pending];
    this.#pending.clear();
    await Promise.all(work);
  }

  #invoke(code: string, count: number, folio: object): Promise<void> {
    const filename = join(this.#folder, cellLabel(count));
    const script = new Script(code, { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
    const cell = script.runInThisContext() as (...args: unknown[]) => Promise<void>;
    const given: Record<(typeof cellParameters)[number], unknown> = {
      $folio: folio,
      require: requireFrom(filename),
      __filename: filename,
      __dirname: this.#folder,
      babelHelpers: { usingCtx },
    };
    return cell(...cellParameters.map((name) => given[name]));
  }

  #readable(text: string): string {
    return withCellLines(text, (n) => this.#cells.get(n));
  }

  #meta(): object {
    const url = pathToFileURL(join(this.#folder, "notebook")).href;
    return {
      url,
      dirname: this.#folder,
      filename: join(this.#folder, "notebook"),
      resolve: (specifier: string) => pathToFileURL(createRequire(url).resolve(specifier)).href,
    };
  }

  #describe(error: unknown, count: number): CellError {
    if (error instanceof CellSyntaxError) return describeSyntaxError(error, count);
    const described = describeError(error, (n) => this.#cells.get(n), this.#folder);
    if (!isMissingModule(error)) return this.#withHint(described);
    return atImport(described, { count, source: this.#cells.get(count)?.source ?? "", folder: this.#folder });
  }

  // Says what is really wrong: "X is not defined" after an import that found no X, and the assignment to a constant.
  #withHint(error: CellError): CellError {
    const unknown = error.ename === "ReferenceError" ? /^(\S+) is not defined$/.exec(error.evalue)?.[1] : undefined;
    const module = unknown === undefined ? undefined : this.scope.missing.get(unknown);
    if (module !== undefined) return reworded(error, `${error.evalue}: "${module}" exports no value of that name`);
    const constant =
      error.ename === "TypeError"
        ? /^Cannot assign to read only property '(\S+)' of object '#<Object>'$/.exec(error.evalue)?.[1]
        : undefined;
    if (constant !== undefined && this.scope.names.includes(constant))
      return reworded(error, `Assignment to constant variable ${constant}.`);
    return error;
  }

  #listen(event: "unhandledRejection" | "uncaughtException"): void {
    const listener = (error: unknown, promise?: unknown): void => {
      const cell = this.#current.causeOf(promise instanceof Promise ? promise : undefined) ?? this.#latest;
      this.#options.emit({ kind: "late-error", cell, error: this.#describe(error, cell) });
    };
    process.on(event, listener);
    this.#close.push(() => process.off(event, listener));
  }
}

/** Node's `require`, which cannot know the module that notebooks written for tslab ask for. */
function requireFrom(filename: string): NodeJS.Require {
  const require = createRequire(filename);
  const known = (id: string): unknown => (id === "tslab" ? tslab : require(id));
  return Object.assign(known, require) as NodeJS.Require;
}

const reworded = (error: CellError, evalue: string): CellError => ({
  ...error,
  evalue,
  traceback: [`${error.ename}: ${evalue}`, ...error.traceback.slice(1)],
});

function describeSyntaxError(error: CellSyntaxError, count: number): CellError {
  const { line, column, sourceLine, problem } = error;
  const traceback = [
    `SyntaxError: ${problem}`,
    `    at ${cellLabel(count)}, line ${line}`,
    `        ${sourceLine}`,
    `        ${" ".repeat(column - 1)}^`,
  ];
  return {
    ename: "SyntaxError",
    evalue: problem,
    at: { cell: count, line, column },
    traceback,
    frames: [{ cell: count, line, column, function: "", text: sourceLine }],
  };
}
