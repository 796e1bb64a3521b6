import { sha256File } from "../../core/index.js";
import { dataIdentity, inFold, type Fold, type RatedDataset, type RatedImage, type RatedName } from "../../datasets/index.js";
import type { EngineDescription } from "../../engine/index.js";
import { openRunFolder, readRunFolder } from "../../nn/index.js";
import { provenanceNow, type Provenance, type ResultRecord } from "../../results/index.js";
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
  /** A cross-validation: which part of the patients was held out; absent where the folder's own split is used. */
  readonly fold?: Fold;
  readonly config: AespaConfig;
  /** SHA-256 of every data file's name and bytes. */
  readonly data: string;
  /** SHA-256 of the file training started from; absent where it started at random. */
  readonly start?: string;
}

/** Identifies the data by content. */
export const ratedDataHash = (dataset: RatedDataset): Promise<string> => dataIdentity(dataset);

/** The images with the sides a run sees them on. */
export const imagesOf = ({ images }: Pick<RatedDataset, "images">, fold: Fold | undefined): RatedImage[] => inFold(images, fold, { unit: ({ patient }) => patient, validation: "none" });

/** @throws UsageError when the folder holds a run of other settings */
export const openAespaRun = (folder: string, wanted: AespaRun): Promise<void> => openRunFolder(folder, wanted, ({ config }) => checkConfig(config));

/** @throws BadFile when the folder holds no run, or one of something else */
export const readAespaRun = (folder: string): Promise<AespaRun> => readRunFolder<AespaRun>(folder, "aespa", ({ config }) => checkConfig(config));

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
  return provenanceNow({ inputs: { data, ...(folder && { checkpoint: await sha256File(checkpointPath(folder)) }) }, engine, startedAt });
}
