import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { isTrainingState, loadTraining, saveTraining, type SavedOptimizer, type TrainingState } from "../../nn/index.js";
import type { TensorFlow } from "./tensorflow.js";

type Optimizers = Readonly<Record<string, SavedOptimizer>>;

const below = (optimizers: Optimizers): Optimizers => Object.fromEntries(Object.entries(optimizers).map(([name, optimizer]) => [`${name}/`, optimizer]));

/**
 * Writes weights, optimizers and where the run stands, whole or not at all.
 * @param facts further text, such as the hash of the location embeddings
 * @returns the file's name
 */
export async function saveState(folder: string, file: string, state: TrainingState, weights: object, optimizers: Optimizers, facts: Readonly<Record<string, string>> = {}): Promise<string> {
  await saveTraining(join(folder, file), { weights, optimizers: below(optimizers) }, state, { metadata: facts });
  return file;
}

/**
 * Puts a run's weights, and its optimizers' state where they are given, in place.
 * @param expected facts that the file must hold; another value is an error
 * @returns the state it was saved in; undefined when there is no such file
 * @throws BadFile when the file is not what this run saves
 */
export async function loadState(
  tf: TensorFlow, folder: string, file: string, weights: object, optimizers: Optimizers = {}, expected: Readonly<Record<string, string>> = {},
): Promise<TrainingState | undefined> {
  const path = join(folder, file);
  const found = await loadTraining<TrainingState>(tf, path, { weights, optimizers: below(optimizers) }, {
    isState: isTrainingState,
    check: ({ metadata }) => {
      for (const [name, value] of Object.entries(expected)) {
        if (metadata[name] !== value) throw new BadFile("other-embeddings", path, `was trained with another ${name} (${(metadata[name] ?? "none").slice(0, 12)}, here ${value.slice(0, 12)})`, "Use the seed and the form it was trained with.");
      }
    },
  });
  return found?.state;
}
