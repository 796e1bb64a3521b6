import { Option, type Command } from "commander";
import { UsageError } from "../core/index.js";
import type { Fold } from "../datasets/index.js";
import { countingNumber, wholeNumber } from "./option-values.js";

/** What every `folio train METHOD` takes. */
export interface TrainOptions {
  readonly data: string;
  readonly out: string;
  readonly preset: "quick" | "small" | "paper";
  readonly seed: number;
  readonly engine: string;
  readonly json?: boolean;
}

/** @param data what `--data` is, in the help */
export function trainOptions(command: Command, data: string): Command {
  return command
    .requiredOption("--data <folder>", data)
    .requiredOption("--out <folder>", "where the run and its checkpoints go")
    .addOption(new Option("--preset <name>", "how large").choices(["quick", "small", "paper"]).default("quick"))
    .option("--seed <number>", "fixes every random draw", wholeNumber, 1)
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .option("--json", "print what was done as JSON");
}

export interface FoldOptions {
  readonly fold?: number;
  readonly folds?: number;
}

/** A round of a cross-validation instead of the folder's own split, for methods whose data can be dealt by patient. */
export function foldOptions(command: Command): Command {
  return command
    .option("--fold <number>", "cross-validation: test on this part of the patients and train on the others", countingNumber)
    .option("--folds <number>", "with --fold: how many parts the patients are dealt into (default: 5)", countingNumber);
}

/** @throws UsageError for --folds alone, and for a part that does not exist */
export function foldOf({ fold, folds }: FoldOptions): Fold | undefined {
  if (fold === undefined && folds !== undefined) throw new UsageError("--folds goes with --fold, which says which of the parts is held out.");
  if (fold === undefined) return undefined;
  const all = folds ?? 5;
  if (all < 2 || fold > all) throw new UsageError(`--fold must be a whole number from 1 to ${Math.max(2, all)}, but is ${fold}.`);
  return { fold, folds: all };
}

/** What every `folio evaluate METHOD` takes, besides the data. */
export interface EvaluateOptions {
  readonly run: string;
  readonly results?: string;
  readonly engine: string;
  readonly json?: boolean;
}

export function evaluateOptions(command: Command): Command {
  return command
    .requiredOption("--run <folder>", `what \`folio train ${command.name()}\` wrote`)
    .option("--results <folder>", "write result records for reports here")
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .option("--json", "print every measured value as JSON");
}

/** Which layout the images lie in. */
export function ratedDatasetOption(): Option {
  return new Option("--dataset <name>", "whose layout the data has").choices(["lidc", "mbhseg", "refuge"]).default("lidc");
}

/**
 * What `--set` gives: values are JSON where they can be, text otherwise.
 * @example parseSettings(["scoring.clusters=1", "corrections.attributes=zero"]) // { "scoring.clusters": 1, "corrections.attributes": "zero" }
 * @throws UsageError for one that is not name=value
 */
export function parseSettings(settings: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf("=");
      if (at < 1) throw new UsageError(`--set needs name=value, such as training.epochs=20, but got "${setting}".`);
      const [name, text] = [setting.slice(0, at), setting.slice(at + 1)];
      return [name, parsedValue(text)];
    }),
  );
}

function parsedValue(text: string): unknown {
  if (text !== "" && Number.isFinite(Number(text))) return Number(text);
  if (!text.startsWith("[")) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--set: ${text} is no list; write it as [1,2].`);
  }
}
