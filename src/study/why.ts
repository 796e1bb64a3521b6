import { resolve } from "node:path";
import { changes, codeReader, type Change, type Entry, type Ingredients } from "../cache/index.js";
import { silent, UsageError } from "../core/index.js";
import { findEngines } from "../engine/index.js";
import { readNotebook } from "../notebook/index.js";
import { listStudies, readStudy } from "./file/read.js";
import type { Run, Study } from "./file/study.js";
import { cellImports, cellIngredients, workImports } from "./plan/ingredients.js";
import { localEngine, openPlanner } from "./plan/plan.js";
import { studyStore } from "./run-study.js";

/** Why a run, or a cell of a notebook, would be done again – or why not. */
export interface Why {
  readonly study: string;
  readonly run: string;
  /** Only what this cell and those before it depend on was looked at. */
  readonly cell?: number;
  readonly key: string;
  /** The run of the same key is in the store. */
  readonly done: boolean;
  /** When it was last done with another key; absent when it was never done. */
  readonly before?: { readonly key: string };
  readonly changes: readonly Change[];
  readonly ingredients: Ingredients;
}

/**
 * @param what `RUN`, `STUDY/RUN`, `NOTEBOOK` or `NOTEBOOK#CELL`, cells counted as runs count them
 * @throws UsageError when no study has such a run, or the notebook no such cell
 */
export async function why(root: string, what: string): Promise<Why> {
  const [name, cellText] = what.split("#");
  const { study, run } = await findRun(root, name);
  const planner = await openPlanner(study, { root, progress: silent, engine: localEngine(await findEngines()) });
  const { key, ingredients } = await planner.plan(run);
  await planner.save();
  const store = studyStore(root);
  const done = (await store.find(key)) !== undefined;
  const before = await store.latest(`study ${study.name} ${run.id}`);
  const about = { study: study.name, run: run.id, key, done, ...(before !== undefined && { before: { key: before.key } }) };
  if (cellText === undefined) return { ...about, changes: done || before === undefined ? [] : changes(before.ingredients, ingredients), ingredients };
  const cell = Number(cellText);
  const part = await cellPart(root, run, cell, ingredients);
  return { ...about, cell, changes: before === undefined ? [] : changesOfPart(before, part), ingredients: part };
}

async function findRun(root: string, name: string): Promise<{ study: Study; run: Run }> {
  const studies = await Promise.all((await listStudies(root)).map((study) => readStudy(root, study)));
  const all = studies.flatMap((study) => study.runs.map((run) => ({ study, run })));
  const notebook = name.endsWith(".ipynb") ? resolve(root, name) : undefined;
  const found = all.filter(({ study, run }) => run.id === name || `${study.name}/${run.id}` === name || (run.work.kind === "notebook" && resolve(root, run.work.notebook) === notebook));
  if (found.length === 1) return found[0];
  const list = (found.length > 1 ? found : all).map(({ study, run }) => `${study.name}/${run.id}`);
  const shown = `${list.slice(0, 12).join(", ")}${list.length > 12 ? ` and ${list.length - 12} more` : ""}`;
  throw new UsageError(found.length > 1 ? `why: ${name} may mean ${shown}. Name one of them.` : `why: no study has a run called ${name}. Runs: ${shown}.`);
}

/** What the output of a cell depends on: the code cells up to it, what they import, and everything that is not code. */
async function cellPart(root: string, { work, id }: Run, cell: number, all: Ingredients): Promise<Ingredients> {
  if (work.kind !== "notebook") throw new UsageError(`why: ${id} is no notebook, so it has no cells.`);
  const path = resolve(root, work.notebook);
  const notebook = await readNotebook(path);
  const last = Object.keys(cellIngredients(notebook)).length;
  if (!Number.isInteger(cell) || cell < 1 || cell > last) throw new UsageError(`why: ${work.notebook} has code cells 1 to ${last}, but got ${JSON.stringify(String(cell))}.`);
  const code = notebook.cells.filter(({ cell_type, source }) => cell_type === "code" && source.trim() !== "").slice(0, cell);
  const upTo = { ...notebook, cells: code };
  const used = codeReader(root).of([...workImports({ work }), ...cellImports(upTo)], path);
  const cells = cellIngredients(upTo);
  return Object.fromEntries(Object.entries(all).filter(([name]) => (name.startsWith("code ") ? name.slice(5) in used : !name.startsWith("cell ") || name in cells)));
}

/** Code that was used and no longer is, belongs to a cell that changed; of the rest only what the part holds counts. */
function changesOfPart({ ingredients }: Entry, part: Ingredients): Change[] {
  return changes(Object.fromEntries(Object.entries(ingredients).filter(([name]) => name in part || !/^(code|cell) /.test(name))), part);
}
