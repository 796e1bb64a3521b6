import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../engine/index.js";
import { writeSafetensors, type TensorInput } from "../../io/index.js";
import { disposeWeights, namedVariables, readArrays, trainBpe } from "../../nn/index.js";
import type { PrsMedConfig } from "./config.js";
import { initPrsMed } from "./model.js";
import { prsMedTarget, publishedSizes } from "./published-weights.js";

const towerNames = new Map([
  ["class_embedding", "embeddings.class_embedding"], ["conv1.weight", "embeddings.patch_embedding.weight"], ["positional_embedding", "embeddings.position_embedding.weight"],
  ["ln_pre.weight", "pre_layrnorm.weight"], ["ln_pre.bias", "pre_layrnorm.bias"], ["ln_post.weight", "post_layernorm.weight"], ["ln_post.bias", "post_layernorm.bias"],
]);
const blockNames: Readonly<Record<string, string>> = { ln_1: "layer_norm1", ln_2: "layer_norm2", "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2" };

/** A LLaVA checkpoint of random weights at a configuration's sizes: published names, bfloat16, two shards and their index. */
export async function writeLlava({ tf }: Pick<Engine, "tf">, folder: string, config: PrsMedConfig): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tokenizer = trainBpe(["Where is the dark polyp in this picture?", "The polyp is in the top left, near the center."], { vocabulary: 100 });
  const model = initPrsMed(tf, config, tokenizer, 5);
  const arrays = await readArrays(namedVariables({ vlm: model.weights.vlm }));
  disposeWeights(model.weights);
  const tensors = new Map<string, TensorInput>(prsMedTarget("llava-med", { ...publishedSizes, lm: config.lm, clip: config.clip }).slots.filter(({ to }) => !to.startsWith("vlm.vision_tower.")).map(({ from, to }) => [from, arrays.get(to)!]));
  for (const [name, array] of arrays) for (const [own, part] of towerParts(name, array)) tensors.set(`model.vision_tower.vision_tower.vision_model.${own}`, part);
  const names = [...tensors.keys()];
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const shardOf = (name: string): number => Number(names.indexOf(name) >= names.length / 2);
  for (const [i, file] of shards.entries())
    await writeSafetensors(join(folder, file), new Map([...tensors].filter(([name]) => shardOf(name) === i).map(([name, tensor]) => [name, { ...tensor, dtype: "bfloat16" as const }])));
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: Object.fromEntries(names.map((name) => [name, shards[shardOf(name)]])) }));
  const { lm, clip } = config;
  await writeFile(join(folder, "config.json"), JSON.stringify({
    architectures: ["LlavaMistralForCausalLM"], vocab_size: lm.vocabulary, hidden_size: lm.width, num_hidden_layers: lm.layers, num_attention_heads: lm.heads, num_key_value_heads: lm.kvHeads,
    intermediate_size: lm.hidden, rope_theta: lm.ropeTheta, rms_norm_eps: lm.eps, vision_config: { num_attention_heads: clip.visionHeads },
  }));
  await tokenizer.save(join(folder, "tokenizer.model"));
}

/** One of our tower's tensors as Hugging Face has it: q, k and v apart. */
function towerParts(name: string, array: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): [string, TensorInput][] {
  const own = /^vlm\.vision_tower\.(.+)$/.exec(name)?.[1];
  if (own === undefined) return [];
  const data = Float32Array.from(array.data);
  const simple = towerNames.get(own);
  if (simple !== undefined) return [[simple, { shape: array.shape, data }]];
  const found = /^transformer\.resblocks\.(\d+)\.(.+)$/.exec(own);
  if (found === null) return [];
  const [, block, rest] = found;
  const joint = /^attn\.in_proj_(weight|bias)$/.exec(rest);
  const third = data.length / 3;
  if (joint) return ["q", "k", "v"].map((part, i) => [`encoder.layers.${block}.self_attn.${part}_proj.${joint[1]}`, { shape: [array.shape[0] / 3, ...array.shape.slice(1)], data: data.slice(i * third, (i + 1) * third) }]);
  const at = rest.lastIndexOf(".");
  return [[`encoder.layers.${block}.${blockNames[rest.slice(0, at)]}.${rest.slice(at + 1)}`, { shape: array.shape, data }]];
}
