import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { LoadedSlice } from "../../datasets/index.js";
import { patchesASide } from "../../nn/index.js";
import { clipPixels, clipTensor } from "./clip-images.js";
import type { RasaloreForm } from "./config.js";
import { classLogits, classTexts, promptedImage, type DdptModel } from "./ddpt-model.js";
import { heatMap } from "./heat-map.js";
import type { TensorFlow } from "./tensorflow.js";

/** What stage 1 makes of one slice. */
export interface DdptPrediction {
  /** Probability that the slice is unhealthy. */
  readonly unhealthy: number;
  /** From the class token to each patch in the last block, mean over heads: [g, g], row by row. */
  readonly attention: Float32Array;
  /** The same enlarged to CLIP's image; bytes. */
  readonly map: { readonly size: number; readonly data: Uint8Array };
}

/** Slices at once; every batch has this size, the last one filled up, so that one graph serves all. */
const batchSize = 16;

/** Class and heat map of every slice, in order. @throws Interrupted */
export async function predictDdpt(tf: TensorFlow, model: DdptModel, slices: readonly LoadedSlice[], form: RasaloreForm["map"], { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<DdptPrediction[]> {
  const { config } = model.clip;
  const grid = patchesASide(config);
  const texts = tf.tidy(() => classTexts(tf, model));
  const predictions: DdptPrediction[] = [];
  const task = progress.begin("look where DDPT looks", slices.length);
  for (let at = 0; at < slices.length; at += batchSize) {
    stopIfAborted(signal);
    const chosen = slices.slice(at, at + batchSize);
    const filled = Array.from({ length: batchSize }, (_, i) => chosen[Math.min(i, chosen.length - 1)]);
    const images = clipTensor(tf, filled.map((slice) => clipPixels(slice, config.imageSize)), config.imageSize);
    const [probability, looks] = tf.tidy(() => {
      const { features, seen } = promptedImage(tf, images, texts.asking, model);
      return [classLogits(tf, features, texts.features, model.clip).softmax(), tf.slice(seen, [0, 0, 1], [-1, 1, grid * grid])];
    });
    const [p, a] = [await probability.data(), await looks.data<"float32">()];
    tf.dispose([images, probability, looks]);
    for (const i of chosen.keys()) {
      const attention = Float32Array.from(a.subarray(i * grid * grid, (i + 1) * grid * grid));
      predictions.push({ unhealthy: p[2 * i + 1], attention, map: { size: config.imageSize, data: heatMap(attention, grid, config.imageSize, form) } });
    }
    task.update(predictions.length);
  }
  tf.dispose(texts);
  task.end(`${predictions.length} slices`);
  return predictions;
}
