import { stopIfAborted } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { magnitude } from "../../nn/index.js";
import { zeroFilledComplex } from "./reconstruct.js";
import { segment, segmentPicture, type Segmenter } from "./segmenter.js";
import { kspaceTensors, vectors, type KspaceSlice } from "./slices.js";
import type { Tensor, Tensor2D, Tensor3D } from "./tensorflow.js";

/** What a mask gives for one slice. */
export interface Prediction {
  /** [size, size], |ifft(m ⊙ k)| */
  readonly picture: Float32Array;
  /** [size, size] of 0 … 3 */
  readonly label: Uint8Array;
}

/** Reconstructs and segments slices with their masks, a fixed number at a time. */
export type Predict = (slices: readonly KspaceSlice[], masks: readonly Float32Array[], signal?: AbortSignal) => Promise<Prediction[]>;

/** A network as that function, compiled once. */
export function predictor({ tf, step }: Pick<Engine, "tf" | "step">, segmenter: Segmenter, batch = 32): Predict {
  const compiled = step((kReal: Tensor3D, kImag: Tensor3D, mask: Tensor2D): Tensor[] => {
    const kspace = { real: kReal, imag: kImag };
    const picture = magnitude(tf, zeroFilledComplex(tf, kspace, mask, segmenter.config.data.hermitian));
    const logits = segmenter.weights.conv_kspace === undefined ? segmentPicture(tf, picture, segmenter, "eval")[0] : segment(tf, kspace, mask, segmenter);
    return [picture, logits.argMax(-1)];
  });
  return async (slices, masks, signal) => {
    const out: Prediction[] = [];
    for (let at = 0; at < slices.length; at += batch) {
      stopIfAborted(signal);
      const own = Array.from({ length: batch }, (_, i) => Math.min(slices.length - 1, at + i)); // one batch shape
      const { size } = slices[0];
      const inputs = [...kspaceTensors(tf, own.map((i) => slices[i])), vectors(tf, own.map((i) => masks[i]))] as const;
      const [picture, label] = compiled(...inputs);
      const [pictures, labels] = [await picture.data<"float32">(), await label.data<"int32">()];
      tf.dispose([...inputs, picture, label]);
      for (let i = 0; i < batch && at + i < slices.length; i++)
        out.push({ picture: Float32Array.from(pictures.subarray(i * size * size, (i + 1) * size * size)), label: Uint8Array.from(labels.subarray(i * size * size, (i + 1) * size * size)) });
    }
    return out;
  };
}

/**
 * Dice of each structure over all slices together, as training is watched: RV, MYO, LV. 1 for a structure that is nowhere.
 * Reports measure a volume at a time instead.
 */
export function pooledDice(predicted: readonly Uint8Array[], truth: readonly Uint8Array[]): [rv: number, myo: number, lv: number] {
  const [both, sum] = [new Float64Array(4), new Float64Array(4)];
  for (const [i, labels] of predicted.entries()) {
    for (let pixel = 0; pixel < labels.length; pixel++) {
      const [p, t] = [labels[pixel], truth[i][pixel]];
      sum[p]++;
      sum[t]++;
      if (p === t) both[p]++;
    }
  }
  const dice = (structure: number): number => (sum[structure] === 0 ? 1 : (2 * both[structure]) / sum[structure]);
  return [dice(1), dice(2), dice(3)];
}

export const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
