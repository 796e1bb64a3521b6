import { planProjectedAttention, projectedAttention } from "../attention.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { mapVectors, planLinear } from "../mlp.js";
import type { Weights } from "../plan.js";
import type { Tensor3D, TensorFlow } from "../tensorflow.js";
import type { SamConfig } from "./config.js";

const eps = 1e-5;

/**
 * * `sam`: the first self-attention replaces the queries, and positions go to queries and keys of self-attention only
 * * `aespa`: a residual there too, and from the second layer on positions are added to the queries for good (spec §3.3)
 */
export type TwoWayForm = "sam" | "aespa";

export const planTwoWayTransformer = ({ channels, decoderMlp, decoderDepth }: SamConfig) => ({
  layers: Array.from({ length: decoderDepth }, () => ({
    self_attn: planProjectedAttention(channels, channels),
    norm1: planLayerNorm(channels),
    cross_attn_token_to_image: planProjectedAttention(channels, channels / 2),
    norm2: planLayerNorm(channels),
    mlp: { lin1: planLinear(channels, decoderMlp), lin2: planLinear(decoderMlp, channels) },
    norm3: planLayerNorm(channels),
    norm4: planLayerNorm(channels),
    cross_attn_image_to_token: planProjectedAttention(channels, channels / 2),
  })),
  final_attn_token_to_image: planProjectedAttention(channels, channels / 2),
  norm_final_attn: planLayerNorm(channels),
});

export type TwoWayWeights = Weights<ReturnType<typeof planTwoWayTransformer>>;

/**
 * Tokens look at the image and the image at the tokens, `decoderDepth` times.
 * @param tokens [B, N, C], also their own positions
 * @param image [B, g·g, C]
 * @param imagePositions [1, g·g, C]
 */
export function twoWayTransformer(
  tf: TensorFlow,
  tokens: Tensor3D,
  image: Tensor3D,
  imagePositions: Tensor3D,
  weights: TwoWayWeights,
  { decoderHeads: heads, form }: Pick<SamConfig, "decoderHeads"> & { readonly form: TwoWayForm },
): { tokens: Tensor3D; image: Tensor3D } {
  const placed = (x: Tensor3D): Tensor3D => x.add(tokens);
  const placedImage = (x: Tensor3D): Tensor3D => x.add(imagePositions);
  let queries = tokens;
  let keys = image;
  for (const [i, layer] of weights.layers.entries()) {
    queries = layerNorm(tf, selfAttended(tf, queries, tokens, layer.self_attn, { heads, form, first: i === 0 }), layer.norm1, eps);
    const seen = projectedAttention(tf, placed(queries), placedImage(keys), keys, layer.cross_attn_token_to_image, heads);
    queries = layerNorm(tf, queries.add<Tensor3D>(seen), layer.norm2, eps);
    const thought = mapVectors(tf, mapVectors(tf, queries, layer.mlp.lin1).relu<Tensor3D>(), layer.mlp.lin2);
    queries = layerNorm(tf, queries.add<Tensor3D>(thought), layer.norm3, eps);
    const told = projectedAttention(tf, placedImage(keys), placed(queries), queries, layer.cross_attn_image_to_token, heads);
    keys = layerNorm(tf, keys.add<Tensor3D>(told), layer.norm4, eps);
  }
  const last = projectedAttention(tf, placed(queries), placedImage(keys), keys, weights.final_attn_token_to_image, heads);
  return { tokens: layerNorm(tf, queries.add<Tensor3D>(last), weights.norm_final_attn, eps), image: keys };
}

interface SelfAttention {
  readonly heads: number;
  readonly form: TwoWayForm;
  readonly first: boolean;
}

function selfAttended(tf: TensorFlow, queries: Tensor3D, positions: Tensor3D, w: TwoWayWeights["layers"][number]["self_attn"], how: SelfAttention): Tensor3D {
  const { heads, form, first } = how;
  const attend = (q: Tensor3D, v: Tensor3D): Tensor3D => projectedAttention(tf, q, q, v, w, heads);
  if (form === "aespa") {
    const placed = first ? queries : queries.add<Tensor3D>(positions);
    return placed.add(attend(placed, placed));
  }
  return first ? attend(queries, queries) : queries.add(attend(queries.add(positions), queries));
}
