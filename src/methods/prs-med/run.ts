import { sha256File } from "../../core/index.js";
import { dataIdentity, inFold, zones, type Fold, type PrsDataset, type PrsRow } from "../../datasets/index.js";
import type { EngineDescription } from "../../engine/index.js";
import { openRunFolder, readRunFolder } from "../../nn/index.js";
import { provenanceNow, type CurvesArtifact, type PanelsArtifact, type Provenance, type ResultRecord } from "../../results/index.js";
import { checkpointPath } from "./checkpoints.js";
import { checkConfig, type PresetName, type PrsMedConfig } from "./config.js";
import { zoneConfusion, type RowScores } from "./measure.js";
import type { VariantName } from "./variants.js";
import type { MetricValue } from "../../core/index.js";

/** `run.json`: what a run folder was made with. A run goes on only with the same. */
export interface PrsMedRun {
  readonly schema: "folio.run/1";
  readonly method: "prs-med";
  readonly preset: PresetName;
  readonly variant: VariantName;
  readonly seed: number;
  /** A cross-validation: which part of the patients was held out; absent where the folder's own split is used. */
  readonly fold?: Fold;
  readonly config: PrsMedConfig;
  /** SHA-256 of every data file's name and bytes. */
  readonly data: string;
  /** What was downloaded and given instead of stand-ins, by its key; absent where nothing was. */
  readonly pretrained?: { readonly llava?: string; readonly encoder?: string };
}

/** The rows with the sides a run sees them on; patients, or source pictures where no patient is known, stay together. */
export const rowsOf = ({ rows }: Pick<PrsDataset, "rows">, fold: Fold | undefined): PrsRow[] => inFold(rows, fold, { unit: ({ group }) => group, stratum: ({ task }) => task, validation: "none" });

/** @throws UsageError when the folder holds a run of other settings */
export const openPrsMedRun = (folder: string, wanted: PrsMedRun): Promise<void> => openRunFolder(folder, wanted, ({ config }) => checkConfig(config));

/** @throws BadFile when the folder holds no run of this method */
export const readPrsMedRun = (folder: string): Promise<PrsMedRun> => readRunFolder<PrsMedRun>(folder, "prs-med", ({ config }) => checkConfig(config));

/** Identifies the data by content. */
export const prsMedDataHash = (dataset: Pick<PrsDataset, "root" | "generated">): Promise<string> => dataIdentity(dataset);

export interface RecordFacts {
  readonly dataset: Pick<PrsDataset, "generated">;
  readonly run: Pick<PrsMedRun, "preset" | "seed" | "config">;
  readonly provenance: Provenance;
}

/** What a record is made of. */
export interface Evaluation {
  readonly variant: string;
  readonly what: string;
  readonly rows: readonly RowScores[];
  readonly metrics: readonly MetricValue[];
  readonly panels?: PanelsArtifact;
  readonly curves?: CurvesArtifact;
}

/** One evaluation as the record a report reads; a row is one question. */
export function prsMedRecord({ variant, what, rows, metrics, panels, curves }: Evaluation, { dataset: { generated }, run, provenance }: RecordFacts): ResultRecord {
  const answered = rows.some(({ answer }) => answer !== null);
  return {
    schema: "folio.result/1",
    id: `prs-med-${variant}-${run.preset}-seed${run.seed}`,
    method: "prs-med",
    variant,
    dataset: { name: generated ? `prs-med-${generated.preset}` : "prs-med", generated: generated !== undefined, ...(generated && { description: generated.note }) },
    split: "test",
    preset: run.preset,
    seed: run.seed,
    config: { ...run.config, what },
    cases: {
      columns: ["case", "picture", "task", "kind", "question", "answer", "position", "dice", "iou", "zone"],
      rows: rows.map(({ case: each, answer, dice, iou, zone }) => [each.id, each.group, each.task, each.kind, each.question, answer ?? "", each.position, dice, iou, zone ?? ""]),
    },
    metrics,
    artifacts: { ...(panels && { panels }), ...(curves && { curves }), ...(answered && { zones: { labels: [...zones, "none"], counts: zoneConfusion(rows, zones) } }) },
    provenance,
  };
}

/** What the numbers came from: data, checkpoint, code, engine. */
export async function prsMedProvenance({ data, folder, engine, startedAt }: { data: string; folder?: string; engine: EngineDescription; startedAt: Date }): Promise<Provenance> {
  return provenanceNow({ inputs: { data, ...(folder && { checkpoint: await sha256File(checkpointPath(folder)) }) }, engine, startedAt });
}
