import { seededRandom, type Random } from "../../core/index.js";
import type { LoadedSlice } from "../../datasets/index.js";
import { unet, type UNetWeights } from "../../nn/index.js";
import { boxOfMap, boxOnImage, jitteredBox, type Box } from "./box.js";
import type { RasaloreConfig } from "./config.js";
import { segmenterShape } from "./frozen.js";
import { resized } from "./prepare.js";
import type { TensorFlow } from "./tensorflow.js";

/** A frozen network that draws what a box is round. */
export interface BoxSegmenter {
  readonly name: string;
  /** Side of the mask it gives. */
  readonly maskSize: number;
  /**
   * @param slice whole, before gamma
   * @param box in pixels of the slice
   * @returns how likely each pixel belongs, [maskSize, maskSize]
   */
  segment(slice: Pick<LoadedSlice, "image" | "width" | "height">, box: Box): Promise<Float32Array>;
}

/** The mask of a box. → [size, size] of 0 and 1 */
export function boxMask({ left, top, right, bottom }: Box, size: number): Uint8Array {
  return Uint8Array.from({ length: size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size), i % size];
    return x >= left && x <= right && y >= top && y <= bottom ? 1 : 0;
  });
}

/** The small version's stand-in of MedSAM: a U-Net that sees the image and the mask of the box. */
export function standInSegmenter(tf: TensorFlow, weights: UNetWeights, size: number): BoxSegmenter {
  return {
    name: "stand-in",
    maskSize: size,
    async segment({ image, width, height }, box) {
      const seen = resized({ width, height, data: image }, size, size).data;
      const inside = boxMask(scaled(box, size / width, size / height), size);
      const input = tf.tensor4d(Float32Array.from({ length: 2 * size * size }, (_, i) => (i % 2 === 0 ? seen[i >> 1] / 255 : inside[i >> 1])), [1, size, size, 2]);
      const probability = tf.tidy(() => unet(tf, input, weights, segmenterShape, "eval").sigmoid());
      const values = await probability.data<"float32">();
      tf.dispose([input, probability]);
      return Float32Array.from(values);
    },
  };
}

const scaled = ({ left, top, right, bottom }: Box, across: number, down: number): Box => (
  { left: left * across, right: (right + 1) * across - 1, top: top * down, bottom: (bottom + 1) * down - 1 }
);

/**
 * The segmenter's mask of what the map points at (spec §3.3): its box, moved outward at random, prompts the segmenter, whose answer is
 * stretched to its own range and cut at ½. The draw follows from the slice's name, so it does not depend on the order.
 * @returns 0 and 255, side `maskSize`; undefined where the map is flat
 */
export async function segmenterMask(segmenter: BoxSegmenter, slice: LoadedSlice, map: { readonly size: number; readonly data: Uint8Array }, { guide, form }: RasaloreConfig, random: Random = seededRandom(1)): Promise<{ size: number; data: Uint8Array } | undefined> {
  const tight = boxOfMap(map.data, map.size);
  if (tight === undefined) return undefined;
  const loose = jitteredBox(tight, map.size, guide.jitter, random.stream(slice.slice.id));
  const probability = await segmenter.segment(slice, boxOnImage(loose, map.size, slice.width, form.box));
  const low = probability.reduce((least, p) => Math.min(least, p), Infinity);
  const high = probability.reduce((most, p) => Math.max(most, p), -Infinity);
  return { size: segmenter.maskSize, data: Uint8Array.from(probability, (p) => (high > low && (p - low) / (high - low) > 0.5 ? 255 : 0)) };
}
