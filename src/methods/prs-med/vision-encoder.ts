import { gridOf, imageEncoder, planImageEncoder, planTinyVit, tinyVit, tinyVitGrid, type ImageEncoderWeights, type NormMode, type SamConfig, type TinyVitConfig, type TinyVitWeights } from "../../nn/index.js";
import type { Tensor4D, TensorFlow } from "./tensorflow.js";

/**
 * What makes the dense map: TinySAM's TinyViT, or SAM's ViT as SAM-Med2D has it. Of the latter the adapters are left out, as the re-implementation
 * [S] leaves them out; the map is then the plain SAM encoder's, 16×16 at 256 pixels.
 * @see PRS-Med spec §3.2
 */
export type VisionEncoderConfig = TinyVitConfig | SamConfig;

export const isSam = (config: VisionEncoderConfig): config is SamConfig => "patch" in config;

export const planVisionEncoder = (config: VisionEncoderConfig): ReturnType<typeof planTinyVit> | ReturnType<typeof planImageEncoder> => (isSam(config) ? planImageEncoder(config) : planTinyVit(config));

/** Places a side of the map. */
export const mapGrid = (config: VisionEncoderConfig): number => (isSam(config) ? gridOf(config) : tinyVitGrid(config));

/** [B, S, S, 3], normalised → [B, g, g, C] */
export function visionMap(tf: TensorFlow, images: Tensor4D, weights: TinyVitWeights | ImageEncoderWeights, config: VisionEncoderConfig, mode: NormMode): Tensor4D {
  return isSam(config) ? imageEncoder(tf, images, weights as ImageEncoderWeights, config) : tinyVit(tf, images, weights as TinyVitWeights, config, mode);
}
