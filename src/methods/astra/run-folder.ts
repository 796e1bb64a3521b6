import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, canonicalJson, sha256, sha256Folder, UsageError, writeJsonAtomic } from "../../core/index.js";
import type { DcaseDataset } from "../../datasets/index.js";
import { checkConfig, type AstraConfig, type PresetName } from "./config.js";

/** `run.json`: what a run folder was made with. A run goes on only with the same. */
export interface AstraRun {
  readonly schema: "folio.run/1";
  readonly method: "astra";
  readonly preset: PresetName;
  readonly seed: number;
  readonly config: AstraConfig;
  /** SHA-256 of every data file's name and bytes. */
  readonly data: string;
  readonly attributeDim: number;
  /** SHA-256 of the file the backbone started from; null when it started at random. */
  readonly backbone: string | null;
}

/** Identifies a data folder by content: by its mark's list of hashes when Folio made it, else by reading every file. */
export async function dataHash({ root, generated }: Pick<DcaseDataset, "root" | "generated">): Promise<string> {
  return generated?.complete ? sha256(generated.files) : sha256Folder(root);
}

/**
 * Opens a run folder: a new one is begun, one of the same settings goes on.
 * @throws UsageError when the folder holds a run of other settings; the message names the first difference
 */
export async function openRun(folder: string, wanted: AstraRun): Promise<void> {
  const found = await readRunFile(folder);
  if (found === undefined) {
    await writeJsonAtomic(join(folder, "run.json"), wanted);
    return;
  }
  const difference = firstDifference(found, wanted);
  if (difference)
    throw new UsageError(`${folder} holds a run with another ${difference}. Give another --out, or delete that folder.`);
}

/**
 * @throws BadFile when the folder holds no run, or one of something else
 */
export async function readRun(folder: string): Promise<AstraRun> {
  const run = await readRunFile(folder);
  if (run === undefined)
    throw new BadFile(
      "not-found",
      join(folder, "run.json"),
      "is not there",
      "Train first: folio train astra --data DIR --out RUN",
    );
  return run;
}

async function readRunFile(folder: string): Promise<AstraRun | undefined> {
  const path = join(folder, "run.json");
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const run = JSON.parse(text) as AstraRun;
    if (run.schema !== "folio.run/1" || run.method !== "astra") throw new SyntaxError("another schema or method");
    checkConfig(run.config);
    return run;
  } catch (cause) {
    throw new BadFile(
      "bad-header",
      path,
      "is not the description of an ASTRA run",
      "Give a folder that folio train astra wrote.",
      { cause },
    );
  }
}

function firstDifference(found: AstraRun, wanted: AstraRun): string | undefined {
  for (const field of ["preset", "seed", "data", "backbone"] as const) if (found[field] !== wanted[field]) return field;
  for (const section of Object.keys(wanted.config) as (keyof AstraConfig)[]) {
    const [a, b] = [found.config[section], wanted.config[section]] as unknown as Record<string, unknown>[];
    const field = Object.keys(b).find((name) => canonicalJson([a?.[name]]) !== canonicalJson([b[name]]));
    if (field) return `${section}.${field}`;
  }
  return undefined;
}
