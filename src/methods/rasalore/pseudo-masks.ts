import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { LoadedSlice } from "../../datasets/index.js";
import { writePng } from "../../io/index.js";
import type { RasaloreConfig } from "./config.js";
import type { DdptModel } from "./ddpt-model.js";
import { predictDdpt, type DdptPrediction } from "./ddpt-predict.js";
import type { PseudoMaskBytes } from "./prepare.js";
import { segmenterMask, type BoxSegmenter } from "./segmenter.js";
import type { TensorFlow } from "./tensorflow.js";

/** A slice, what stage 1 says of it, and the two masks made of that. */
export interface GuidedSlice {
  readonly loaded: LoadedSlice;
  readonly prediction: DdptPrediction;
  readonly masks: PseudoMaskBytes;
}

export interface GuideOptions {
  readonly tf: TensorFlow;
  readonly ddpt: DdptModel;
  readonly segmenter: BoxSegmenter;
  readonly slices: readonly LoadedSlice[];
  readonly config: RasaloreConfig;
  readonly seed: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Stage 1's heat map of every slice and, prompted by its box, the segmenter's mask. Every slice that is given gets them, and none else (spec §8.13).
 * @throws Interrupted
 */
export async function guideSlices({ tf, ddpt, segmenter, slices, config, seed, progress = silent, signal }: GuideOptions): Promise<GuidedSlice[]> {
  const predictions = await predictDdpt(tf, ddpt, slices, config.form.map, { progress, signal });
  const random = seededRandom(seed).stream("box-jitter");
  const task = progress.begin("prompt the segmenter", slices.length);
  const guided: GuidedSlice[] = [];
  for (const [i, loaded] of slices.entries()) {
    stopIfAborted(signal);
    const { map } = predictions[i];
    guided.push({ loaded, prediction: predictions[i], masks: { map, segmenter: await segmenterMask(segmenter, loaded, map, config, random) } });
    task.update(i + 1, loaded.slice.id);
  }
  task.end(`${guided.length} slices`);
  return guided;
}

/** Writes both masks of every slice as PNGs under the published folders' names. */
export async function savePseudoMasks(folder: string, guided: readonly GuidedSlice[]): Promise<void> {
  for (const { loaded: { slice }, masks } of guided) {
    for (const [name, mask] of [["Maps", masks.map], ["MedSAM_Mask_with_DDPT_Prompt_Box", masks.segmenter]] as const) {
      if (mask === undefined) continue;
      const place = join(folder, slice.split === "train" ? "Training_images" : "Testing_images", name);
      await mkdir(place, { recursive: true });
      await writePng(join(place, `${slice.id}.png`), { width: mask.size, height: mask.size, channels: 1, data: mask.data });
    }
  }
}
