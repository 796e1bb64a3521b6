import { stopIfAborted } from "../../core/index.js";
import { pixelTensor } from "./batch.js";
import { imageTokens } from "./config.js";
import { towerTokens, type PrsMedModel } from "./model.js";
import type { TensorFlow } from "./tensorflow.js";

/** Pictures whose pixels take 128 MiB as numbers, 64 at most. */
export const atOnce = (size: number): number => Math.max(1, Math.min(64, Math.floor(2 ** 27 / (12 * size * size))));

/**
 * The frozen tower's tokens of many pictures, computed once: [N, tokens, C] end to end.
 * @param batch pictures at once; the last batch is padded, so that all have one shape
 * @throws Interrupted
 */
export async function towerTable(tf: TensorFlow, model: PrsMedModel, pictures: readonly Uint8Array[], signal?: AbortSignal, batch = atOnce(model.config.imageSize)): Promise<Float32Array> {
  const { config, weights } = model;
  const each = imageTokens(config) * config.clip.visionWidth;
  const table = new Float32Array(pictures.length * each);
  for (let from = 0; from < pictures.length; from += batch) {
    stopIfAborted(signal);
    const some = Array.from({ length: batch }, (_, i) => pictures[Math.min(from + i, pictures.length - 1)]);
    const tokens = tf.tidy(() => towerTokens(tf, pixelTensor(tf, some, config.imageSize), weights.vlm, config));
    table.set((await tokens.data<"float32">()).subarray(0, (Math.min(pictures.length, from + batch) - from) * each), from * each);
    tokens.dispose();
  }
  return table;
}
