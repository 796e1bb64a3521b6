import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, sha256, type Progress } from "../../core/index.js";
import { openTensorFile, planWeights, readPlanned, requireComplete, type TensorFile } from "../../io/index.js";
import { BpeTokenizer, checkLmConfig, clipVitL14At336, type CausalLmConfig, type ClipConfig, type NamedArray } from "../../nn/index.js";
import type { PrsMedConfig } from "./config.js";
import { prsMedTarget, publishedSizes } from "./published-weights.js";

/** A LLaVA-Med checkpoint as it is downloaded: sizes and names are known, no weight is read yet. */
export interface LlavaFolder {
  readonly folder: string;
  readonly lm: CausalLmConfig;
  readonly clip: ClipConfig;
  readonly tokenizer: BpeTokenizer;
  readonly file: TensorFile;
  /** Of the configuration and the list of tensors. */
  readonly key: string;
}

/** The fields of `config.json` that say how large the language model is. */
interface LlavaJson {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly intermediate_size: number;
  readonly rope_theta: number;
  readonly rms_norm_eps: number;
  /** Not in LLaVA's own files, whose tower is CLIP's with heads of 64. */
  readonly vision_config?: { readonly num_attention_heads?: number };
}

const tower = "model.vision_tower.vision_tower.";

/**
 * Opens a folder with `config.json`, `tokenizer.model` and the weights: `model.safetensors.index.json` with its shards, or one `model.safetensors`.
 * Sizes come from the configuration and from the shapes of the tower's tensors.
 * @throws BadFile when a part is missing or says nothing of its sizes
 */
export async function openLlava(folder: string): Promise<LlavaFolder> {
  const path = join(folder, "config.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", path, "is not there", "Give the folder of a LLaVA-Med checkpoint as it is downloaded.", { cause });
  });
  const file = await openTensorFile(await weightsFile(folder));
  return {
    folder, file, lm: lmFrom(text, path), clip: clipFrom(file, text, folder), tokenizer: await BpeTokenizer.read(join(folder, "tokenizer.model")),
    key: sha256(text + file.tensors.map(({ name, dtype, shape }) => `${name} ${dtype} ${shape.join("×")}`).sort().join("\n")),
  };
}

async function weightsFile(folder: string): Promise<string> {
  for (const name of ["model.safetensors.index.json", "model.safetensors"]) {
    const path = join(folder, name);
    if (await stat(path).then(() => true, () => false)) return path; // prettier-ignore
  }
  throw new BadFile("not-found", folder, "holds neither model.safetensors.index.json nor model.safetensors", "Give the folder of a LLaVA-Med checkpoint as it is downloaded.");
}

function lmFrom(text: string, path: string): CausalLmConfig {
  const json = JSON.parse(text) as Partial<LlavaJson>;
  const number = (name: Exclude<keyof LlavaJson, "vision_config">): number => {
    const value = json[name];
    if (typeof value !== "number") throw new BadFile("bad-header", path, `does not say ${name}`, "Give the config.json of a Mistral-style LLaVA checkpoint.");
    return value;
  };
  return checkLmConfig({
    vocabulary: number("vocab_size"), width: number("hidden_size"), layers: number("num_hidden_layers"), heads: number("num_attention_heads"), kvHeads: number("num_key_value_heads"),
    hidden: number("intermediate_size"), ropeTheta: number("rope_theta"), eps: number("rms_norm_eps"),
  });
}

function clipFrom({ tensors }: TensorFile, text: string, folder: string): ClipConfig {
  const shape = (name: string): readonly number[] => {
    const found = tensors.find((tensor) => tensor.name === `${tower}vision_model.${name}`);
    if (found === undefined) throw new BadFile("missing-tensor", folder, `has no ${tower}vision_model.${name}`, "Give a checkpoint that brings its vision tower.");
    return found.shape;
  };
  const [visionWidth, , patch] = shape("embeddings.patch_embedding.weight");
  const patches = Math.sqrt(shape("embeddings.position_embedding.weight")[0] - 1);
  const blocks = tensors.flatMap(({ name }) => /vision_model\.encoder\.layers\.(\d+)\./.exec(name)?.[1] ?? []).reduce((most, block) => Math.max(most, Number(block) + 1), 0);
  const visionHeads = (JSON.parse(text) as Partial<LlavaJson>).vision_config?.num_attention_heads ?? visionWidth / 64;
  return { ...clipVitL14At336, imageSize: patches * patch, patch, visionWidth, visionBlocks: blocks, visionHeads, joint: visionWidth };
}

/** Least places for text: its tokenizer was not made for our questions and may take many pieces a word. */
const textPlaces = 192;

/** A preset with the checkpoint's sizes in place of its own, and places for its picture tokens and the text. */
export function onLlava(config: PrsMedConfig, { lm, clip }: Pick<LlavaFolder, "lm" | "clip">): PrsMedConfig {
  const tokens = (of: ClipConfig): number => (of.imageSize / of.patch) ** 2;
  return { ...config, lm, clip, head: { ...config.head, prompt: lm.width }, places: Math.max(config.places - tokens(config.clip), textPlaces) + tokens(clip) };
}

/**
 * The checkpoint's weights as float32 under our names, a tensor at a time; 16-bit files are widened.
 * @throws BadFile when a tensor is missing or of another shape; Interrupted
 */
export async function readLlava({ folder, file, lm, clip }: LlavaFolder, { progress, signal }: { readonly progress?: Progress; readonly signal?: AbortSignal } = {}): Promise<Map<string, NamedArray>> {
  const target = prsMedTarget("llava-med", { ...publishedSizes, lm, clip });
  const plan = planWeights(file.tensors, target);
  requireComplete(plan, target, folder);
  return readPlanned(file, plan, { progress, signal });
}
