import { basename, join } from "node:path";
import { UsageError } from "../../core/index.js";
import { parametersOf, readNotebook, runNotebook } from "../../notebook/index.js";
import { place } from "./job.js";
import type { Perform } from "./workplace.js";

/**
 * Runs a notebook from top to bottom; it is told the preset, the seed, the data, where records go and where to keep checkpoints, as
 * far as it asks for them. An attempt after an interruption begins at the first cell, because variables live in the process that is gone;
 * cells whose trainings keep checkpoints in `work` – which belongs to the run's key – go on from there.
 */
export const performNotebook: Perform = async (run, at) => {
  if (run.work.kind !== "notebook") throw new TypeError("performNotebook: not a notebook");
  const path = join(at.root, run.work.notebook);
  const known = new Set(parametersOf(await readNotebook(path)).map(({ name }) => name));
  const offered = {
    preset: run.preset,
    seed: run.seed,
    ...(run.fold !== undefined && { fold: run.fold }),
    ...(run.folds !== undefined && { folds: run.folds }),
    ...(at.data !== undefined && { data: at.data }),
    results: at.records,
    work: at.work,
    ...(run.engine !== "auto" && { engineName: run.engine }),
  };
  if (Object.keys(run.set).length > 0) throw new UsageError(`${run.id}: set is for methods; a notebook's parameters go into options.`);
  const asked = Object.fromEntries(Object.entries(offered).filter(([name]) => known.has(name)));
  const out = join(at.folder, place.notebook);
  await runNotebook({ path, name: run.work.notebook, out, parameters: { ...asked, ...run.options }, progress: at.progress, signal: at.signal, env: at.env });
  return { [`notebooks/${basename(run.work.notebook)}`]: out };
};
