import { BadFile, silent, type Progress } from "../../core/index.js";
import { heldSource, openPrsSource, readPrsMed, rowsOfSplit, type PrsCase, type PrsSource } from "../../datasets/index.js";
import type { Engine } from "../../engine/index.js";
import { disposeWeights } from "../../nn/index.js";
import { recordOfFold, type ResultRecord } from "../../results/index.js";
import { askAll } from "./ask.js";
import { answerPanels, lossCurves } from "./figure-data.js";
import { loadLatest, readTokenizer } from "./checkpoints.js";
import { scoreRows, summarise, type RowScores } from "./measure.js";
import { initPrsMed, type PrsMedModel } from "./model.js";
import { prsMedDataHash, prsMedProvenance, prsMedRecord, readPrsMedRun, rowsOf, type Evaluation, type PrsMedRun } from "./run.js";
import type { TensorFlow } from "./tensorflow.js";
import type { StepLosses } from "./train-step.js";
import { variants, type VariantName } from "./variants.js";

export interface EvaluateOptions {
  readonly tf: TensorFlow;
  readonly model: PrsMedModel;
  /** Test rows: in memory, or read by batch. */
  readonly cases: readonly PrsCase[] | PrsSource;
  readonly variant: VariantName;
  readonly answers?: "generate" | "skip";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Asks every test question and scores masks and answers; nothing in it knows an answer beforehand. */
export async function evaluatePrsMed({ tf, model, cases, variant, answers, progress = silent, signal }: EvaluateOptions): Promise<Evaluation> {
  const source = "read" in cases ? cases : heldSource(cases);
  const task = progress.begin("ask", source.rows.length);
  const rows: RowScores[] = [];
  let panels: Evaluation["panels"];
  while (rows.length < source.rows.length) {
    const some = await source.read(Array.from({ length: Math.min(atOnce, source.rows.length - rows.length) }, (_, i) => rows.length + i));
    const replies = await askAll(tf, model, some, { answers, batch: Math.min(atOnce, source.rows.length), signal });
    panels ??= answerPanels(some, replies);
    rows.push(...scoreRows(some, replies, { probabilities: model.config.form.probabilities }));
    task.update(rows.length);
  }
  task.end(`${rows.length} answers`);
  return { variant, what: variants[variant].what, rows, metrics: summarise(rows, 1), panels };
}

/** Rows in memory. */
const atOnce = 40;

export interface EvaluateRunOptions {
  readonly engine: Engine;
  /** What `trainPrsMed` wrote. */
  readonly run: string;
  readonly data: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a run folder on the test rows of its data.
 * @throws BadFile when the folder holds no trained run
 */
export async function evaluatePrsMedRun({ engine, run: folder, data, progress, signal }: EvaluateRunOptions): Promise<ResultRecord> {
  const startedAt = new Date();
  const { run, model, losses } = await openTrained(engine.tf, folder);
  try {
    const dataset = await readPrsMed(data);
    const cases = await openPrsSource(rowsOfSplit(rowsOf(dataset, run.fold), "test"), run.config.imageSize, { progress, signal });
    const evaluation = await evaluatePrsMed({ tf: engine.tf, model, cases, variant: run.variant, progress, signal });
    const provenance = await prsMedProvenance({ data: await prsMedDataHash(dataset), folder, engine: engine.describe(), startedAt });
    return recordOfFold(prsMedRecord({ ...evaluation, curves: lossCurves(losses) }, { dataset, run, provenance }), run.fold);
  } finally {
    disposeWeights(model.weights);
  }
}

/**
 * The model of a run folder as its checkpoint left it; the caller owns its variables.
 * @throws BadFile when there is no run or no checkpoint
 */
export async function openTrained(tf: TensorFlow, folder: string): Promise<{ run: PrsMedRun; model: PrsMedModel; losses: readonly StepLosses[] }> {
  const run = await readPrsMedRun(folder);
  const model = initPrsMed(tf, run.config, await readTokenizer(folder), run.seed);
  const state = await loadLatest(tf, folder, model);
  if (state === undefined) {
    disposeWeights(model.weights);
    throw new BadFile("not-found", folder, "holds no checkpoint", "Train first: folio train prs-med --data DIR --out RUN");
  }
  return { run, model, losses: state.losses };
}
