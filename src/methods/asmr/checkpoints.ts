import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  arraysBelow, assignArrays, isTrainingState, loadTraining, namedVariables, readArrays, readCheckpoint, saveTraining, writeCheckpoint,
  type Adam, type NamedArray, type TensorFlow, type TrainingState,
} from "../../nn/index.js";

/** The networks of a run folder, one file each, replaced whole. */
export type CheckpointName = "reward-model" | "second-model" | "policy";

export const checkpointPath = (folder: string, name: string): string => join(folder, `${name}.safetensors`);

export interface Trainee {
  readonly weights: object;
  readonly adam: Adam;
  /** Weights that did best on the validation set so far. */
  best?: ReadonlyMap<string, NamedArray>;
}

/**
 * Weights, optimizer, the best weights so far, and where training stands.
 * @returns the file's name
 */
export async function saveTrainee(folder: string, name: string, { weights, adam, best }: Trainee, state: object): Promise<string> {
  const arrays = new Map([...(best ?? [])].map(([slot, array]) => [`best/${slot}`, array] as const));
  await saveTraining(checkpointPath(folder, name), { weights, optimizers: { "adam/": adam } }, state, { arrays });
  return `${name}.safetensors`;
}

/**
 * Puts a trainee back as it was saved.
 * @returns its state, undefined when nothing was saved
 * @throws BadFile when the file is not what this run saves
 */
export async function loadTrainee<State>(tf: TensorFlow, folder: string, name: string, trainee: Trainee): Promise<State | undefined> {
  const found = await loadTraining<State & Partial<TrainingState>>(tf, checkpointPath(folder, name), { weights: trainee.weights, optimizers: { "adam/": trainee.adam } }, { isState: isTrainingState });
  if (found === undefined) return undefined;
  const best = arraysBelow(found.arrays, "best/");
  if (best.size > 0) trainee.best = best;
  return found.state;
}

/**
 * The weights that a finished or running training would hand out: the best ones, or the last where none were chosen.
 * @returns false when there is no such file
 */
export async function loadWeights(tf: TensorFlow, folder: string, name: string, weights: object): Promise<boolean> {
  const path = checkpointPath(folder, name);
  if (!(await stat(path).then(() => true, () => false))) return false; // prettier-ignore
  const { arrays } = await readCheckpoint(path);
  const best = arraysBelow(arrays, "best/");
  assignArrays(tf, namedVariables(weights), best.size > 0 ? best : arrays, path);
  return true;
}

/** Weights alone, as {@link loadWeights} reads them: a network that was trained elsewhere. */
export async function saveWeights(folder: string, name: string, weights: object): Promise<void> {
  await writeCheckpoint(checkpointPath(folder, name), { arrays: await readArrays(namedVariables(weights)), metadata: { state: "{}" } });
}
