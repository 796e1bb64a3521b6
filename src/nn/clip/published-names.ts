import { concatenate } from "../../core/index.js";
import type { WeightSlot } from "../../io/index.js";
import { namedParameters } from "../plan.js";
import { torchShape } from "../sam/published-names.js";

/**
 * Where a CLIP tower's tensors lie in Hugging Face's files: `visual.transformer.resblocks.0.attn.in_proj_weight` is `q_proj.weight` and its two
 * neighbours of `vision_model.encoder.layers.0.self_attn`, and the projections into the joint space lie transposed.
 * @param plan `{ visual: planVisionTower(…) }`, a text tower's, or both, under OpenAI's names
 * @example clipSlots({ visual: planVisionTower(clipVitL14At336) }).length // 295
 * @see transformers, convert_clip_original_pytorch_to_hf.py
 */
export function clipSlots(plan: object): WeightSlot[] {
  return namedParameters(plan).map(({ name, parameter }) => {
    const shape = torchShape(parameter.shape);
    const simple = simpleNames.get(name);
    if (simple !== undefined) return simple.endsWith("_projection.weight") ? transposed(simple, name, shape) : { from: simple, to: name, shape };
    const [, visual, block, rest] = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+)$/.exec(name)!;
    const layer = `${visual ? "vision" : "text"}_model.encoder.layers.${block}`;
    const fused = /^attn\.in_proj_(weight|bias)$/.exec(rest);
    return fused === null ? { from: `${layer}.${blockNames.get(rest)!}`, to: name, shape } : joined(`${layer}.self_attn`, fused[1], name, shape);
  });
}

/** Queries, keys and values below each other. */
function joined(path: string, part: string, to: string, [rows, ...rest]: readonly number[]): WeightSlot {
  const [query, key, value] = ["q", "k", "v"].map((name) => ({ from: `${path}.${name}_proj.${part}`, shape: [rows / 3, ...rest] }));
  return { ...query, to, also: [key, value], becomes: { shape: [rows, ...rest], how: "q, k and v joined", convert: (...parts) => concatenate(parts) } };
}

/** A linear layer without bias, [out, in], as the matrix [in, out] that OpenAI keeps. */
function transposed(from: string, to: string, [rows, columns]: readonly number[]): WeightSlot {
  const convert = (data: Float32Array): Float32Array => data.map((_, i) => data[(i % columns) * rows + Math.floor(i / columns)]);
  return { from, to, shape: [columns, rows], becomes: { shape: [rows, columns], how: "transposed", convert } };
}

const norms = (ours: string, theirs: string): [string, string][] => ["weight", "bias"].map((part) => [`${ours}.${part}`, `${theirs}.${part}`]);

const simpleNames = new Map<string, string>([
  ["visual.class_embedding", "vision_model.embeddings.class_embedding"],
  ["visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"],
  ["visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"],
  ...norms("visual.ln_pre", "vision_model.pre_layrnorm"), // spelt so in the published files
  ...norms("visual.ln_post", "vision_model.post_layernorm"),
  ["visual.proj", "visual_projection.weight"],
  ["token_embedding.weight", "text_model.embeddings.token_embedding.weight"],
  ["positional_embedding", "text_model.embeddings.position_embedding.weight"],
  ...norms("ln_final", "text_model.final_layer_norm"),
  ["text_projection", "text_projection.weight"],
  ["logit_scale", "logit_scale"],
]);

const blockNames = new Map<string, string>([
  ...norms("ln_1", "layer_norm1"), ...norms("ln_2", "layer_norm2"), ...norms("attn.out_proj", "self_attn.out_proj"), ...norms("mlp.c_fc", "mlp.fc1"), ...norms("mlp.c_proj", "mlp.fc2"),
]);
