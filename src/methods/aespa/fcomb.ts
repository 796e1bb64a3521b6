import { biasedConv2d, orthogonal, planConv, truncatedNormal, type Weights } from "../../nn/index.js";
import type { Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";
import type { AespaConfig } from "./config.js";

const planLayer = (inputs: number, outputs: number) => planConv(1, inputs, outputs, orthogonal, truncatedNormal(0.001));

/** Joins a latent to the image: three 1×1 convolutions (Kohl et al. 2018's f_comb). 213,760 parameters at C 256. */
export const planFcomb = ({ sam: { channels }, preference: { latent } }: AespaConfig) => ({
  layers: [planLayer(channels + latent, channels), planLayer(channels, channels), planLayer(channels, channels)],
});

export type FcombWeights = Weights<ReturnType<typeof planFcomb>>;

/**
 * The latent is copied to every pixel, joined to the features and mixed; the last ReLU is kept, so the result is ≥ 0.
 * @param features [B, g, g, C]
 * @param latent [B, L] or [1, L]
 * @returns [B, g, g, C]
 * @see AESPA spec §3.1.5
 */
export function fcomb(tf: TensorFlow, features: Tensor4D, latent: Tensor2D, { layers }: FcombWeights): Tensor4D {
  const [batch, height, width] = features.shape;
  const [rows, channels] = latent.shape;
  const spread = tf.tile(latent.reshape<Tensor4D>([rows, 1, 1, channels]), [batch / rows, height, width, 1]);
  return layers.reduce((x, layer) => biasedConv2d(tf, x, layer).relu<Tensor4D>(), tf.concat([features, spread], 3));
}
