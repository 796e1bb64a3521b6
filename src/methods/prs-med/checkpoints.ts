import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { assignArrays, BpeTokenizer, namedVariables, readArrays, readCheckpoint, writeCheckpoint, type Adam, type TrainingState } from "../../nn/index.js";
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
  const arrays = await readArrays(namedVariables(weights));
  if (adam) for (const [slot, array] of await adam.save()) arrays.set(slot, array);
  await tokenizer.save(join(folder, "tokenizer.model"));
  await writeCheckpoint(checkpointPath(folder), { arrays, metadata: { state: JSON.stringify(state) } });
  return fileName;
}

export const readTokenizer = (folder: string): Promise<BpeTokenizer> => BpeTokenizer.read(join(folder, "tokenizer.model"));

/**
 * Puts a run's weights, and its optimizer's moments when it is given, in place.
 * @returns the state it was saved in, or undefined when the folder has no checkpoint
 * @throws BadFile when the file is not what this run saves
 */
export async function loadLatest(tf: TensorFlow, folder: string, model: PrsMedModel, adam?: Adam): Promise<PrsMedState | undefined> {
  const path = checkpointPath(folder);
  if (!(await stat(path).then(() => true, () => false))) return undefined; // prettier-ignore
  const { arrays, metadata } = await readCheckpoint(path);
  assignArrays(tf, namedVariables(model.weights), arrays, path);
  adam?.load(new Map([...arrays].filter(([name]) => name.startsWith("adam."))), path);
  try {
    const state = JSON.parse(metadata.state ?? "") as PrsMedState;
    if (!Number.isInteger(state.training.epoch) || !Array.isArray(state.losses)) throw new SyntaxError("another form");
    return state;
  } catch (cause) {
    throw new BadFile("bad-header", path, "has no training state", "Give a checkpoint that folio train wrote.", { cause });
  }
}
