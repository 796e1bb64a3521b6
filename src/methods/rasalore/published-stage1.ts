import { join } from "node:path";
import { BadFile, sha256File } from "../../core/index.js";
import { assignArrays, disposeWeights, namedVariables, startOfTraining } from "../../nn/index.js";
import { saveState } from "./checkpoints.js";
import type { RasaloreConfig } from "./config.js";
import { initDdpt, type DdptModel } from "./ddpt-model.js";
import { ddptCheckpoint } from "./ddpt-train.js";
import type { FrozenClip } from "./frozen.js";
import { ddptModules, readDdpt } from "./published-weights.js";
import type { TensorFlow } from "./tensorflow.js";

/** Where the published code left a trained stage 1: `<folder>/prompt_learner/model.pth.tar-<epoch>` and two more. */
export interface PublishedStage1 {
  readonly folder: string;
  /** 60 as published. */
  readonly epoch: number;
}

/** SHA-256 of its three files. @throws BadFile when one is missing */
export async function stage1Hashes({ folder, epoch }: PublishedStage1): Promise<Record<string, string>> {
  const hashes = Object.entries(ddptModules).map(async ([name, { folder: own }]) => {
    const path = join(folder, own, `model.pth.tar-${epoch}`);
    const hash = await sha256File(path).catch((cause: unknown) => {
      throw new BadFile("not-found", path, "cannot be read", "Give the folder in which DDPT saved its three modules, and the epoch of the checkpoint.", { cause });
    });
    return [name, hash] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

/**
 * A stage 1 that was trained elsewhere, kept in a run's folder as if it had been trained there.
 * @returns the model; the caller owns its variables
 * @throws BadFile when a file or a tensor is missing, or is of another size than the configuration's
 */
export async function adoptStage1(tf: TensorFlow, stage1: PublishedStage1, { ddpt, network }: RasaloreConfig, clip: FrozenClip, runFolder: string): Promise<DdptModel> {
  const arrays = await readDdpt(stage1.folder, { epoch: stage1.epoch, sizes: { network, clip: ddpt.clip, ddpt } });
  const model = initDdpt(tf, ddpt, clip, 1);
  try {
    assignArrays(tf, namedVariables(model.weights), arrays, stage1.folder);
    await saveState(runFolder, ddptCheckpoint, { ...startOfTraining(0), epoch: stage1.epoch }, model.weights, {});
    return model;
  } catch (error) {
    disposeWeights(model.weights);
    throw error;
  }
}
