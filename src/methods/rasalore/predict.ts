import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import { segment, type RasaloreModel } from "./network.js";
import type { PreparedSlice } from "./prepare.js";
import type { TensorFlow } from "./tensorflow.js";

export interface SlicePrediction {
  /** [2S, 2S] of the crop, in (0, 1) */
  readonly probability: Float32Array;
  /** [K] in (0, 1) */
  readonly activations: Float32Array;
}

/** Slices at once; the last batch is filled up, so that one graph serves all. */
const batchSize = 8;

/** ONNX Runtime's own cuts logits at ±18, which makes one value of most of the background; areas under curves need its order. */
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** Stage 2 alone: the image is all it needs. @throws Interrupted */
export async function predictPrepared(tf: TensorFlow, model: RasaloreModel, slices: readonly Pick<PreparedSlice, "image">[], { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<SlicePrediction[]> {
  const { imageSize: size, grid } = model.config.network;
  const predictions: SlicePrediction[] = [];
  const task = progress.begin("segment", slices.length);
  for (let at = 0; at < slices.length; at += batchSize) {
    stopIfAborted(signal);
    const chosen = slices.slice(at, at + batchSize);
    const pixels = new Float32Array(batchSize * size * size);
    for (let i = 0; i < batchSize; i++) pixels.set(chosen[Math.min(i, chosen.length - 1)].image, i * size * size);
    const images = tf.tensor4d(pixels, [batchSize, size, size, 1]);
    const [logits, activations] = tf.tidy(() => {
      const output = segment(tf, images, model, { mode: "eval" });
      return [output.logits, output.activations];
    });
    const [p, a] = [(await logits.data<"float32">()).map(sigmoid), await activations.data<"float32">()];
    tf.dispose([images, logits, activations]);
    const [pixelsEach, points] = [4 * size * size, grid * grid];
    for (const i of chosen.keys()) predictions.push({ probability: p.slice(i * pixelsEach, (i + 1) * pixelsEach), activations: a.slice(i * points, (i + 1) * points) });
    task.update(predictions.length);
  }
  task.end(`${predictions.length} slices`);
  return predictions;
}
