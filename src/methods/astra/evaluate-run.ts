import { silent, type Progress } from "../../core/index.js";
import type { DcaseDataset } from "../../datasets/index.js";
import type { Engine } from "../../engine/index.js";
import { disposeWeights } from "../../nn/index.js";
import type { ResultRecord } from "../../results/index.js";
import { evaluateAstra } from "./evaluate.js";
import { astraArtifacts } from "./figure-data.js";
import { astraRecord, provenanceOf } from "./record.js";
import { dataHash, readRun } from "./run-folder.js";
import { loadAstra } from "./train.js";

export interface EvaluateRunOptions {
  readonly engine: Engine;
  readonly dataset: DcaseDataset;
  /** A folder of `folio train astra`. */
  readonly run: string;
  /** What the run itself is called in its record; `attention` unless said, for runs that differ from the preset. */
  readonly variant?: string;
  readonly ablations?: "run" | "skip";
  readonly peers?: "run" | "skip";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a run folder and makes one result record a variant, the method itself first.
 * @throws BadFile when the folder holds no trained run
 */
export async function evaluateRun({
  engine,
  dataset,
  run,
  variant,
  ablations,
  peers,
  progress = silent,
  signal,
}: EvaluateRunOptions): Promise<ResultRecord[]> {
  const startedAt = new Date();
  const { tf } = engine;
  const { config, seed, preset } = await readRun(run);
  const model = await loadAstra(tf, run, dataset, { config, seed });
  const evaluations = await evaluateAstra({ engine, dataset, model, ablations, peers, folder: run, progress, signal });
  const artifacts = await astraArtifacts(tf, dataset, model, { signal });
  disposeWeights(model.weights);
  const data = await dataHash(dataset);
  const provenance = await provenanceOf({ data, run, engine: engine.describe(), startedAt });
  const named = variant === undefined ? evaluations : evaluations.with(0, { ...evaluations[0], variant });
  return named.map((evaluation, i) =>
    astraRecord(evaluation, { dataset, preset, seed, provenance, ...(i === 0 && { artifacts }) }),
  );
}
