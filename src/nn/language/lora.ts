import { join } from "node:path";
import { BadFile, InvalidValue, writeJsonAtomic } from "../../core/index.js";
import { readCheckpoint, writeCheckpoint } from "../checkpoint.js";
import { assignArrays, namedVariables, readArrays } from "../named.js";
import { constant, parameter, uniform, type Weights } from "../plan.js";
import type { Rank, Tensor, Tensor2D, TensorFlow, Variable } from "../tensorflow.js";
import type { CausalLmConfig } from "./config.js";
import type { CausalLmWeights } from "./causal-lm.js";

/** Low-rank updates of the four attention projections. */
export interface LoraConfig {
  /** r: rank of the update. */
  readonly rank: number;
  /** The update is scaled by alpha / rank. */
  readonly alpha: number;
}

export const loraTargets = ["q_proj", "k_proj", "v_proj", "o_proj"] as const;

/** One adapter, stored as PEFT stores it. A starts Kaiming-uniform(√5), B at zero, so an untrained adapter changes nothing. */
export const planAdapter = (inputs: number, outputs: number, rank: number) => ({
  lora_A: { weight: parameter<Rank.R2>([rank, inputs], uniform(1 / Math.sqrt(inputs))) },
  lora_B: { weight: parameter<Rank.R2>([outputs, rank], constant(0)) },
});

export type AdapterWeights = Weights<ReturnType<typeof planAdapter>>;

/** Paths are PEFT's names of a LLaMA-like model's adapters. 13,631,488 parameters on Mistral-7B at rank 16. */
export const planLora = ({ width, heads, kvHeads, layers }: CausalLmConfig, { rank }: LoraConfig) => {
  const narrow = (width / heads) * kvHeads;
  const layer = () => ({ q_proj: planAdapter(width, width, rank), k_proj: planAdapter(width, narrow, rank), v_proj: planAdapter(width, narrow, rank), o_proj: planAdapter(width, width, rank) });
  return { base_model: { model: { model: { layers: Array.from({ length: layers }, () => ({ self_attn: layer() })) } } } };
};

export type LoraWeights = Weights<ReturnType<typeof planLora>>;

/** Adapters and how strongly they count. */
export interface Lora {
  readonly weights: LoraWeights;
  readonly scale: number;
}

export const loraScale = ({ alpha, rank }: LoraConfig): number => alpha / rank;

/**
 * x·Wᵀ + scale·(x·Aᵀ)·Bᵀ
 * @param x […, in]
 * @example W = I₂, A = [[1, 2]], B = [[.5], [−1]], scale 1, x = [3, 4] // [8.5, −7]
 * @see Hu et al., LoRA, 2021, eq. 3
 */
export function adapted<T extends Tensor>(tf: TensorFlow, x: T, weight: Variable<Rank.R2>, adapter?: AdapterWeights, scale = 1): T {
  const rows = x.reshape<Tensor2D>([-1, weight.shape[1]]);
  const base = tf.matMul(rows, weight as Tensor2D, false, true); // [rows, out]
  const y = adapter === undefined ? base : base.add<Tensor2D>(tf.matMul(tf.matMul(rows, adapter.lora_A.weight as Tensor2D, false, true), adapter.lora_B.weight as Tensor2D, false, true).mul(scale));
  return y.reshape([...x.shape.slice(0, -1), weight.shape[0]]) as unknown as T;
}

/** Adds the adapters into the base weights: W ← W + scale·B·A. The adapters must not be used with them afterwards. */
export function mergeLora(tf: TensorFlow, base: CausalLmWeights, { weights, scale }: Lora): void {
  for (const [i, { self_attn: own }] of base.model.layers.entries()) {
    const adapters = weights.base_model.model.model.layers[i].self_attn;
    for (const target of loraTargets) {
      const { lora_A, lora_B } = adapters[target];
      tf.tidy(() => own[target].weight.assign(own[target].weight.add(tf.matMul(lora_B.weight as Tensor2D, lora_A.weight as Tensor2D).mul(scale))));
    }
  }
}

/** Writes `adapter_model.safetensors` and `adapter_config.json` as PEFT does, so that Python can load the folder. */
export async function saveLora(folder: string, weights: LoraWeights, { rank, alpha }: LoraConfig): Promise<void> {
  await writeCheckpoint(join(folder, "adapter_model.safetensors"), { arrays: await readArrays(namedVariables(weights)), metadata: {} });
  await writeJsonAtomic(join(folder, "adapter_config.json"), { peft_type: "LORA", task_type: "CAUSAL_LM", r: rank, lora_alpha: alpha, lora_dropout: 0, bias: "none", target_modules: loraTargets });
}

/**
 * Reads a PEFT adapter folder into the given weights.
 * @throws BadFile for missing tensors or another shape, and `untrained-adapter` when every B is zero: such a file changes nothing, and
 *   is what a checkpoint becomes when adapter names do not match (spec §8.11)
 */
export async function loadLora(tf: TensorFlow, folder: string, weights: LoraWeights): Promise<void> {
  const path = join(folder, "adapter_model.safetensors");
  const { arrays } = await readCheckpoint(path);
  const updates = [...arrays].filter(([name]) => name.includes("lora_B"));
  if (updates.length > 0 && updates.every(([, { data }]) => data.every((x) => x === 0)))
    throw new BadFile("untrained-adapter", path, "holds only zeros in lora_B, so it changes nothing", "Give the adapter of a trained run.");
  assignArrays(tf, namedVariables(weights), arrays, path);
}

export function checkLora({ rank, alpha }: LoraConfig): void {
  if (!(Number.isInteger(rank) && rank >= 1 && alpha > 0)) throw new InvalidValue("LoRA", "rank must be a whole number from 1 and alpha positive", { rank, alpha });
}
