import { BadFile, type Progress } from "../../core/index.js";
import { loadRatedAll, readRated } from "../../datasets/index.js";
import type { Engine } from "../../engine/index.js";
import { disposeWeights, type EpochRecord } from "../../nn/index.js";
import { recordOfFold, type ResultRecord } from "../../results/index.js";
import { loadLatest } from "./checkpoints.js";
import { evaluateAespa } from "./evaluate.js";
import { aespaArtifacts } from "./figure-data.js";
import { initAespa, type AespaModel } from "./model.js";
import { aespaProvenance, aespaRecord, imagesOf, ratedDataHash, readAespaRun, type AespaRun } from "./run.js";
import type { TensorFlow } from "./tensorflow.js";

export interface EvaluateRunOptions {
  readonly engine: Engine;
  /** A folder of `folio train aespa`. */
  readonly run: string;
  readonly data: string;
  readonly peers?: "run" | "skip";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a run folder and makes one result record a variant, AESPA first.
 * @throws BadFile when the folder holds no trained run
 */
export async function evaluateAespaRun({ engine, run: folder, data, peers, progress, signal }: EvaluateRunOptions): Promise<ResultRecord[]> {
  const startedAt = new Date();
  const { run, model, history } = await openTrained(engine.tf, folder);
  const dataset = await readRated(run.dataset, data, run);
  const cases = await loadRatedAll(imagesOf(dataset, run.fold).filter(({ split }) => split === "test"), run.config.sam.imageSize, { progress, signal });
  const { evaluations, played } = await evaluateAespa({ tf: engine.tf, model, cases, mode: run.mode, peers, progress, signal });
  disposeWeights(model.weights);
  const provenance = await aespaProvenance({ data: await ratedDataHash(dataset), folder, engine: engine.describe(), startedAt });
  const facts = { name: run.dataset, dataset, run, provenance };
  return evaluations.map((evaluation) => recordOfFold(aespaRecord(evaluation, { ...facts, ...(evaluation.variant === run.mode && { artifacts: aespaArtifacts(played, history) }) }), run.fold));
}

/**
 * The model of a run folder as its checkpoint left it; the caller owns its variables.
 * @throws BadFile when there is no run or no checkpoint
 */
export async function openTrained(tf: TensorFlow, folder: string): Promise<{ run: AespaRun; model: AespaModel; history: readonly EpochRecord[] }> {
  const run = await readAespaRun(folder);
  const model = initAespa(tf, run.config, run.seed);
  const state = await loadLatest(tf, folder, model);
  if (state === undefined) {
    disposeWeights(model.weights);
    throw new BadFile("not-found", folder, "holds no checkpoint", "Train first: folio train aespa --data DIR --out RUN");
  }
  return { run, model, history: state.history };
}
