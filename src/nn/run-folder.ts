import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, canonicalJson, UsageError, writeJsonAtomic } from "../core/index.js";

/** `run.json` of any method: what a run folder was made with. A run goes on only with the same. */
export interface RunDescription {
  readonly schema: "folio.run/1";
  readonly method: string;
}

/**
 * Opens a run folder: a new one is begun, one of the same settings goes on.
 * @throws UsageError when the folder holds a run of other settings; the message names the first difference
 */
export async function openRunFolder<Run extends RunDescription & { readonly config: object }>(folder: string, wanted: Run, check: (run: Run) => void): Promise<void> {
  const found = await readText(folder);
  if (found === undefined) return writeJsonAtomic(join(folder, "run.json"), wanted);
  const run = await readRunFolder<Run>(folder, wanted.method, check);
  const difference = firstDifference(run, wanted);
  if (difference) throw new UsageError(`${folder} holds a run with another ${difference}. Give another --out, or delete that folder.`);
}

/** @throws BadFile when the folder holds no run, or one of something else */
export async function readRunFolder<Run extends RunDescription>(folder: string, method: string, check: (run: Run) => void): Promise<Run> {
  const path = join(folder, "run.json");
  const text = await readText(folder);
  if (text === undefined) throw new BadFile("not-found", path, "is not there", `Train first: folio train ${method} --data DIR --out RUN`);
  try {
    const run = JSON.parse(text) as Run;
    if (run.schema !== "folio.run/1" || run.method !== method) throw new SyntaxError("another schema or method");
    check(run);
    return run;
  } catch (cause) {
    throw new BadFile("bad-header", path, `is not the description of a run of ${method}`, `Give a folder that folio train ${method} wrote.`, { cause });
  }
}

const readText = (folder: string): Promise<string | undefined> => readFile(join(folder, "run.json"), "utf8").catch(() => undefined);

function firstDifference<Run extends { readonly config: object }>({ config: foundConfig, ...found }: Run, { config, ...wanted }: Run): string | undefined {
  const differ = (a: unknown, b: unknown): boolean => canonicalJson([a]) !== canonicalJson([b]);
  const at = (value: object, key: string): unknown => (value as Record<string, unknown>)[key];
  const own = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].find((key) => differ(at(found, key), at(wanted, key)));
  if (own !== undefined) return own;
  const section = Object.keys(config).find((key) => differ(at(foundConfig, key), at(config, key)));
  if (section === undefined) return undefined;
  const [a, b] = [at(foundConfig, section) as object, at(config, section) as object];
  const field = Object.keys(b).find((key) => differ(at(a ?? {}, key), at(b, key)));
  return ["config", section, field].filter(Boolean).join(".");
}
