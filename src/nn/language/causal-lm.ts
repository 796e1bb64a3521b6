import { attention, joinHeads, splitHeads } from "../attention.js";
import { normal, parameter, uniform, type Weights } from "../plan.js";
import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "../tensorflow.js";
import type { CausalLmConfig } from "./config.js";
import { adapted, type Lora } from "./lora.js";
import { planRmsNorm, rmsNorm } from "./rms-norm.js";
import { rotate, rotation, type Rotation } from "./rope.js";

const planProjection = (inputs: number, outputs: number) => ({ weight: parameter<Rank.R2>([outputs, inputs], uniform(1 / Math.sqrt(inputs))) });

/**
 * Paths are the names in published LLaMA and Mistral checkpoints. Embeddings start as PyTorch's, N(0, 1), or from the published 0.02 (`embeddingDeviation`), from which a small
 * model learns far sooner to pick what a question asks for (bench/results/prs-med-small.md).
 */
export const planCausalLm = ({ vocabulary, width, layers, heads, kvHeads, hidden, embeddingDeviation = 1 }: CausalLmConfig) => {
  const narrow = (width / heads) * kvHeads;
  return {
    model: {
      embed_tokens: { weight: parameter<Rank.R2>([vocabulary, width], normal(embeddingDeviation)) },
      layers: Array.from({ length: layers }, () => ({
        self_attn: { q_proj: planProjection(width, width), k_proj: planProjection(width, narrow), v_proj: planProjection(width, narrow), o_proj: planProjection(width, width) },
        mlp: { gate_proj: planProjection(width, hidden), up_proj: planProjection(width, hidden), down_proj: planProjection(hidden, width) },
        input_layernorm: planRmsNorm(width),
        post_attention_layernorm: planRmsNorm(width),
      })),
      norm: planRmsNorm(width),
    },
    lm_head: planProjection(width, vocabulary),
  };
};

export type CausalLmWeights = Weights<ReturnType<typeof planCausalLm>>;
type LayerWeights = CausalLmWeights["model"]["layers"][number];

/** A language model as it runs: base weights, and adapters where there are some. */
export interface CausalLm {
  readonly config: CausalLmConfig;
  readonly weights: CausalLmWeights;
  readonly lora?: Lora;
}

/** Turned keys, and values, of every place so far: [B, kvHeads, T, head width] a layer. */
export type KvCache = { readonly keys: Tensor4D; readonly values: Tensor4D }[];

/** Token ids [B, T] → [B, T, d] */
export function embedIds(tf: TensorFlow, ids: Tensor2D, { weights }: CausalLm): Tensor3D {
  return tf.gather(weights.model.embed_tokens.weight as Tensor2D, ids) as unknown as Tensor3D;
}

/**
 * Every place sees itself and what stands before it. Padding at the right is harmless: nobody who counts sees it.
 * @param embeddings [B, T, d]
 * @returns the hidden states after the last norm, [B, T, d], and the cache that {@link nextHidden} goes on from
 * @see PRS-Med spec §3.1; Jiang et al., Mistral 7B, 2023
 */
export function causalLm(tf: TensorFlow, embeddings: Tensor3D, lm: CausalLm): { hidden: Tensor3D; cache: KvCache } {
  const { config: { heads, kvHeads, width, ropeTheta } } = lm;
  const places = embeddings.shape[1];
  const turn = rotation(tf, tf.range(0, places), width / heads, ropeTheta); // [T, d]
  const bias = causalBias(tf, places, heads / kvHeads); // [1, 1, group·T, T]
  const cache: KvCache = [];
  const hidden = through(tf, embeddings, lm, turn, bias, (keys, values) => {
    cache.push({ keys, values });
    return { keys, values };
  });
  return { hidden, cache };
}

/**
 * One more token for every row. The cache keeps its size: the new key and value take the place `positions` says, so all steps are alike.
 * @param embedding [B, 1, d]
 * @param positions [B], whole numbers below T: where each row's token stands
 * @returns its hidden state [B, 1, d], and the cache with it
 */
export function nextHidden(tf: TensorFlow, embedding: Tensor3D, positions: Tensor1D, cache: KvCache, lm: CausalLm): { hidden: Tensor3D; cache: KvCache } {
  const { config: { heads, width, ropeTheta } } = lm;
  const [batch, , places] = cache[0].keys.shape;
  const order = tf.range(0, places).reshape([1, places]);
  const at = positions.cast("float32").reshape([batch, 1]);
  const here = tf.equal(order, at).cast("float32").reshape([batch, 1, places, 1]);
  const bias = tf.greater(order, at).cast("float32").mul(-1e9).reshape([batch, 1, 1, places]);
  const turn = rotation(tf, at.reshape([batch, 1, 1]), width / heads, ropeTheta); // [B, 1, 1, d]
  const grown: KvCache = [];
  const put = (old: Tensor4D, fresh: Tensor4D): Tensor4D => old.mul<Tensor4D>(tf.sub(1, here)).add(fresh.mul(here));
  const hidden = through(tf, embedding, lm, turn, bias, (keys, values) => {
    const { keys: oldKeys, values: oldValues } = cache[grown.length];
    grown.push({ keys: put(oldKeys, keys), values: put(oldValues, values) });
    return grown.at(-1)!;
  });
  return { hidden, cache: grown };
}

/** Hidden states […, d] → logits […, vocabulary] */
export function lmLogits<T extends Tensor>(tf: TensorFlow, hidden: T, { weights }: CausalLm): T {
  return adapted(tf, hidden, weights.lm_head.weight);
}

type Remember = (keys: Tensor4D, values: Tensor4D) => { readonly keys: Tensor4D; readonly values: Tensor4D };

function through(tf: TensorFlow, x: Tensor3D, { weights, config, lora }: CausalLm, turn: Rotation, bias: Tensor, remember: Remember): Tensor3D {
  const last = weights.model.layers.reduce((y, layer, i) => {
    const adapters = lora?.weights.base_model.model.model.layers[i].self_attn;
    const project = (v: Tensor3D, name: keyof LayerWeights["self_attn"]): Tensor3D => adapted(tf, v, layer.self_attn[name].weight, adapters?.[name], lora?.scale);
    const normed = rmsNorm(tf, y, layer.input_layernorm, config.eps);
    const queries = rotate(tf, splitHeads(tf, project(normed, "q_proj"), config.heads), turn); // [B, H, T, d]
    const { keys, values } = remember(rotate(tf, splitHeads(tf, project(normed, "k_proj"), config.kvHeads), turn), splitHeads(tf, project(normed, "v_proj"), config.kvHeads));
    const mixed = groupedAttention(tf, queries, keys, values, bias);
    const attended = y.add<Tensor3D>(project(joinHeads(tf, mixed), "o_proj"));
    return attended.add<Tensor3D>(gatedMlp(tf, rmsNorm(tf, attended, layer.post_attention_layernorm, config.eps), layer.mlp));
  }, x);
  return rmsNorm(tf, last, weights.model.norm, config.eps);
}

/** Query head h reads key–value head ⌊h / group⌋. The queries of a group stand below each other, so no key is copied. */
function groupedAttention(tf: TensorFlow, queries: Tensor4D, keys: Tensor4D, values: Tensor4D, bias: Tensor): Tensor4D {
  const [batch, heads, places, width] = queries.shape;
  const kvHeads = keys.shape[1];
  const stacked = queries.reshape<Tensor4D>([batch, kvHeads, (heads / kvHeads) * places, width]);
  return attention(tf, stacked, keys, values, bias).reshape([batch, heads, places, width]);
}

/** W₃·(silu(W₁x) ⊙ W₂x). @see Shazeer 2020, SwiGLU */
function gatedMlp(tf: TensorFlow, x: Tensor3D, { gate_proj, up_proj, down_proj }: LayerWeights["mlp"]): Tensor3D {
  const gate = adapted(tf, x, gate_proj.weight);
  return adapted(tf, gate.mul<Tensor3D>(gate.sigmoid()).mul<Tensor3D>(adapted(tf, x, up_proj.weight)), down_proj.weight);
}

/** 0 where a place may look, −10⁹ where it may not; once for every query of a group. → [1, 1, group·T, T] */
function causalBias(tf: TensorFlow, places: number, group: number): Tensor {
  const values = Float32Array.from({ length: group * places * places }, (_, i) => (i % places > Math.floor(i / places) % places ? -1e9 : 0));
  return tf.tensor(values, [1, 1, group * places, places]);
}
