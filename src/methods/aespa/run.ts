import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, canonicalJson, codeIdentity, sha256, sha256File, sha256Folder, UsageError, writeJsonAtomic } from "../../core/index.js";
import type { RatedDataset, RatedName } from "../../datasets/index.js";
import type { EngineDescription } from "../../engine/index.js";
import type { Provenance, ResultRecord } from "../../results/index.js";
import { checkConfig, type AespaConfig, type PresetName } from "./config.js";
import { checkpointPath } from "./checkpoints.js";
import type { Evaluation } from "./evaluate.js";
import type { AespaArtifacts } from "./figure-data.js";
import { roundMetrics } from "./measure.js";

export type RunMode = "aespa" | "spa";

/** `run.json`: what a run folder was made with. A run goes on only with the same. */
export interface AespaRun {
  readonly schema: "folio.run/1";
  readonly method: "aespa";
  /** Which of the two methods trained the network; SPA is the parent. */
  readonly mode: RunMode;
  readonly preset: PresetName;
  readonly seed: number;
  readonly dataset: RatedName;
  /** MBHSeg's multi-class form: the class that counts as foreground; absent where any does. */
  readonly classIndex?: number;
  readonly config: AespaConfig;
  /** SHA-256 of every data file's name and bytes. */
  readonly data: string;
  /** SHA-256 of the file training started from; absent where it started at random. */
  readonly start?: string;
}

/** Identifies the data by content: by its mark's list of hashes when Folio made it, else by reading every file. */
export async function ratedDataHash({ root, generated }: RatedDataset): Promise<string> {
  return generated?.complete ? sha256(canonicalJson(generated.files)) : sha256Folder(root);
}

/**
 * Opens a run folder: a new one is begun, one of the same settings goes on.
 * @throws UsageError when the folder holds a run of other settings
 */
export async function openAespaRun(folder: string, wanted: AespaRun): Promise<void> {
  const found = await readFile(join(folder, "run.json"), "utf8").catch(() => undefined);
  if (found === undefined) return writeJsonAtomic(join(folder, "run.json"), wanted);
  const run = await readAespaRun(folder);
  const other = (["mode", "preset", "seed", "dataset", "classIndex", "data", "start", "config"] as const).find((field) => canonicalJson([run[field]]) !== canonicalJson([wanted[field]]));
  if (other) throw new UsageError(`${folder} holds a run with another ${other}. Give another --out, or delete that folder.`);
}

/** @throws BadFile when the folder holds no run, or one of something else */
export async function readAespaRun(folder: string): Promise<AespaRun> {
  const path = join(folder, "run.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", path, "is not there", "Train first: folio train aespa --data DIR --out RUN", { cause });
  });
  try {
    const run = JSON.parse(text) as AespaRun;
    if (run.schema !== "folio.run/1" || run.method !== "aespa") throw new SyntaxError("another schema or method");
    checkConfig(run.config);
    return run;
  } catch (cause) {
    throw new BadFile("bad-header", path, "is not the description of an AESPA run", "Give a folder that folio train aespa wrote.", { cause });
  }
}

export interface RecordFacts {
  readonly name: RatedName;
  readonly dataset: RatedDataset;
  readonly run: Pick<AespaRun, "preset" | "seed" | "config" | "classIndex">;
  readonly provenance: Provenance;
  /** For the variant that is the method itself; its peers have none. */
  readonly artifacts?: AespaArtifacts;
}

/** One evaluation as the record a report reads; a row is one session after one round. */
export function aespaRecord({ variant, what, rows, metrics }: Evaluation, { name, dataset: { generated }, run, provenance, artifacts }: RecordFacts): ResultRecord {
  const ids = roundMetrics.map(({ id }) => id);
  return {
    schema: "folio.result/1",
    id: `aespa-${variant}-${run.preset}-seed${run.seed}`,
    method: "aespa",
    variant,
    dataset: { name: `${name}${generated ? `-${generated.preset}` : ""}${run.classIndex === undefined ? "" : `-class-${run.classIndex}`}`, generated: generated !== undefined, ...(generated && { description: generated.note }) },
    split: "test",
    preset: run.preset,
    seed: run.seed,
    config: { ...run.config, what },
    cases: {
      columns: ["case", "patient", "rater", "round", ...ids],
      rows: rows.map((row) => [row.case, row.patient, row.rater + 1, row.round, ...ids.map((id) => row.scores[id])]),
    },
    metrics,
    ...(artifacts && { artifacts: { ...artifacts } }),
    provenance,
  };
}

/** What the numbers came from: data, checkpoint, code, engine. */
export async function aespaProvenance(
  { data, folder, engine, startedAt }: { data: string; folder?: string; engine: EngineDescription; startedAt: Date },
): Promise<Provenance> {
  return {
    inputs: { data, ...(folder && { checkpoint: await sha256File(checkpointPath(folder)) }) },
    ...(await codeIdentity()),
    engine: engine.name,
    device: engine.device,
    node: process.versions.node,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
  };
}
