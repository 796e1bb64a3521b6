import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { isTrainingState, loadTraining, saveTraining, type Adam, type TensorFlow, type TrainingState } from "../../nn/index.js";
import type { AstraWeights } from "./model.js";

/** One saved state: after `epoch` whole epochs and `step` steps of the next. */
export interface CheckpointFile {
  readonly path: string;
  readonly epoch: number;
  readonly step: number;
}

/** The checkpoints of a run folder, furthest last. */
export async function listCheckpoints(folder: string): Promise<CheckpointFile[]> {
  const names = await readdir(join(folder, "checkpoints")).catch(() => [] as string[]);
  const found = names.flatMap((name) => {
    const match = /^epoch(\d+)(?:-step(\d+))?\.safetensors$/.exec(name);
    return match ? [{ path: join(folder, "checkpoints", name), epoch: Number(match[1]), step: Number(match[2] ?? 0) }] : [];
  });
  return found.sort((a, b) => a.epoch - b.epoch || a.step - b.step);
}

export interface SaveOptions {
  readonly state: TrainingState;
  readonly weights: AstraWeights;
  readonly adam: Adam;
  /** Whole epochs to keep; an interrupted epoch's file goes as soon as a later one is there. */
  readonly keep: number;
}

/** Saves a state and drops what it makes superfluous. Returns the file's name. */
export async function saveCheckpoint(folder: string, { state, weights, adam, keep }: SaveOptions): Promise<string> {
  const [epoch, step] = [state.epoch, state.step].map((count) => String(count).padStart(4, "0"));
  const name = `epoch${epoch}${state.step > 0 ? `-step${step}` : ""}.safetensors`;
  await saveTraining(join(folder, "checkpoints", name), { weights, optimizers: { "": adam } }, state);
  const files = await listCheckpoints(folder);
  const whole = files.filter((file) => file.step === 0).slice(-keep);
  const kept = new Set([...whole.map((file) => file.path), files.at(-1)?.path, join(folder, "checkpoints", name)]);
  for (const { path } of files) if (!kept.has(path)) await rm(path, { force: true });
  return basename(name);
}

/**
 * Puts the furthest checkpoint's weights, and the optimizer's moments when one is given, in place.
 * @returns the state it was saved in, or undefined when there is none
 * @throws BadFile when a file is not what this run saves
 */
export async function loadLatest(
  tf: TensorFlow,
  folder: string,
  weights: AstraWeights,
  adam?: Adam,
): Promise<TrainingState | undefined> {
  const latest = (await listCheckpoints(folder)).at(-1);
  if (latest === undefined) return undefined;
  return (await loadTraining<TrainingState>(tf, latest.path, { weights, optimizers: adam ? { "": adam } : {} }, { isState: isTrainingState }))?.state;
}
