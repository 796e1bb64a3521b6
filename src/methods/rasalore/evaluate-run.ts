import { BadFile, canonicalJson, type Progress } from "../../core/index.js";
import { loadSlices, readBrainSlices, type BrainSlices } from "../../datasets/index.js";
import type { Engine } from "../../engine/index.js";
import { disposeWeights } from "../../nn/index.js";
import { recordOfFold, type ResultRecord } from "../../results/index.js";
import { loadState } from "./checkpoints.js";
import { initDdpt, type DdptModel } from "./ddpt-model.js";
import { ddptCheckpoint } from "./ddpt-train.js";
import { evaluateRasalore } from "./evaluate.js";
import { loadFoundations, type FoundationFiles, type Foundations } from "./foundations.js";
import type { RasaloreModel } from "./network.js";
import { guideSlices } from "./pseudo-masks.js";
import { rasaloreProvenance, rasaloreRecord, readRasaloreRun, slicesHash, slicesOf, type RasaloreRun } from "./run.js";
import type { TensorFlow } from "./tensorflow.js";
import { loadTrained } from "./train.js";

export interface OpenedRun {
  readonly run: RasaloreRun;
  readonly ddpt: DdptModel;
  readonly model: RasaloreModel;
  readonly foundations: Foundations;
  dispose(): void;
}

/**
 * Both stages of a run folder as their checkpoints left them.
 * @throws BadFile when there is no run, a checkpoint is missing, or the stand-ins are others than it was trained with
 */
export async function openTrained(tf: TensorFlow, folder: string, files?: Partial<FoundationFiles>): Promise<OpenedRun> {
  const run = await readRasaloreRun(folder);
  const foundations = await loadFoundations(tf, run.preset, run.config, files);
  const owned: object[] = [];
  const dispose = (): void => {
    for (const weights of owned) disposeWeights(weights);
    foundations.dispose();
  };
  try {
    if (canonicalJson(run.frozen) !== canonicalJson(foundations.hashes)) {
      throw new BadFile("other-weights", folder, "was trained on other files of CLIP and of the segmenter", "Give the same files, or train again: folio train rasalore --data DIR --out RUN");
    }
    const ddpt = initDdpt(tf, run.config.ddpt, foundations.clip, run.seed);
    owned.push(ddpt.weights);
    const state = await loadState(tf, folder, ddptCheckpoint, ddpt.weights);
    const model = state && (await loadTrained(tf, folder, run.config, run.seed, run.loreSeed));
    if (model === undefined) throw new BadFile("not-found", folder, "holds no trained stage 1 and 2", "Train first: folio train rasalore --data DIR --out RUN");
    owned.push(model.weights);
    return { run, ddpt, model, foundations, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

export interface EvaluateRunOptions {
  readonly engine: Engine;
  /** A folder of `folio train rasalore`. */
  readonly run: string;
  /** Slices of the release it was trained on, or of another one: then it is a test across datasets, and the records say so. */
  readonly data: string;
  readonly variant?: string;
  readonly baselines?: "run" | "skip";
  /** For `paper`: the published files. */
  readonly files?: Partial<FoundationFiles>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Evaluates a run folder and makes one result record a variant, RASALoRE first. @throws as {@link openTrained} */
export async function evaluateRasaloreRun({ engine, run: folder, data, variant, baselines, files, progress, signal }: EvaluateRunOptions): Promise<ResultRecord[]> {
  const startedAt = new Date();
  const { tf } = engine;
  const dataset: BrainSlices = await readBrainSlices(data);
  const { run, ddpt, model, foundations, dispose } = await openTrained(tf, folder, files);
  try {
    // Another release is a test across datasets: none of its patients was trained on, so its own test side is used.
    const fold = dataset.name === run.dataset ? run.fold : undefined;
    const slices = await loadSlices(slicesOf(dataset, fold).filter(({ split }) => split === "test"), { progress, signal });
    const guided = await guideSlices({ tf, ddpt, segmenter: foundations.segmenter, slices, config: run.config, seed: run.seed, progress, signal });
    const { evaluations } = await evaluateRasalore({ tf, model, guided, variant, baselines, progress, signal });
    const provenance = await rasaloreProvenance({ data: await slicesHash(dataset), folder, engine: engine.describe(), startedAt });
    return evaluations.map((evaluation) => recordOfFold(rasaloreRecord(evaluation, { dataset, run, provenance }), run.fold));
  } finally {
    dispose();
  }
}
