import { dirname, resolve } from "node:path";
import { FolioError, Interrupted, silent, type Progress } from "../core/index.js";
import { openLanguage, openSession, runMagics, RunnerDied, type CellError, type CellResult } from "../kernel/index.js";
import { readNotebook, writeNotebook } from "./files.js";
import { folioMetadata, hasTag, type Cell, type Notebook } from "./nbformat.js";
import { OutputGatherer } from "./outputs.js";
import { withParameters, type ParameterValues } from "./parameters.js";

export interface RunNotebookOptions {
  readonly path: string;
  /** What messages call the notebook; its path unless given. */
  readonly name?: string;
  /** Where the executed notebook is written, also when a cell fails or the run is interrupted; nowhere when absent. */
  readonly out?: string;
  readonly parameters?: ParameterValues;
  /** The longest a cell may take; a cell's own `folio.timeoutSeconds` in its metadata wins. No limit when absent. */
  readonly timeoutMs?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Tags of cells that may fail without ending the run. */
  readonly mayRaise?: readonly string[];
  /** Added to the environment of the notebook's process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface NotebookRun {
  readonly notebook: Notebook;
  /** Code cells that ran. */
  readonly cells: number;
  readonly seconds: number;
}

/** A cell failed and nothing allowed it to. `message` is one line: notebook, cell, line, what happened. */
export class CellFailed extends FolioError {
  readonly code = "cell-failed";
  constructor(
    readonly notebook: string,
    readonly cell: number,
    readonly error: CellError,
    readonly saved?: string,
  ) {
    const here = error.frames.find((frame) => frame.cell === cell);
    const place = here === undefined ? `Cell [${cell}]` : `Cell [${cell}], line ${here.line}`;
    const thrown =
      error.at !== undefined && error.at.cell !== cell ? ` (thrown in Cell [${error.at.cell}], line ${error.at.line})` : "";
    super(
      `${notebook}: ${place}: ${error.ename}: ${error.evalue}${thrown}${saved === undefined ? "" : `. The outputs so far are in ${saved}`}`,
    );
  }
}

export class CellTimeout extends FolioError {
  readonly code = "cell-timeout";
  constructor(
    readonly notebook: string,
    readonly cell: number,
    readonly timeoutMs: number,
  ) {
    super(`${notebook}: Cell [${cell}] took longer than ${timeoutMs / 1000} s and was stopped. Allow more with --timeout.`);
  }
}

/**
 * Runs a notebook from top to bottom in a fresh Node process, as the kernel would, and stops at the first cell that fails.
 * Tags: `parameters` (see {@link withParameters}), `raises-exception` (the cell may fail), `skip-execution`.
 * @throws CellFailed, CellTimeout, RunnerDied, Interrupted – after what has run was saved to `out` – and BadParameter, BadFile
 * @example await runNotebook({ path: "notebooks/01-astra.ipynb", parameters: { preset: "quick" }, out: "out.ipynb" })
 */
export async function runNotebook({
  path,
  name = path,
  out,
  parameters = {},
  timeoutMs,
  progress = silent,
  signal,
  env = {},
  mayRaise: tolerated = ["raises-exception"],
}: RunNotebookOptions): Promise<NotebookRun> {
  const started = Date.now();
  const notebook = withParameters(await readNotebook(path), parameters, name);
  const codeCells = notebook.cells.filter(isRunnable);
  const counts = new Map(codeCells.map((cell, i) => [cell.id, i + 1]));
  const gatherer = new OutputGatherer();
  const mayRaise = (cell: Cell | undefined): boolean => cell !== undefined && tolerated.some((tag) => hasTag(cell, tag));
  const late: { cell: number; error: CellError }[] = [];
  const folder = dirname(resolve(path));
  const session = await openSession({
    folder,
    env: { ...process.env, ...env },
    onEvent: (event) => {
      gatherer.add(event);
      if (event.kind === "late-error" && !mayRaise(codeCells[event.cell - 1])) late.push(event);
    },
  });
  const language = openLanguage({ folder });
  const execute = (source: string, cell: number): Promise<CellResult> =>
    runMagics(source, {
      cell,
      check: (code) => language.check(code),
      emit: (event) => gatherer.add(event),
      async run(code) {
        if (code.trim() === "") return { status: "ok", cell };
        const result = await session.run(code, cell);
        if (result.status === "ok") language.ran(cell, code);
        return result;
      },
    });
  const task = progress.begin(name, codeCells.length);
  let done = 0;
  const assemble = (): Notebook => withOutputs(notebook, counts, gatherer, done);
  const save = async (): Promise<void> => {
    if (out !== undefined) await writeNotebook(out, assemble());
  };
  const fail = (cell: number, error: CellError): never => {
    throw new CellFailed(name, cell, error, out);
  };
  try {
    for (const [i, cell] of codeCells.entries()) {
      done = i + 1;
      const limit = cellTimeout(cell) ?? timeoutMs;
      const result = await runCell(i + 1, { execute: () => execute(cell.source, i + 1), interrupt: () => session.interrupt(), name, limit, signal, saved: out });
      gatherer.finish(result);
      if (result.status === "error" && !mayRaise(cell)) fail(i + 1, result.error);
      if (late.length > 0) fail(late[0].cell, late[0].error);
      task.update(i + 1, firstLine(codeCells[i + 1]?.source));
    }
    await session.close();
    if (late.length > 0) fail(late[0].cell, late[0].error);
  } finally {
    session.kill();
    language.close();
    await save();
    task.end(`${done} of ${codeCells.length} cells`);
  }
  return { notebook: assemble(), cells: done, seconds: (Date.now() - started) / 1000 };
}

const isRunnable = (cell: Cell): boolean =>
  cell.cell_type === "code" && !hasTag(cell, "skip-execution") && cell.source.trim() !== "";

function cellTimeout(cell: Cell): number | undefined {
  const { timeoutSeconds } = (cell.metadata.folio ?? {}) as { timeoutSeconds?: unknown };
  return typeof timeoutSeconds === "number" && timeoutSeconds > 0 ? timeoutSeconds * 1000 : undefined;
}

const firstLine = (source = ""): string =>
  source
    .split("\n")
    .find((line) => line.trim() !== "" && !/^\s*(import|\/\/)/.test(line))
    ?.trim()
    .slice(0, 40) ?? "";

interface CellRun {
  readonly execute: () => Promise<CellResult>;
  readonly interrupt: () => Promise<void>;
  readonly name: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly saved?: string;
}

async function runCell(count: number, { execute, interrupt, name, limit, signal, saved }: CellRun): Promise<CellResult> {
  const timers: NodeJS.Timeout[] = [];
  let onAbort = (): void => {};
  const interrupted = new Interrupted(saved === undefined ? undefined : `The outputs so far are in ${saved}.`);
  const stopped = new Promise<never>((_, reject) => {
    if (limit !== undefined) timers.push(setTimeout(() => reject(new CellTimeout(name, count, limit)), limit));
    onAbort = () => void interrupt();
    if (signal?.aborted) reject(interrupted);
    signal?.addEventListener("abort", onAbort);
  });
  try {
    const result = await Promise.race([execute(), stopped]);
    if (signal?.aborted) throw interrupted;
    return result;
  } catch (error) {
    if (signal?.aborted) throw interrupted;
    if (error instanceof RunnerDied)
      return {
        status: "error",
        cell: count,
        error: { ename: error.name, evalue: error.message, traceback: [error.message], frames: [] },
      };
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Cells that did not run keep no outputs: what a file shows always comes from one run. */
function withOutputs(
  notebook: Notebook,
  counts: ReadonlyMap<string, number>,
  gatherer: OutputGatherer,
  done: number,
): Notebook {
  const cells = notebook.cells.map((cell): Cell => {
    if (cell.cell_type !== "code") return cell;
    const count = counts.get(cell.id);
    const ran = count !== undefined && count <= done;
    return { ...cell, execution_count: ran ? count : null, outputs: ran ? gatherer.of(count) : [] };
  });
  return {
    ...notebook,
    nbformat_minor: Math.max(5, notebook.nbformat_minor),
    metadata: { ...folioMetadata, ...notebook.metadata },
    cells,
  };
}
