import type { Rank, Tensor2D, Tensor3D, Tensor4D, Variable } from "@tensorflow/tfjs";
import type { Random } from "../../core/index.js";
import {
  initLinear,
  initResNet,
  linear,
  resnet,
  type LinearWeights,
  type ResNetWeights,
  type TensorFlow,
} from "../../nn/index.js";
import type { ModelConfig } from "./config.js";

/** Everything the model learns, under the names of the repository's checkpoints (`encoder.backbone.conv1.weight` …). */
export interface AstraWeights {
  readonly encoder: { readonly backbone: ResNetWeights };
  readonly projector: LinearStack;
  readonly attn_pool: AttentionWeights;
  /** Present when there are attributes. */
  readonly attr_mlp?: LinearStack;
}

/** Linear, ReLU or tanh, Linear: numbered as in a PyTorch Sequential, whose second place is the activation. */
export interface LinearStack {
  readonly 0: LinearWeights;
  readonly 2: LinearWeights;
}

export interface AttentionWeights {
  readonly attn_net: LinearStack;
  /** `bias`: attributes to one number; `hidden`: attributes to the hidden layer, without a bias of its own. */
  readonly attr_bias?: LinearWeights;
  readonly attr_hidden?: { readonly weight: Variable<Rank.R2> };
}

/**
 * @param attributes width of the attribute vectors; 0 leaves the attribute branch out
 * @example parameterCount(initAstra(tf, astraConfig("paper").model, 3, random)) // 21,633,989
 */
export function initAstra(tf: TensorFlow, config: ModelConfig, attributes: number, random: Random): AstraWeights {
  const stack = (name: string, inputs: number, hidden: number, outputs: number): LinearStack => ({
    0: initLinear(tf, inputs, hidden, random.stream(`${name}.0`)),
    2: initLinear(tf, hidden, outputs, random.stream(`${name}.2`)),
  });
  const { embedding, attentionHidden } = config;
  return {
    encoder: { backbone: initResNet(tf, config, random.stream("encoder")) },
    projector: stack("projector", config.widths[3], config.projectorHidden, embedding),
    attn_pool: {
      attn_net: stack("attn_net", embedding, attentionHidden, 1),
      ...(attributes > 0 &&
        config.conditioning === "bias" && { attr_bias: initLinear(tf, attributes, 1, random.stream("attr_bias")) }),
      ...(attributes > 0 &&
        config.conditioning === "hidden" && { attr_hidden: conditioningWeights(tf, attributes, attentionHidden, random) }),
    },
    ...(attributes > 0 && { attr_mlp: stack("attr_mlp", attributes, config.attributeHidden, embedding) }),
  };
}

function conditioningWeights(
  tf: TensorFlow,
  attributes: number,
  hidden: number,
  random: Random,
): { weight: Variable<Rank.R2> } {
  const { weight, bias } = initLinear(tf, attributes, hidden, random.stream("attr_hidden"));
  bias.dispose();
  return { weight };
}

/**
 * Patches to embeddings, each patch on its own.
 * @param patches [B·N, 32, 32, 3]
 * @returns [B·N, E], not normalised
 */
export function encodePatches(tf: TensorFlow, patches: Tensor4D, weights: AstraWeights, mode: "train" | "eval"): Tensor2D {
  const features = resnet(tf, patches, weights.encoder.backbone, mode); // [B·N, 512]
  return linear(tf, linear(tf, features, weights.projector[0]).relu(), weights.projector[2]); // [B·N, E]
}

/**
 * How much each patch of a clip counts: softmax over patches of w₂ᵀ·tanh(W₁·e + b₁) + b₂ (+ uᵀa + c).
 *
 * With `bias` weights the attribute term is the same number for every patch of a clip, so the softmax cancels it.
 *
 * @param patches    [B, N, E]
 * @param attributes [B, A] or null
 * @returns [B, N], each row sums to 1
 * @see Ilse et al., Attention-based Deep Multiple Instance Learning, 2018; repository, attention_pooling.py
 */
export function attentionWeights(
  tf: TensorFlow,
  patches: Tensor3D,
  attributes: Tensor2D | null,
  weights: AttentionWeights,
): Tensor2D {
  const [b, n, e] = patches.shape;
  const { attn_net, attr_bias, attr_hidden } = weights;
  const inner = linear(tf, patches.reshape([b * n, e]), attn_net[0]).reshape<Tensor3D>([b, n, -1]); // [B, N, H]
  const conditioned =
    attributes && attr_hidden
      ? inner.add(tf.matMul(attributes, attr_hidden.weight as Tensor2D, false, true).expandDims(1))
      : inner;
  const scores = linear(tf, conditioned.tanh().reshape([b * n, -1]), attn_net[2]).reshape<Tensor2D>([b, n]); // [B, N]
  const biased = attributes && attr_bias ? scores.add<Tensor2D>(linear(tf, attributes, attr_bias)) : scores; // + [B, 1]
  return tf.softmax(biased);
}

/** Σ αₙ·eₙ: [B, N] and [B, N, E] → [B, E] */
export function poolPatches(tf: TensorFlow, alpha: Tensor2D, patches: Tensor3D): Tensor2D {
  return tf.matMul(alpha.expandDims<Tensor3D>(1), patches).squeeze<Tensor2D>([1]);
}

export interface AstraOutput {
  /** [B, 2E], or [B, E] without attributes; not normalised. */
  readonly fused: Tensor2D;
  /** [B, N] */
  readonly attention: Tensor2D;
}

/**
 * A batch of clips to one vector each: encode every patch, pool by attention, append the attributes' embedding.
 * @param patches    [B·N, 32, 32, 3], the N patches of a clip next to each other
 * @param attributes [B, A] or null when the model has no attribute branch
 */
export function astraForward(
  tf: TensorFlow,
  patches: Tensor4D,
  attributes: Tensor2D | null,
  weights: AstraWeights,
  { clips, mode, pooling }: { clips: number; mode: "train" | "eval"; pooling: ModelConfig["pooling"] },
): AstraOutput {
  const n = patches.shape[0] / clips;
  const embedded = encodePatches(tf, patches, weights, mode).reshape<Tensor3D>([clips, n, -1]); // [B, N, E]
  const attention =
    pooling === "mean"
      ? tf.ones<Rank.R2>([clips, n]).div<Tensor2D>(n)
      : attentionWeights(tf, embedded, attributes, weights.attn_pool);
  const pooled = poolPatches(tf, attention, embedded); // [B, E]
  if (!weights.attr_mlp || !attributes) return { fused: pooled, attention };
  const described = linear(tf, linear(tf, attributes, weights.attr_mlp[0]).relu(), weights.attr_mlp[2]); // [B, E]
  return { fused: tf.concat([pooled, described], 1), attention };
}
