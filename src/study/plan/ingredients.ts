import { join } from "node:path";
import { moduleFacts, type CodeReader, type Import, type Ingredients } from "../../cache/index.js";
import { packageRoot, sha256 } from "../../core/index.js";
import { readNotebook, type Notebook } from "../../notebook/index.js";
import type { Run } from "../file/study.js";

/** What stands for the world around a run. */
export interface Surroundings {
  readonly root: string;
  readonly code: CodeReader;
  /** Content hash of a file or folder. */
  readonly hash: (path: string) => Promise<string>;
  /** SHA-256 of the lockfile. */
  readonly lockfile: string;
  /** Which engine `auto` means for a run with these GPUs. */
  readonly engine: (run: Run) => string;
  /** Kind of machine, not which one: `linux-x64`. */
  readonly device: string;
  /** Major version of Node. */
  readonly node: string;
}

/**
 * Everything that the outputs of a run depend on: the code it really uses, file by file; its data, by content; the packages;
 * its parameters, one by one; the engine and its threads; the kind of device.
 */
export async function ingredientsOf(run: Run, data: string | undefined, { root, code, hash, lockfile, engine, device, node }: Surroundings): Promise<Ingredients> {
  const notebook = run.work.kind === "notebook" ? await readNotebook(join(root, run.work.notebook)) : undefined;
  const from = run.work.kind === "notebook" ? join(root, run.work.notebook) : join(root, "-");
  const hashes = code.of([...workImports(run), ...(notebook ? cellImports(notebook) : [])], from);
  return {
    ...Object.fromEntries(Object.entries(hashes).map(([file, digest]) => [`code ${file}`, digest])),
    ...(notebook ? cellIngredients(notebook) : await workIngredients(run, root, hash)),
    ...(data !== undefined && { data: await hash(data) }),
    lockfile,
    preset: run.preset,
    seed: String(run.seed),
    ...(run.fold !== undefined && { fold: String(run.fold) }),
    ...(run.folds !== undefined && { folds: String(run.folds) }),
    ...(run.variant !== undefined && { variant: run.variant }),
    ...named("set", run.set),
    ...named("option", run.options),
    ...named("evaluate", run.evaluate),
    engine: engine(run),
    threads: String(run.resources.cores),
    device: `${device}${run.resources.gpus > 0 ? `, ${run.resources.gpus} GPU` : ""}`,
    node,
  };
}

const named = (kind: string, values: Readonly<Record<string, unknown>>): Ingredients => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind} ${name}`, JSON.stringify(value)]));

async function workIngredients({ work }: Run, root: string, hash: Surroundings["hash"]): Promise<Ingredients> {
  if (work.kind !== "command") return {};
  const inputs = await Promise.all(work.inputs.map(async (input) => [`input ${input}`, await hash(join(root, input))] as const));
  return { command: JSON.stringify(work.command), ...Object.fromEntries(inputs) };
}

/** A notebook cell by cell, counted as runs count them, so that it can be said which one changed. */
export function cellIngredients(notebook: Notebook): Ingredients {
  const cells = notebook.cells.filter(({ cell_type, source }) => cell_type === "code" && source.trim() !== "");
  return Object.fromEntries(cells.map((cell, i) => [`cell ${String(i + 1).padStart(2, "0")}`, sha256(JSON.stringify([cell.source, cell.metadata.tags ?? []]))]));
}

/** The modules whose code decides what a run makes, besides what a notebook's cells import. */
export function workImports({ work }: Pick<Run, "work">): Import[] {
  const built = (path: string): Import => ({ specifier: join(packageRoot, "dist", path), names: "all" });
  switch (work.kind) {
    case "method":
      return [built("study/work/method.js"), built(`cli/train-${work.method}.js`), built(`cli/evaluate-${work.method}.js`)];
    case "notebook":
      return [built("study/work/notebook.js"), built("kernel/process/runner.js")];
    default:
      return [built("study/work/command.js")];
  }
}

/** What the code cells import, each by name. */
export function cellImports({ cells }: Notebook): Import[] {
  return cells.filter(({ cell_type }) => cell_type === "code").flatMap(({ source }) => {
    try {
      return moduleFacts("cell.ts", source.replaceAll(/^%.*$/gm, "")).imports;
    } catch {
      return []; // A cell that does not parse fails when it runs, and imports nothing.
    }
  });
}
