import { join } from "node:path";
import { BpeTokenizer, isTrainingState, loadTraining, saveTraining, type Adam, type TrainingState } from "../../nn/index.js";
import type { PrsMedModel } from "./model.js";
import type { TensorFlow } from "./tensorflow.js";
import type { StepLosses } from "./train-step.js";

/** One file a run, replaced whole: weights, optimizer, and where the run stands. */
const fileName = "checkpoint.safetensors";

export const checkpointPath = (folder: string): string => join(folder, fileName);

/** Where a run stands, and what each of its steps measured. */
export interface PrsMedState {
  readonly training: TrainingState;
  readonly losses: readonly StepLosses[];
}

/** @returns the file's name */
export async function saveCheckpoint(folder: string, state: PrsMedState, { weights, tokenizer }: PrsMedModel, adam?: Adam): Promise<string> {
  await tokenizer.save(join(folder, "tokenizer.model"));
  await saveTraining(checkpointPath(folder), { weights, optimizers: adam ? { "": adam } : {} }, state);
  return fileName;
}

export const readTokenizer = (folder: string): Promise<BpeTokenizer> => BpeTokenizer.read(join(folder, "tokenizer.model"));

/**
 * Puts a run's weights, and its optimizer's moments when it is given, in place.
 * @returns the state it was saved in, or undefined when the folder has no checkpoint
 * @throws BadFile when the file is not what this run saves
 */
export async function loadLatest(tf: TensorFlow, folder: string, model: PrsMedModel, adam?: Adam): Promise<PrsMedState | undefined> {
  const found = await loadTraining<PrsMedState>(tf, checkpointPath(folder), { weights: model.weights, optimizers: adam ? { "": adam } : {} }, {
    isState: ({ training, losses }) => isTrainingState(training) && Array.isArray(losses),
  });
  return found?.state;
}
