import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { assignArrays, namedVariables, readArrays, readCheckpoint, writeCheckpoint, type Adam, type NamedArray, type TensorFlow } from "../../nn/index.js";

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
 * Weights, optimizer, the best weights so far, and where training stands: all that a resumed run needs to go on as if never stopped.
 * @returns the file's name
 */
export async function saveTrainee(folder: string, name: string, { weights, adam, best }: Trainee, state: object): Promise<string> {
  const arrays = await readArrays(namedVariables(weights));
  for (const [slot, array] of await adam.save()) arrays.set(`adam/${slot}`, array);
  for (const [slot, array] of best ?? []) arrays.set(`best/${slot}`, array);
  await writeCheckpoint(checkpointPath(folder, name), { arrays, metadata: { state: JSON.stringify(state) } });
  return `${name}.safetensors`;
}

/**
 * Puts a trainee back as it was saved.
 * @returns its state, undefined when nothing was saved
 * @throws BadFile when the file is not what this run saves
 */
export async function loadTrainee<State>(tf: TensorFlow, folder: string, name: string, trainee: Trainee): Promise<State | undefined> {
  const path = checkpointPath(folder, name);
  if (!(await exists(path))) return undefined;
  const { arrays, metadata } = await readCheckpoint(path);
  assignArrays(tf, namedVariables(trainee.weights), arrays, path);
  trainee.adam.load(below(arrays, "adam/"), path);
  const best = below(arrays, "best/");
  if (best.size > 0) trainee.best = best;
  return stateOf<State>(metadata.state, path);
}

/**
 * The weights that a finished or running training would hand out: the best ones, or the last where none were chosen.
 * @returns false when there is no such file
 */
export async function loadWeights(tf: TensorFlow, folder: string, name: string, weights: object): Promise<boolean> {
  const path = checkpointPath(folder, name);
  if (!(await exists(path))) return false;
  const { arrays } = await readCheckpoint(path);
  const best = below(arrays, "best/");
  assignArrays(tf, namedVariables(weights), best.size > 0 ? best : arrays, path);
  return true;
}

/** Weights alone, as {@link loadWeights} reads them: a network that was trained elsewhere. */
export async function saveWeights(folder: string, name: string, weights: object): Promise<void> {
  await writeCheckpoint(checkpointPath(folder, name), { arrays: await readArrays(namedVariables(weights)), metadata: { state: "{}" } });
}

const below = (arrays: ReadonlyMap<string, NamedArray>, prefix: string): Map<string, NamedArray> =>
  new Map([...arrays].filter(([name]) => name.startsWith(prefix)).map(([name, array]) => [name.slice(prefix.length), array]));

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false); // prettier-ignore

function stateOf<State>(text: string | undefined, path: string): State {
  try {
    return JSON.parse(text ?? "") as State;
  } catch (cause) {
    throw new BadFile("bad-header", path, "has no training state", "Give a checkpoint that folio train wrote.", { cause });
  }
}
