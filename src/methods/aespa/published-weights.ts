import { openTensorFile, planWeights, readPlanned, requireComplete, type TensorFile, type WeightSlot, type WeightTarget } from "../../io/index.js";
import { namedParameters, publishedShape, samSlots, torchShape, type NamedArray } from "../../nn/index.js";
import { startName } from "./checkpoints.js";
import { presets, type AespaConfig } from "./config.js";
import { planAespa } from "./model.js";

/** What a published file may be; `folio weights convert --help` says what each is. `faithful` leaves out what the published code loses. */
export type AespaArchitecture = "medsam" | "medsam-faithful" | "medsam-hf" | "medsam-hf-faithful" | "aespa";

/**
 * What AESPA takes from a published file. A SAM file has neither the latent's layers nor the preference networks; those stay as
 * they start.
 * @see AESPA spec §3.5
 */
export function aespaTarget(architecture: AespaArchitecture, config: AespaConfig = presets.paper): WeightTarget {
  if (architecture === "aespa") return { name: "AESPA", slots: aespaSlots(config), unneeded: [] };
  const huggingFace = architecture.startsWith("medsam-hf");
  const slots = samSlots(config.sam, huggingFace ? "hugging-face" : "sam");
  const unneeded = huggingFace ? [{ pattern: /^prompt_encoder\.shared_embedding\./, reason: "the same numbers as shared_image_embedding" }] : [];
  if (!architecture.endsWith("faithful")) return { name: "Segment Anything", slots, unneeded };
  const lost = slots.filter(({ to }) => isRenamed(to));
  const names = new Set(lost.map(({ from }) => from));
  const reason = "the published code gave it another name and loads with strict=false";
  return {
    name: "Segment Anything, as the published code loads it",
    slots: slots.filter(({ from }) => !names.has(from)),
    unneeded: [...unneeded, ...lost.map(({ from }) => ({ pattern: new RegExp(`^${from.replaceAll(".", "\\.")}$`), reason }))],
  };
}

/** 24 tables of relative positions and the decoder's 8 tensors of MLPs: renamed in the published code, so never loaded from SAM. */
const isRenamed = (name: string): boolean => /\.attn\.rel_pos_[hw]$|^mask_decoder\.transformer\.layers\.\d+\.mlp\./.test(name);

/** Every tensor of AESPA under the names of its own repository. */
export function aespaSlots(config: AespaConfig): WeightSlot[] {
  return namedParameters(planAespa(config)).map(({ name, parameter: { shape } }): WeightSlot => {
    const own = torchShape(shape);
    const from = repositoryName(name);
    if (/\.conv1d_\d\.weight$/.test(from)) return { from, to: name, shape: [own[0], own[1], own[3]], becomes: { shape: own, how: "as a convolution of one row", convert: (data) => data } };
    // Their global tables are made at the image's size, so none is resized.
    const stored = name.includes(".attn.rel_pos_") ? { shape: own } : publishedShape(name, own, config.sam);
    return { from, to: name, ...stored };
  });
}

/** @see repository: models/sam/modeling, image_encoder.py, vit_block.py, two_way_transformer.py, sample_generator.py */
function repositoryName(name: string): string {
  return repositoryNames.reduce((text, [ours, theirs]) => text.replace(ours, theirs as string), name);
}

const repositoryNames: readonly (readonly [RegExp, string])[] = [
  [/\.attn\.rel_pos_([hw])$/, ".attn.rel_$1"],
  [/^(mask_decoder\.transformer\.layers\.\d+\.mlp)\.lin1\./, "$1.layers.0.0."],
  [/^(mask_decoder\.transformer\.layers\.\d+\.mlp)\.lin2\./, "$1.fc."],
  [/\.fcomb\.layers\.2\./, ".fcomb.layers.4."], [/\.fcomb\.layers\.1\./, ".fcomb.layers.2."],
  ...Array.from({ length: 6 }, (_, i) => [new RegExp(`^EM_weights\\.layers\\.${i}\\.`), `EM_weights.fc${i + 1}.`] as const),
  ...[1, 2].map((i) => [new RegExp(`^EM_mean_variance\\.tokens\\.${i - 1}\\.`), `EM_mean_variance.conv1d_${i}.`] as const),
  ...[1, 2, 3].map((i) => [new RegExp(`^EM_mean_variance\\.image\\.${i - 1}\\.`), `EM_mean_variance.conv${i}.`] as const),
  ...[1, 2, 3].map((i) => [new RegExp(`^EM_mean_variance\\.out\\.layers\\.${i - 1}\\.`), `EM_mean_variance.fc${i}.`] as const),
];

/** Which of the architectures a file is, by a name that only it has. */
export function architectureOf({ tensors }: Pick<TensorFile, "tensors">, names: "all" | "as-published"): AespaArchitecture {
  const has = (part: string): boolean => tensors.some(({ name }) => name.includes(part));
  if (has("EM_weights.fc1.")) return "aespa";
  const style = has("vision_encoder.") ? "medsam-hf" : "medsam";
  return names === "all" ? style : `${style}-faithful`;
}

/**
 * What training starts from: SAM's or MedSAM's file as it is published, AESPA's own checkpoint, or what `folio weights convert
 * --for aespa` wrote.
 * @returns under our names; a SAM file gives those of encoder, prompts and decoder only, the repository's own file w⁰ too
 * @throws BadFile when a tensor is missing or of another shape
 */
export async function readStart(path: string, config: AespaConfig): Promise<ReadonlyMap<string, NamedArray>> {
  const file = await openTensorFile(path);
  const target = file.tensors.some(({ name, shape }) => name === "image_encoder.pos_embed" && shape.length === 3) ? converted(file, config) : aespaTarget(architectureOf(file, config.form.startWeights), config);
  const plan = planWeights(file.tensors, target);
  requireComplete(plan, target, path);
  const arrays = await readPlanned(file, plan);
  const mixture = mixtureOf(file, config);
  return mixture === undefined ? arrays : arrays.set(startName, { shape: [mixture.length], data: mixture });
}

/** w⁰ of the repository's own checkpoint, a NumPy array beside the state_dict. */
function mixtureOf({ values }: TensorFile, { preference: { components } }: AespaConfig): Float32Array | undefined {
  const found = Array.from({ length: components }, (_, i) => values.get(`EM_weights.${i}`));
  return found.every((weight) => typeof weight === "number") ? Float32Array.from(found) : undefined;
}

/** A file that was converted before holds our own names and shapes, of a part of the model or of all. */
function converted({ tensors }: TensorFile, config: AespaConfig): WeightTarget {
  const there = new Set(tensors.map(({ name }) => name));
  const slots = namedParameters(planAespa(config)).map(({ name, parameter: { shape } }) => ({ from: name, to: name, shape: torchShape(shape) }));
  return { name: "AESPA", slots: slots.filter(({ from }) => there.has(from)), unneeded: [] };
}
