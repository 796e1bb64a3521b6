import { InvalidValue, seededRandom } from "../../core/index.js";
import { materialise, newVariable, type BatchNormOptions, type Weights } from "../../nn/index.js";
import type { LoreKind, NetworkConfig, RasaloreConfig } from "./config.js";
import { noDropout, type Dropout } from "./dropout.js";
import { encodeSlices, planEncoder } from "./encoder.js";
import { locationEmbeddings, type LocationEmbeddings } from "./lore.js";
import { decodePoints, planPointDecoder } from "./mask-decoder.js";
import { planRegionAwareAttention, pointActivations, regionAwareAttention } from "./region-aware-attention.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow, Variable } from "./tensorflow.js";

/** Stage 2: 7,254,370 parameters as published (encoder 3,711,585, decoder 3,542,785), 92,770 at `small`. */
export const planNetwork = (config: NetworkConfig) => ({
  encoder: { ...planEncoder(config), adapter2: planRegionAwareAttention(config) },
  decoder: planPointDecoder(config),
});

export type NetworkWeights = Weights<ReturnType<typeof planNetwork>>;

export interface RasaloreModel {
  readonly config: RasaloreConfig;
  readonly seed: number;
  readonly weights: NetworkWeights & { readonly lore: { readonly embeddings: Variable<Rank.R2> } };
  /** What the points started as; `weights.lore` holds them on the engine and is trained only when they are learnable. */
  readonly embeddings: LocationEmbeddings;
}

/** @param lore seed of the embeddings where it is to differ from the weights' */
export function initRasalore(tf: TensorFlow, config: RasaloreConfig, seed: number, { lore = seed } = {}): RasaloreModel {
  const { network, form } = config;
  const embeddings = locationEmbeddings(form.lore, { grid: network.grid, width: network.channels[3], seed: lore });
  const weights = materialise(tf, planNetwork(network), seededRandom(seed).stream("rasalore"));
  return { config, seed, embeddings, weights: { ...weights, lore: { embeddings: embeddingVariable(tf, embeddings, form.lore) } } };
}

const embeddingVariable = (tf: TensorFlow, { values, points, width }: LocationEmbeddings, kind: LoreKind): Variable<Rank.R2> =>
  newVariable<Rank.R2>(tf, values, [points, width], kind === "learnable");

export interface NetworkOutput {
  /** [B, K] in (0, 1) */
  readonly activations: Tensor2D;
  /** ξ, [B, K, d] */
  readonly points: Tensor3D;
  /** [B, 2S, 2S], before the sigmoid */
  readonly logits: Tensor3D;
}

export interface PassOptions {
  readonly mode: BatchNormOptions["mode"];
  readonly dropout?: Dropout;
}

/**
 * Slices to point activations and mask logits.
 * @param images [B, S, S, 1], 0 to 255
 * @throws InvalidValue for images of another size
 */
export function segment(tf: TensorFlow, images: Tensor4D, { weights, config }: RasaloreModel, { mode, dropout = noDropout }: PassOptions): NetworkOutput {
  const { imageSize, channels, heads } = config.network;
  const [batch, height, width] = images.shape;
  if (height !== imageSize || width !== imageSize) throw new InvalidValue("rasalore", `images must be ${imageSize}×${imageSize}`, images.shape);
  const { features, refined } = encodeSlices(tf, images, weights.encoder, mode, dropout);
  const fixed = tf.tile(weights.lore.embeddings.reshape<Tensor3D>([1, -1, channels[3]]), [batch, 1, 1]); // [B, K, d]
  const points = config.attention === "none" ? fixed : regionAwareAttention(tf, fixed, refined, weights.encoder.adapter2);
  const logits = decodePoints(tf, points, features, weights.decoder, heads, dropout);
  return { activations: pointActivations(tf, points, weights.encoder.adapter2), points, logits };
}
