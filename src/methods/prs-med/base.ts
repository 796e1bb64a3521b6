import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, canonicalJson, InvalidValue, seededRandom, sha256, type Progress } from "../../core/index.js";
import { assignArrays, BpeTokenizer, disposeWeights, namedVariables, readArrays, readCheckpoint, writeCheckpoint, type NamedArray, type Runner } from "../../nn/index.js";
import type { Parts, PrsMedConfig } from "./config.js";
import { readEncoder, type EncoderFile } from "./encoder-file.js";
import { initPrsMed, type PrsMedModel } from "./model.js";
import { readLlava, type LlavaFolder } from "./llava.js";
import { corpusTokenizer, makeCorpus } from "./pretrain/corpus.js";
import { pretrainEncoder, type EncoderTargets } from "./pretrain/encoder.js";
import { pretrainLanguage } from "./pretrain/language.js";
import { pretrainTower } from "./pretrain/tower.js";
import type { TensorFlow } from "./tensorflow.js";

/** What the original downloads, at this size made here: a tokenizer, a frozen vision–language model, an encoder that has seen lesions. */
export interface PrsMedBase {
  readonly tokenizer: BpeTokenizer;
  /** Under the names of `vlm` and `image_encoder` in the model. */
  readonly arrays: ReadonlyMap<string, NamedArray>;
  /** Losses of each stage, one a step. */
  readonly losses: Readonly<Record<"tower" | "language" | "encoder", readonly number[]>>;
}

export interface BaseOptions {
  readonly runner: Runner;
  readonly config: PrsMedConfig;
  readonly seed: number;
  /** Keeps the base here, and takes it from here when it was made with the same settings. */
  readonly folder?: string;
  /** A downloaded LLaVA-Med instead of the stand-ins for tower and language model; `config` has its sizes. */
  readonly llava?: LlavaFolder;
  /** A published image encoder instead of its stand-in. */
  readonly encoder?: EncoderFile;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Trains the stand-ins for CLIP, LLaVA-Med and TinySAM (spec §9, steps 1–3) on pictures of their own. Runs of one seed share a base.
 * @throws Interrupted; InvalidValue where neither stand-ins nor a checkpoint are asked for
 */
export async function makeBase(options: BaseOptions): Promise<PrsMedBase> {
  const { runner, config, seed, folder, llava, encoder, progress, signal } = options;
  const encoderTargets = encoderTargetsOf(config.parts);
  const { prompt: _, ...stages } = config.pretraining; // trained with the rows of a run, not with the base
  const key = sha256(canonicalJson({ seed, stages, clip: config.clip, lm: config.lm, encoder: config.encoder, imageSize: config.imageSize, wordWeight: config.training.wordWeight, places: config.places, encoderTargets, llava: llava?.key, encoderFile: encoder?.key }));
  const kept = folder && (await readBase(folder, key));
  if (kept) return kept;
  if (!llava && config.pretraining.corpusRows === 0) throw new InvalidValue("preset paper", "has no stand-ins for tower and language model", "no LLaVA-Med", "Give the folder of a downloaded one with --llava.");
  const random = seededRandom(seed).stream("prs-med-base");
  const corpus = makeCorpus(config, random.stream("corpus"));
  const tokenizer = llava?.tokenizer ?? corpusTokenizer(corpus, config.lm.vocabulary, random.stream("tokenizer"));
  const model = initPrsMed(runner.tf, config, tokenizer, seed);
  try {
    const stage = (name: string) => ({ runner, model, corpus, random: random.stream(name), progress, signal });
    if (llava) takeLlava(runner.tf, await readLlava(llava, { progress, signal }), model, llava.folder);
    if (encoder) assignArrays(runner.tf, namedVariables({ image_encoder: model.weights.image_encoder }), await readEncoder(encoder, { progress, signal }), encoder.path);
    const losses = {
      tower: llava ? [] : await pretrainTower(stage("tower")), language: llava ? [] : await pretrainLanguage(stage("language")),
      encoder: encoder || corpus.scenes.length === 0 ? [] : await pretrainEncoder(stage("encoder"), encoderTargets),
    };
    const base = { tokenizer, arrays: await readArrays(namedVariables(baseOf(model))), losses };
    if (folder) await writeBase(folder, key, base);
    return base;
  } finally {
    disposeWeights(model.weights);
  }
}

/** The projection into CLIP's joint space is neither in use nor in the file. */
function takeLlava(tf: TensorFlow, arrays: ReadonlyMap<string, NamedArray>, { weights: { vlm } }: PrsMedModel, source: string): void {
  assignArrays(tf, namedVariables({ vlm }).filter(({ name }) => name !== "vlm.vision_tower.proj"), arrays, source);
}

/** Undefined for the usual ones. A run that takes no encoder shares the base of those that do. */
function encoderTargetsOf({ encoderPretraining }: Parts): EncoderTargets | undefined {
  if (encoderPretraining === "lesions-and-places") return { masks: "lesions", places: "learned" };
  return encoderPretraining === "bright-dark" ? { masks: "bright-dark", places: "left out" } : undefined;
}

const baseOf = ({ weights: { vlm, image_encoder } }: PrsMedModel) => ({ vlm, image_encoder });

/** Puts a base into a model, or the parts of it that the configuration asks for. */
export function takeBase(tf: TensorFlow, { arrays }: PrsMedBase, model: PrsMedModel): void {
  const { parts } = model.config;
  const { vlm, image_encoder } = model.weights;
  if (parts.language === "pretrained") assignArrays(tf, namedVariables({ vlm }), arrays, "base");
  if (parts.encoderPretraining !== "none") assignArrays(tf, namedVariables({ image_encoder }), arrays, "base");
}

const [arraysFile, tokenizerFile] = ["base.safetensors", "tokenizer.model"];

async function readBase(folder: string, key: string): Promise<PrsMedBase | undefined> {
  const path = join(folder, arraysFile);
  if (!(await stat(path).then(() => true, () => false))) return undefined; // prettier-ignore
  const { arrays, metadata } = await readCheckpoint(path);
  if (metadata.key !== key) return undefined;
  try {
    return { tokenizer: await BpeTokenizer.read(join(folder, tokenizerFile)), arrays, losses: JSON.parse(metadata.losses) as PrsMedBase["losses"] };
  } catch (cause) {
    throw new BadFile("bad-header", path, "is not whole", "Delete the folder; it is made anew.", { cause });
  }
}

async function writeBase(folder: string, key: string, { tokenizer, arrays, losses }: PrsMedBase): Promise<void> {
  await tokenizer.save(join(folder, tokenizerFile));
  await writeCheckpoint(join(folder, arraysFile), { arrays, metadata: { key, losses: JSON.stringify(losses) } });
}
