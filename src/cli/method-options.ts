import { Option } from "commander";
import { UsageError } from "../core/index.js";

/** The size of a run; shared by every method's commands. */
export function presetOption(): Option {
  return new Option("--preset <name>", "how large").choices(["quick", "small", "paper"]).default("quick");
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new UsageError(`--seed must be a whole number, but is "${text}".`);
  return value;
}

/** Which layout the images lie in. */
export function ratedDatasetOption(): Option {
  return new Option("--dataset <name>", "whose layout the data has").choices(["lidc", "mbhseg", "refuge"]).default("lidc");
}
