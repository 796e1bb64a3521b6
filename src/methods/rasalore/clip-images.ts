import type { Random } from "../../core/index.js";
import { clipDeviation, clipMean } from "../../nn/index.js";
import { resizeBicubic } from "../../signal/index.js";
import type { Tensor4D, TensorFlow } from "./tensorflow.js";

/** A grey picture at CLIP's size. */
export type ClipPixels = Uint8Array;

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly image: Uint8Array;
}

/** Short side to `size` (bicubic), middle cut out: CLIP's own way to look at a picture. */
export function clipPixels({ width, height, image }: Grey, size: number): ClipPixels {
  const factor = size / Math.min(width, height);
  const [wide, high] = [Math.round(width * factor), Math.round(height * factor)];
  const { data } = resizeBicubic({ width, height, channels: 1, data: image }, wide, high);
  const [left, top] = [Math.round((wide - size) / 2), Math.round((high - size) / 2)];
  return Uint8Array.from({ length: size * size }, (_, i) => data[(top + Math.floor(i / size)) * wide + left + (i % size)]);
}

/** A random part of 8 % to 100 % of the picture, of a ratio from 3:4 to 4:3, at CLIP's size. As torchvision's RandomResizedCrop. */
export function randomCrop({ width, height, image }: Grey, size: number, random: Random): ClipPixels {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * random.uniform(0.08, 1);
    const ratio = Math.exp(random.uniform(Math.log(3 / 4), Math.log(4 / 3)));
    const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const [top, left] = [random.integer(height - h + 1), random.integer(width - w + 1)];
    const part = Uint8Array.from({ length: w * h }, (_, i) => image[(top + Math.floor(i / w)) * width + left + (i % w)]);
    return resizeBicubic({ width: w, height: h, channels: 1, data: part }, size, size).data;
  }
  return clipPixels({ width, height, image }, size);
}

export const mirrored = (pixels: ClipPixels, size: number): ClipPixels => pixels.map((_, i) => pixels[i - (i % size) + size - 1 - (i % size)]);

/** Grey bytes three times, with CLIP's means and deviations taken off. → [B, S, S, 3] */
export function clipTensor(tf: TensorFlow, batch: readonly ClipPixels[], size: number): Tensor4D {
  const values = new Float32Array(batch.length * size * size * 3);
  let at = 0;
  for (const pixels of batch) for (const value of pixels) for (let c = 0; c < 3; c++) values[at++] = (value / 255 - clipMean[c]) / clipDeviation[c];
  return tf.tensor4d(values, [batch.length, size, size, 3]);
}
