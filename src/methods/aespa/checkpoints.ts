import { join } from "node:path";
import { stat } from "node:fs/promises";
import { BadFile } from "../../core/index.js";
import { assignArrays, namedVariables, readArrays, readCheckpoint, writeCheckpoint, type Adam, type NamedArray, type TrainingState } from "../../nn/index.js";
import type { AespaModel } from "./model.js";
import type { TensorFlow } from "./tensorflow.js";

/** One file a run, replaced whole: weights, w⁰, both optimizers and where the run stands. */
const fileName = "checkpoint.safetensors";

export const checkpointPath = (folder: string): string => join(folder, fileName);

/** w⁰, which is no variable. */
export const startName = "start_weights";

/** @returns the file's name */
export async function saveCheckpoint(folder: string, state: TrainingState, model: AespaModel, optimizers: Readonly<Record<string, Adam>> = {}): Promise<string> {
  const arrays = await readArrays(namedVariables(model.weights));
  arrays.set(startName, { shape: [model.start.length], data: model.start });
  for (const [name, adam] of Object.entries(optimizers)) {
    for (const [slot, array] of await adam.save()) arrays.set(`${name}/${slot}`, array);
  }
  await writeCheckpoint(checkpointPath(folder), { arrays, metadata: { state: JSON.stringify(state) } });
  return fileName;
}

/**
 * Puts a run's weights, and its optimizers' moments when they are given, in place.
 * @returns the state it was saved in, or undefined when the folder has no checkpoint
 * @throws BadFile when the file is not what this run saves
 */
export async function loadLatest(tf: TensorFlow, folder: string, model: AespaModel, optimizers: Readonly<Record<string, Adam>> = {}): Promise<TrainingState | undefined> {
  const path = checkpointPath(folder);
  if (!(await stat(path).then(() => true, () => false))) return undefined; // prettier-ignore
  const { arrays, metadata } = await readCheckpoint(path);
  const start = arrays.get(startName);
  if (start?.data.length !== model.start.length) throw new BadFile("missing-tensor", path, `has no ${startName} of ${model.start.length} numbers`, "Take a file made with the same model settings.");
  model.start.set(start.data);
  assignArrays(tf, namedVariables(model.weights), arrays, path);
  for (const [name, adam] of Object.entries(optimizers)) adam.load(slotsOf(arrays, `${name}/`), path);
  const state = parsed(metadata.state);
  if (state === undefined) throw new BadFile("bad-header", path, "has no training state", "Give a checkpoint that folio train wrote.");
  return state;
}

const slotsOf = (arrays: ReadonlyMap<string, NamedArray>, prefix: string): Map<string, NamedArray> =>
  new Map([...arrays].filter(([name]) => name.startsWith(prefix)).map(([name, array]) => [name.slice(prefix.length), array]));

function parsed(text: string | undefined): TrainingState | undefined {
  try {
    const state = JSON.parse(text ?? "") as Partial<TrainingState>;
    return Number.isInteger(state.epoch) && Array.isArray(state.history) ? (state as TrainingState) : undefined;
  } catch {
    return undefined;
  }
}
