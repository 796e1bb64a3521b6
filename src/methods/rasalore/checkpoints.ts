import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { assignArrays, namedVariables, readArrays, readCheckpoint, writeCheckpoint, type NamedArray, type TrainingState } from "../../nn/index.js";
import type { TensorFlow } from "./tensorflow.js";

/** What a checkpoint needs of an optimizer. */
export interface SavedOptimizer {
  save(): Promise<Map<string, NamedArray>>;
  load(arrays: ReadonlyMap<string, NamedArray>, source: string): void;
}

/**
 * Writes weights, optimizers and where the run stands, whole or not at all.
 * @param facts further text, such as the hash of the location embeddings
 * @returns the file's name
 */
export async function saveState(folder: string, file: string, state: TrainingState, weights: object, optimizers: Readonly<Record<string, SavedOptimizer>>, facts: Readonly<Record<string, string>> = {}): Promise<string> {
  const arrays = await readArrays(namedVariables(weights));
  for (const [name, optimizer] of Object.entries(optimizers)) for (const [slot, array] of await optimizer.save()) arrays.set(`${name}/${slot}`, array);
  await writeCheckpoint(join(folder, file), { arrays, metadata: { ...facts, state: JSON.stringify(state) } });
  return file;
}

/**
 * Puts a run's weights, and its optimizers' state where they are given, in place.
 * @param expected facts that the file must hold; another value is an error
 * @returns the state it was saved in; undefined when there is no such file
 * @throws BadFile when the file is not what this run saves
 */
export async function loadState(
  tf: TensorFlow, folder: string, file: string, weights: object, optimizers: Readonly<Record<string, SavedOptimizer>> = {}, expected: Readonly<Record<string, string>> = {},
): Promise<TrainingState | undefined> {
  const path = join(folder, file);
  if (!(await stat(path).then(() => true, () => false))) return undefined;
  const { arrays, metadata } = await readCheckpoint(path);
  for (const [name, value] of Object.entries(expected)) {
    if (metadata[name] !== value) throw new BadFile("other-embeddings", path, `was trained with another ${name} (${(metadata[name] ?? "none").slice(0, 12)}, here ${value.slice(0, 12)})`, "Use the seed and the form it was trained with.");
  }
  assignArrays(tf, namedVariables(weights), arrays, path);
  for (const [name, optimizer] of Object.entries(optimizers)) {
    optimizer.load(new Map([...arrays].filter(([slot]) => slot.startsWith(`${name}/`)).map(([slot, array]) => [slot.slice(name.length + 1), array])), path);
  }
  const state = parsed(metadata.state);
  if (state === undefined) throw new BadFile("bad-header", path, "has no training state", "Give a checkpoint that folio train wrote.");
  return state;
}

function parsed(text: string | undefined): TrainingState | undefined {
  try {
    const state = JSON.parse(text ?? "") as Partial<TrainingState>;
    return Number.isInteger(state.epoch) && Array.isArray(state.history) ? (state as TrainingState) : undefined;
  } catch {
    return undefined;
  }
}
