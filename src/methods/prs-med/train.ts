import { InvalidValue, seededRandom, silent, type Progress } from "../../core/index.js";
import { heldSource, type PrsCase, type PrsSource } from "../../datasets/index.js";
import { Adam, disposeWeights, runTraining, startOfTraining, type Runner, type TrainingState } from "../../nn/index.js";
import { takeBase, type PrsMedBase } from "./base.js";
import { loadLatest, saveCheckpoint } from "./checkpoints.js";
import { checkConfig, type PrsMedConfig } from "./config.js";
import { picturedRows } from "./pictured-rows.js";
import { initPrsMed, type PrsMedModel } from "./model.js";
import { rateAt } from "./optimise.js";
import { pairedOrder } from "./pictures.js";
import { warmUpPrompt } from "./pretrain/prompt.js";
import { encodeCases, makeTrainStep, trainedVariables, type StepLosses } from "./train-step.js";

export interface TrainPrsMedOptions {
  readonly runner: Runner;
  /** Training rows at `config.imageSize`: in memory, or read by batch. */
  readonly cases: readonly PrsCase[] | PrsSource;
  readonly config: PrsMedConfig;
  readonly base: PrsMedBase;
  readonly seed: number;
  /** Where checkpoints go and where training goes on from; nothing is saved without. */
  readonly folder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface TrainedPrsMed extends PrsMedModel {
  /** One entry a step. */
  readonly losses: readonly StepLosses[];
}

/** Steps between checkpoints. */
const stepsAnEpoch = 50;

/**
 * Trains PRS-Med on a base (spec §4.1, §9 steps 4–5); the last state is the result, nothing is chosen on test rows. With a folder, the state is
 * saved every 50 steps and when the signal fires; a later call goes on from there.
 *
 * @returns the trained model; the caller owns its variables
 * @throws Interrupted when the signal fires; InvalidValue for cases of another size
 */
export async function trainPrsMed({ runner, cases, config, base, seed, folder, progress = silent, signal }: TrainPrsMedOptions): Promise<TrainedPrsMed> {
  const { tf } = runner;
  const { training, form, parts } = checkConfig(config);
  const source = "read" in cases ? cases : heldSource(cases);
  if (source.rows.length === 0 || source.size !== config.imageSize) throw new InvalidValue("train PRS-Med", `needs pictures of ${config.imageSize}×${config.imageSize}`, source.rows.length === 0 ? "none" : source.size);
  const model = initPrsMed(tf, config, base.tokenizer, seed);
  takeBase(tf, base, model);
  const adam = new Adam(tf, trainedVariables(model), training.learningRate, { eps: 1e-6, weightDecay: training.weightDecay });
  const random = seededRandom(seed).stream("prs-med-training");
  try {
    const pictured = await picturedRows(tf, model, source, { progress, signal });
    const begun = folder && (await loadLatest(tf, folder, model, adam));
    const blind = form.conditioning === "none" || form.conditioning === "oracle";
    if (!begun && !blind && parts.head === "convolutions" && parts.promptWarmup === "seven-words") await warmUpPrompt({ runner, model, rows: source.rows, pictured, random: random.stream("prompt"), progress, signal });
    const losses: StepLosses[] = [...(begun ? begun.losses : [])];
    const step = makeTrainStep(runner, model, adam);
    const rows = encodeCases(model, source.rows);
    const order = pairedOrder(source.rows, random.stream("order"));
    await runTraining({
      task: `train PRS-Med (${form.conditioning})`,
      epochs: Math.ceil(training.steps / stepsAnEpoch),
      stepsPerEpoch: Math.min(stepsAnEpoch, training.steps),
      step: async (epoch, within) => {
        const at = epoch * stepsAnEpoch + within;
        adam.learningRate = rateAt(at, training);
        const chosen = Array.from({ length: training.batch }, (_, i) => order(at * training.batch + i));
        const measured = await step({ ...(await pictured(chosen)), rows: chosen.map((row) => rows[row]), classes: at < training.classUntil * training.steps });
        losses.push(measured);
        return measured.total;
      },
      save: async (state: TrainingState) => (folder ? saveCheckpoint(folder, { training: state, losses }, model, adam) : "nothing"),
      progress,
      signal,
    }, begun ? begun.training : startOfTraining(training.learningRate));
    return { ...model, losses };
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  } finally {
    adam.dispose();
  }
}
