import { existsSync } from "node:fs";
import { join } from "node:path";
import { codeReader, contentHasher, contentKey, withLock, type Ingredients } from "../../cache/index.js";
import { packageRoot, sha256File, UsageError, type Progress } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { parametersOf, readNotebook } from "../../notebook/index.js";
import type { Run, Study } from "../file/study.js";
import { sampleData } from "../sample-data.js";
import { ingredientsOf, type Surroundings } from "./ingredients.js";

/** A run with its key: all that is needed to know whether it has been done, and to do it. */
export interface PlannedRun {
  readonly run: Run;
  readonly ingredients: Ingredients;
  readonly key: string;
  readonly data?: string;
  /** Where it is worked on: `runs/<study>/<run>/<first 12 digits of the key>`. Another key is another folder. */
  readonly folder: string;
}

export interface PlanOptions {
  readonly root: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Which engine `auto` is for a run; see {@link localEngine}. */
  readonly engine: Surroundings["engine"];
}

/** Plans runs one after the other, so that the first can start while the data of the next is still being made. */
export interface Planner {
  plan(run: Run): Promise<PlannedRun>;
  /** Keeps what was learnt about the data's hashes. */
  save(): Promise<void>;
}

export async function openPlanner(study: Study, { root, progress, signal, engine }: PlanOptions): Promise<Planner> {
  const hasher = await contentHasher(join(root, ".folio", "hashes.json"));
  // Looked at once: a thousand runs of one dataset would walk its folder a thousand times.
  const hashes = new Map<string, Promise<string>>();
  const surroundings: Surroundings = {
    root,
    code: codeReader(root),
    hash: (path) => {
      const found = hashes.get(path) ?? hasher.of(path);
      hashes.set(path, found);
      return found;
    },
    lockfile: await sha256File(join(root, "package-lock.json")).catch(() => "none"),
    engine,
    device: `${process.platform}-${process.arch}`,
    node: process.versions.node.split(".")[0],
  };
  const made = new Map<string, Promise<string>>();
  const dataOf = async (run: Run): Promise<string | undefined> => {
    if (run.data !== undefined) return folderThere(join(root, run.data), run);
    if (run.dataset === undefined) return undefined;
    const folder = join(root, "data", `${run.dataset}-${run.preset}`);
    const making = made.get(folder) ?? makeData(run, folder, progress, signal).then(() => folder);
    made.set(folder, making);
    return making;
  };
  return {
    async plan(run) {
      await checkWork(run, root);
      const data = await dataOf(run);
      const ingredients = await ingredientsOf(run, data, surroundings);
      const key = contentKey(ingredients);
      return { run, ingredients, key, ...(data !== undefined && { data }), folder: join(root, "runs", study.name, run.id, key.slice(0, 12)) };
    },
    save: () => hasher.save(),
  };
}

/** Of the local computer: the engine that `openEngine("auto")` would take. */
export function localEngine(found: readonly { readonly name: Engine["name"]; readonly available: boolean }[]): Surroundings["engine"] {
  const auto = found.find(({ available }) => available)?.name ?? "none";
  return ({ engine }) => (engine === "auto" ? auto : engine);
}

/** Of a cluster, whose computers cannot be asked before a run is there. */
export const clusterEngine: Surroundings["engine"] = ({ engine, resources }) => (engine === "auto" ? `auto with ${resources.gpus} GPU` : engine);

async function checkWork({ id, work, fold, dataset, data }: Run, root: string): Promise<void> {
  if (work.kind === "method" && !existsSync(join(packageRoot, "dist", "cli", `train-${work.method}.js`)))
    throw new UsageError(`${id}: there is no method ${work.method}; folio train --help lists them.`);
  if (work.kind === "method" && dataset === undefined && data === undefined)
    throw new UsageError(`${id}: a method needs a dataset (sample data: ${Object.keys(sampleData).join(", ")}) or data (a folder of your own).`);
  if (work.kind === "notebook" && !existsSync(join(root, work.notebook))) throw new UsageError(`${id}: there is no notebook ${work.notebook}.`);
  if (work.kind === "notebook" && fold !== undefined && !parametersOf(await readNotebook(join(root, work.notebook))).some(({ name }) => name === "fold"))
    throw new UsageError(`${id}: ${work.notebook} has no parameter called fold, so every fold would be the same run. Give it one (const fold: number = 0), or leave fold out of the study.`);
  const missing = work.kind === "command" ? work.inputs.find((input) => !existsSync(join(root, input))) : undefined;
  if (missing !== undefined) throw new UsageError(`${id}: there is no ${missing}, which the study names as an input.`);
}

function folderThere(folder: string, { id }: Run): string {
  if (!existsSync(folder)) throw new UsageError(`${id}: there is no data folder ${folder}. Correct data in the study file, or put the data there.`);
  return folder;
}

async function makeData({ id, dataset = "", preset }: Run, out: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  if (existsSync(out) && !Object.hasOwn(sampleData, dataset)) return;
  if (!Object.hasOwn(sampleData, dataset)) throw new UsageError(`${id}: there is no sample data called ${dataset}, only ${Object.keys(sampleData).join(", ")}. Give a folder of your own as data.`);
  if (preset !== "quick" && preset !== "small") throw new UsageError(`${id}: the preset ${preset} needs real data. Give their folder as data; data/README.md says where to get them.`);
  // Another study may want the same at the same moment.
  await withLock(`${out}.lock`, () => sampleData[dataset]({ out, preset, seed: 1, progress, signal }), { signal });
}
