import { join } from "node:path";
import { packageRoot } from "../../core/index.js";
import type { Scalar } from "../file/fields.js";
import { runProgram } from "./child.js";
import type { Perform } from "./workplace.js";

/**
 * Trains a method and evaluates it, exactly as `folio train METHOD` and `folio evaluate METHOD` do: an attempt after an
 * interruption goes on from the checkpoint, and a method that has these commands needs nothing else to be part of a study.
 */
export const performMethod: Perform = async (run, at) => {
  if (run.work.kind !== "method") throw new TypeError("performMethod: not a method");
  if (at.data === undefined) throw new TypeError(`${run.id}: no data`); // The planner refuses such a run.
  const { method } = run.work;
  const folio = [process.execPath, join(packageRoot, "dist", "cli", "main.js")];
  const engine = run.engine === "auto" ? [] : ["--engine", run.engine];
  const settings = Object.entries(run.set).map(([name, value]) => `${name}=${value}`);
  const set = settings.length > 0 ? ["--set", ...settings] : [];
  const fold = run.fold === undefined ? [] : ["--fold", String(run.fold), ...(run.folds === undefined ? [] : ["--folds", String(run.folds)])];
  const train = ["train", method, "--data", at.data, "--out", at.work, "--preset", run.preset, "--seed", String(run.seed)];
  await runProgram(`folio train ${method}`, [...folio, ...train, ...engine, ...fold, ...flags(run.options), ...set], at);
  const evaluate = ["evaluate", method, "--run", at.work, "--data", at.data, "--results", at.records];
  await runProgram(`folio evaluate ${method}`, [...folio, ...evaluate, ...engine, ...flags(run.evaluate)], at);
  return {};
};

/** `{ mode: "spa", peers: false }` → `--mode spa --no-peers` */
export function flags(options: Readonly<Record<string, Scalar>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : value === false ? [`--no-${name}`] : [`--${name}`, String(value)]));
}
