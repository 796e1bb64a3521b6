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
