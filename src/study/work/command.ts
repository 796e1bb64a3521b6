import { UsageError } from "../../core/index.js";
import { runProgram } from "./child.js";
import type { Perform, Workplace } from "./workplace.js";
import type { Run } from "../file/study.js";

/** Runs a program of the user's own, in any language; `{seed}`, `{data}`, `{results}` … in its words are filled in. */
export const performCommand: Perform = async (run, at) => {
  if (run.work.kind !== "command") throw new TypeError("performCommand: not a command");
  await runProgram(run.work.name, run.work.command.map((word) => filled(word, run, at)), at);
  return {};
};

function filled(word: string, run: Run, { root, data, records, work }: Workplace): string {
  const known: Readonly<Record<string, string | number | undefined>> = {
    ...run.set, ...run.options,
    preset: run.preset, seed: run.seed, fold: run.fold, folds: run.folds, variant: run.variant, dataset: run.dataset, engine: run.engine,
    root, data, results: records, out: work, node: process.execPath,
  } as Record<string, string | number | undefined>;
  return word.replaceAll(/\{([\w.-]+)\}/g, (_, name: string) => {
    const value = known[name];
    if (value === undefined) throw new UsageError(`${run.id}: {${name}} in ${JSON.stringify(word)} stands for nothing here; known are ${Object.keys(known).filter((key) => known[key] !== undefined).join(", ")}.`);
    return String(value);
  });
}
