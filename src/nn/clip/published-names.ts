import { concatenate } from "../../core/index.js";
import type { NamedArray } from "../named.js";

/**
 * Hugging Face's names of a CLIP model as OpenAI's: `vision_model.encoder.layers.0.self_attn.q_proj.weight` and its two
 * neighbours become `visual.transformer.resblocks.0.attn.in_proj_weight`. Arrays of other names are left out.
 * @see transformers, convert_clip_original_pytorch_to_hf.py
 */
export function clipFromHuggingFace(arrays: ReadonlyMap<string, NamedArray>): Map<string, NamedArray> {
  const out = new Map<string, NamedArray>();
  for (const [name, array] of arrays) {
    const simple = simpleNames.get(name);
    if (simple !== undefined) out.set(simple, simple.endsWith("proj") || simple.endsWith("projection") ? transposed(array) : array);
    const found = /^(vision|text)_model\.encoder\.layers\.(\d+)\.(.+)$/.exec(name);
    if (found === null) continue;
    const [, tower, block, rest] = found;
    const before = `${tower === "vision" ? "visual." : ""}transformer.resblocks.${block}`;
    const own = blockNames[rest];
    if (own !== undefined) out.set(`${before}.${own}`, array);
    const joint = /^self_attn\.q_proj\.(weight|bias)$/.exec(rest);
    if (joint !== null) out.set(`${before}.attn.in_proj_${joint[1]}`, stacked(["q", "k", "v"].map((part) => arrays.get(name.replace("q_proj", `${part}_proj`)))));
  }
  return out;
}

const norms = (theirs: string, ours: string): [string, string][] => ["weight", "bias"].map((part) => [`${theirs}.${part}`, `${ours}.${part}`]);

const simpleNames = new Map<string, string>([
  ["vision_model.embeddings.class_embedding", "visual.class_embedding"],
  ["vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"],
  ["vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"],
  ...norms("vision_model.pre_layrnorm", "visual.ln_pre"), // spelt so in the published files
  ...norms("vision_model.post_layernorm", "visual.ln_post"),
  ["visual_projection.weight", "visual.proj"],
  ["text_model.embeddings.token_embedding.weight", "token_embedding.weight"],
  ["text_model.embeddings.position_embedding.weight", "positional_embedding"],
  ...norms("text_model.final_layer_norm", "ln_final"),
  ["text_projection.weight", "text_projection"],
  ["logit_scale", "logit_scale"],
]);

const blockNames: Readonly<Record<string, string | undefined>> = Object.fromEntries([
  ...norms("layer_norm1", "ln_1"), ...norms("layer_norm2", "ln_2"), ...norms("self_attn.out_proj", "attn.out_proj"),
  ...norms("mlp.fc1", "mlp.c_fc"), ...norms("mlp.fc2", "mlp.c_proj"),
]);

/** A linear layer without bias, [out, in], as the matrix [in, out] that OpenAI keeps. */
function transposed({ shape: [rows, columns], data }: NamedArray): NamedArray {
  return { shape: [columns, rows], data: Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]) };
}

function stacked(parts: readonly (NamedArray | undefined)[]): NamedArray {
  const found = parts.filter((part) => part !== undefined);
  return { shape: [found.reduce((sum, { shape }) => sum + shape[0], 0), ...found[0].shape.slice(1)], data: concatenate(found.map(({ data }) => data)) };
}
