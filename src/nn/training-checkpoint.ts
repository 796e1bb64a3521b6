import { stat } from "node:fs/promises";
import { BadFile } from "../core/index.js";
import { readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.js";
import { assignArrays, namedVariables, readArrays, type NamedArray } from "./named.js";
import type { TensorFlow } from "./tensorflow.js";

/** What a checkpoint needs of an optimizer. */
export interface SavedOptimizer {
  save(): Promise<Map<string, NamedArray>>;
  load(arrays: ReadonlyMap<string, NamedArray>, source: string): void;
}

/** What training changes. */
export interface Trained {
  readonly weights: object;
  /** By what stands before their slots' names in the file, such as `adam/`. */
  readonly optimizers?: Readonly<Record<string, SavedOptimizer>>;
}

/**
 * Writes weights, optimizers and where the run stands (plain JSON), whole or not at all: all that a resumed run needs to go on as if never stopped.
 * @param more further arrays, and further text such as the hash of what the weights go with
 */
export async function saveTraining(path: string, { weights, optimizers = {} }: Trained, state: object, more: Partial<Checkpoint> = {}): Promise<void> {
  const arrays = await readArrays(namedVariables(weights));
  for (const [prefix, optimizer] of Object.entries(optimizers)) for (const [slot, array] of await optimizer.save()) arrays.set(prefix + slot, array);
  for (const [name, array] of more.arrays ?? []) arrays.set(name, array);
  await writeCheckpoint(path, { arrays, metadata: { ...more.metadata, state: JSON.stringify(state) } });
}

export interface LoadOptions<State> {
  /** Whether the file's state is of the form this run saves. */
  readonly isState: (state: State) => boolean;
  /** Looks at the file before anything is changed, and throws where it does not belong to this run. */
  readonly check?: (saved: Checkpoint) => void;
}

/**
 * Puts weights and optimizers back as {@link saveTraining} wrote them.
 * @returns the state and all arrays of the file; undefined when there is no such file
 * @throws BadFile when the file is not what this run saves
 */
export async function loadTraining<State>(tf: TensorFlow, path: string, { weights, optimizers = {} }: Trained, { isState, check }: LoadOptions<State>): Promise<{ state: State; arrays: Checkpoint["arrays"] } | undefined> {
  if (!(await stat(path).then(() => true, () => false))) return undefined; // prettier-ignore
  const saved = await readCheckpoint(path);
  check?.(saved);
  const state = stateOf(saved, path, isState);
  const variables = namedVariables(weights);
  assignArrays(tf, variables, saved.arrays, path);
  const others = new Map(saved.arrays);
  for (const { name } of variables) others.delete(name);
  for (const [prefix, optimizer] of Object.entries(optimizers)) optimizer.load(arraysBelow(others, prefix), path);
  return { state, arrays: saved.arrays };
}

/** The arrays whose names begin so, without that beginning. */
export const arraysBelow = (arrays: ReadonlyMap<string, NamedArray>, prefix: string): Map<string, NamedArray> =>
  new Map([...arrays].filter(([name]) => name.startsWith(prefix)).map(([name, array]) => [name.slice(prefix.length), array]));

function stateOf<State>({ metadata }: Checkpoint, path: string, isState: (state: State) => boolean): State {
  try {
    const state = JSON.parse(metadata.state ?? "") as State;
    if (isState(state)) return state;
  } catch {
    // falls through to the error below
  }
  throw new BadFile("bad-header", path, "has no training state", "Give a checkpoint that folio train wrote.");
}
