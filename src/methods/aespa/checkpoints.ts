import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { isTrainingState, loadTraining, saveTraining, type Adam, type TrainingState } from "../../nn/index.js";
import type { AespaModel } from "./model.js";
import type { TensorFlow } from "./tensorflow.js";

/** One file a run, replaced whole: weights, w⁰, both optimizers and where the run stands. */
const fileName = "checkpoint.safetensors";

export const checkpointPath = (folder: string): string => join(folder, fileName);

/** w⁰, which is no variable. */
export const startName = "start_weights";

type Optimizers = Readonly<Record<string, Adam>>;

const trained = ({ weights }: AespaModel, optimizers: Optimizers) => ({ weights, optimizers: Object.fromEntries(Object.entries(optimizers).map(([name, adam]) => [`${name}/`, adam])) });

/** @returns the file's name */
export async function saveCheckpoint(folder: string, state: TrainingState, model: AespaModel, optimizers: Optimizers = {}): Promise<string> {
  const arrays = new Map([[startName, { shape: [model.start.length], data: model.start }]]);
  await saveTraining(checkpointPath(folder), trained(model, optimizers), state, { arrays });
  return fileName;
}

/**
 * Puts a run's weights, and its optimizers' moments when they are given, in place.
 * @returns the state it was saved in, or undefined when the folder has no checkpoint
 * @throws BadFile when the file is not what this run saves
 */
export async function loadLatest(tf: TensorFlow, folder: string, model: AespaModel, optimizers: Optimizers = {}): Promise<TrainingState | undefined> {
  const path = checkpointPath(folder);
  const found = await loadTraining<TrainingState>(tf, path, trained(model, optimizers), {
    isState: isTrainingState,
    check: ({ arrays }) => {
      if (arrays.get(startName)?.data.length !== model.start.length) throw new BadFile("missing-tensor", path, `has no ${startName} of ${model.start.length} numbers`, "Take a file made with the same model settings.");
    },
  });
  if (found) model.start.set(found.arrays.get(startName)!.data);
  return found?.state;
}
