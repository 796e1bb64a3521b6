import { join } from "node:path";
import { sha256File, sha256Folder } from "../../core/index.js";
import { inFold, type BrainSlice, type BrainSlices, type Fold, type SliceRules } from "../../datasets/index.js";
import type { EngineDescription } from "../../engine/index.js";
import { provenanceNow, type Provenance, type ResultRecord } from "../../results/index.js";
import { openRunFolder, readRunFolder } from "../../nn/index.js";
import { checkConfig, type PresetName, type RasaloreConfig } from "./config.js";
import type { Evaluation } from "./evaluate.js";
import { sliceMetrics } from "./measure.js";

/** `run.json`: what a run folder was made with. A run goes on only with the same. */
export interface RasaloreRun {
  readonly schema: "folio.run/1";
  readonly method: "rasalore";
  readonly preset: PresetName;
  readonly seed: number;
  /** Seed of the location embeddings. */
  readonly loreSeed: number;
  /** Which release it was trained on. */
  readonly dataset: string;
  /** A cross-validation: which part of the patients was held out; absent where the folder's own split is used. */
  readonly fold?: Fold;
  /** SHA-256 of the files of a stage 1 that was trained elsewhere; absent where it was trained in this folder. */
  readonly stage1?: Readonly<Record<string, string>>;
  readonly config: RasaloreConfig;
  /** How the slices were taken from their volumes; a whole scan is cut alike. */
  readonly rules: SliceRules;
  /** To which side of the body the axes of the volumes pointed; absent where that is not known. A whole scan is turned so. */
  readonly orientation?: string;
  /** SHA-256 over every data file's name and bytes. */
  readonly data: string;
  /** Where the frozen networks came from: `stand-ins` and the file's SHA-256, or the given files'. */
  readonly frozen: Readonly<Record<string, string>>;
}

/** The slices with the sides a run sees them on. */
export const slicesOf = ({ slices }: Pick<BrainSlices, "slices">, fold: Fold | undefined): BrainSlice[] => inFold(slices, fold, { unit: ({ patient }) => patient, validation: "none" });

/** @throws UsageError when the folder holds a run of other settings */
export const openRasaloreRun = (folder: string, wanted: RasaloreRun): Promise<void> => openRunFolder(folder, wanted, ({ config }) => checkConfig(config));

/** @throws BadFile when the folder holds no run, or one of something else */
export const readRasaloreRun = (folder: string): Promise<RasaloreRun> => readRunFolder<RasaloreRun>(folder, "rasalore", ({ config }) => checkConfig(config));

/** How the volumes that slices were cut from lay, as their files say; undefined where they do not. */
export function orientationOfSlices({ extraction }: Pick<BrainSlices, "extraction">): string | undefined {
  return Object.values(extraction?.done ?? {}).find(({ orientation }) => orientation !== undefined)?.orientation;
}

/** Identifies extracted slices by content. */
export const slicesHash = ({ root }: BrainSlices): Promise<string> => sha256Folder(root);

export interface RecordFacts {
  readonly dataset: BrainSlices;
  readonly run: Pick<RasaloreRun, "preset" | "seed" | "config" | "dataset">;
  readonly provenance: Provenance;
  /** Series for figures, such as the loss. */
  readonly artifacts?: ResultRecord["artifacts"];
}

/** One evaluation as the record a report reads; a row is one unhealthy test slice. */
export function rasaloreRecord({ variant, what, rows, metrics }: Evaluation, { dataset: { name, generated }, run, provenance, artifacts }: RecordFacts): ResultRecord {
  const ids = sliceMetrics.map(({ id }) => id);
  const foreign = name === run.dataset ? "" : `-on-${name}`;
  return {
    schema: "folio.result/1",
    id: `rasalore-${variant}${foreign}-${run.preset}-seed${run.seed}`,
    method: "rasalore",
    variant: `${variant}${foreign}`,
    dataset: { name: generated ? `${name}-${generated.preset}` : name, generated: generated !== undefined, ...(generated && { description: generated.note }) },
    split: "test",
    preset: run.preset,
    seed: run.seed,
    config: { ...run.config, what, trainedOn: run.dataset },
    cases: { columns: ["case", "patient", ...ids], rows: rows.map((row) => [row.case, row.patient, ...ids.map((id) => row.scores[id])]) },
    metrics,
    ...(artifacts && { artifacts }),
    provenance,
  };
}

/** What the numbers came from: data, checkpoints, code, engine. */
export async function rasaloreProvenance(
  { data, folder, engine, startedAt }: { data: string; folder?: string; engine: EngineDescription; startedAt: Date },
): Promise<Provenance> {
  const checkpoints: Record<string, string> = folder ? { ddpt: await sha256File(join(folder, "ddpt.safetensors")), checkpoint: await sha256File(join(folder, "rasalore.safetensors")) } : {};
  return provenanceNow({ inputs: { data, ...checkpoints }, engine, startedAt });
}
