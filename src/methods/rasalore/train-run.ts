import type { Progress } from "../../core/index.js";
import { loadSlices, publishedRules, type BrainSlices, type Fold } from "../../datasets/index.js";
import { disposeWeights, parameterCount, type Runner } from "../../nn/index.js";
import type { PresetName, RasaloreConfig } from "./config.js";
import { trainDdpt } from "./ddpt-train.js";
import { loadFoundations, type FoundationFiles } from "./foundations.js";
import { adoptStage1, stage1Hashes, type PublishedStage1 } from "./published-stage1.js";
import { guideSlices, savePseudoMasks } from "./pseudo-masks.js";
import { openRasaloreRun, orientationOfSlices, slicesHash, slicesOf } from "./run.js";
import { trainRasalore } from "./train.js";

export interface TrainRunOptions {
  readonly engine: Runner;
  readonly dataset: BrainSlices;
  readonly folder: string;
  readonly preset: PresetName;
  readonly seed: number;
  /** Seed of the location embeddings where it is to differ. */
  readonly loreSeed?: number;
  /** The part of a cross-validation to hold out; the folder's own split when absent. */
  readonly fold?: Fold;
  readonly config: RasaloreConfig;
  /** For `paper`: the published files. */
  readonly files?: Partial<FoundationFiles>;
  /** A stage 1 that the published code trained; trained here when absent. Its class prompts are made of raw texts, whatever the configuration says. */
  readonly stage1?: PublishedStage1;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface TrainedRun {
  /** Slices stage 1 learned from; none where it was given. */
  readonly stage1TrainedOn: number;
  /** Unhealthy slices stage 2 learned from. */
  readonly trainedOn: number;
  readonly parameters: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/**
 * Both stages in a run folder: prompts, pseudo masks (also written as PNGs), network. The same call goes on where one was stopped.
 * @throws UsageError when the folder holds a run of other settings; Interrupted with the state saved
 */
export async function trainRasaloreRun({ engine, dataset, folder, preset, seed, loreSeed = seed, fold, files, stage1, progress, signal, ...options }: TrainRunOptions): Promise<TrainedRun> {
  const { tf } = engine;
  const config: RasaloreConfig = stage1 ? { ...options.config, ddpt: { ...options.config.ddpt, promptTexts: "raw" } } : options.config;
  const { clip, segmenter, hashes, dispose } = await loadFoundations(tf, preset, config, files);
  try {
    const rules = dataset.extraction?.rules ?? publishedRules;
    const orientation = orientationOfSlices(dataset);
    await openRasaloreRun(folder, { schema: "folio.run/1", method: "rasalore", preset, seed, loreSeed, dataset: dataset.name, ...(fold && { fold }), ...(stage1 && { stage1: await stage1Hashes(stage1) }), config, rules, ...(orientation && { orientation }), data: await slicesHash(dataset), frozen: hashes });
    const slices = await loadSlices(slicesOf(dataset, fold).filter(({ split }) => split === "train"), { progress, signal });
    const ddpt = stage1 ? { ...(await adoptStage1(tf, stage1, config, clip, folder)), trainedOn: 0 } : await trainDdpt({ engine, slices, config: config.ddpt, clip, seed, folder, progress, signal });
    const unhealthy = slices.filter(({ slice }) => slice.label === "unhealthy");
    const guided = await guideSlices({ tf, ddpt, segmenter, slices: unhealthy, config, seed, progress, signal });
    disposeWeights(ddpt.weights);
    await savePseudoMasks(folder, guided);
    const model = await trainRasalore({ engine, guided, config, seed, loreSeed, folder, progress, signal });
    const [firstLoss, lastLoss] = [model.history[0].loss, model.history.at(-1)!.loss];
    const report = { stage1TrainedOn: ddpt.trainedOn, trainedOn: model.trainedOn, parameters: parameterCount(model.weights), firstLoss, lastLoss };
    disposeWeights(model.weights);
    return report;
  } finally {
    dispose();
  }
}
