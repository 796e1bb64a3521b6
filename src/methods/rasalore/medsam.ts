import type { LoadedSlice } from "../../datasets/index.js";
import { boxTokens, densePositions, imageEncoder, maskDecoder, maskPrompt, planImageEncoder, planMaskDecoder, planPromptEncoder, vitB, type SamConfig, type Weights } from "../../nn/index.js";
import { resized } from "./prepare.js";
import type { BoxSegmenter } from "./segmenter.js";
import type { Tensor2D, TensorFlow } from "./tensorflow.js";

/** MedSAM as it was trained: ViT-B at 1024 pixels. */
export const medSamConfig: SamConfig = { ...vitB, imageSize: 1024 };

export const planSam = (config: SamConfig) => ({ image_encoder: planImageEncoder(config), prompt_encoder: planPromptEncoder(config), mask_decoder: planMaskDecoder(config) });

export type SamWeights = Weights<ReturnType<typeof planSam>>;

/** Means and deviations of the pixels in [0, 1] that SAM was trained with. */
const [mean, deviation] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];

/**
 * A box-prompted Segment Anything model, MedSAM where the weights are its. One mask, from low-resolution logits.
 * @see RASALoRE spec §3.3
 */
export function samSegmenter(tf: TensorFlow, weights: SamWeights, config: SamConfig, name: string): BoxSegmenter {
  const size = config.imageSize;
  const maskSize = (4 * size) / config.patch;
  return {
    name,
    maskSize,
    async segment({ image, width, height }: Pick<LoadedSlice, "image" | "width" | "height">, { left, top, right, bottom }) {
      const seen = resized({ width, height, data: image }, size, size).data;
      const pixels = Float32Array.from({ length: 3 * size * size }, (_, i) => (seen[Math.floor(i / 3)] / 255 - mean[i % 3]) / deviation[i % 3]);
      const [across, down] = [size / width, size / height];
      const logits = tf.tidy(() => {
        const boxes: Tensor2D = tf.tensor2d([[left * across, top * down, right * across, bottom * down]]);
        return maskDecoder(tf, {
          image: imageEncoder(tf, tf.tensor4d(pixels, [1, size, size, 3]), weights.image_encoder, config),
          imagePositions: densePositions(tf, weights.prompt_encoder, config),
          clicks: boxTokens(tf, boxes, weights.prompt_encoder, config),
          mask: maskPrompt(tf, undefined, weights.prompt_encoder, config),
        }, weights.mask_decoder, config, { output: "single", form: "sam" }).logits.sigmoid();
      });
      const values = await logits.data<"float32">();
      logits.dispose();
      return Float32Array.from(values);
    },
  };
}
