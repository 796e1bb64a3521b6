import { join } from "node:path";
import { openTensorFile, planWeights, readPlanned, requireComplete, type WeightSlot, type WeightTarget } from "../../io/index.js";
import { clipVitB32, namedParameters, planTextTower, planVisionTower, torchShape, type ClipConfig, type NamedArray } from "../../nn/index.js";
import { presets, publishedNetwork, type DdptConfig, type NetworkConfig } from "./config.js";
import { planDdpt } from "./ddpt-model.js";
import { planNetwork } from "./network.js";

/** What a published file may be; `folio weights convert --help` says what each is. */
export type RasaloreArchitecture = "encoder" | "decoder" | "clip-vit-b32" | keyof typeof ddptModules;

/** Sizes of the networks that published files are of. */
export interface PublishedSizes {
  readonly network: NetworkConfig;
  readonly clip: ClipConfig;
  readonly ddpt: DdptConfig;
}

const publishedSizes: PublishedSizes = { network: publishedNetwork, clip: clipVitB32, ddpt: presets.paper.ddpt };

/** Stage 1 saves three modules apart, each in a folder of its name as `model.pth.tar-60`. @see repository: DDPT/trainers/DPT.py, register_model */
export const ddptModules = {
  "ddpt-text": { folder: "prompt_learner", part: "text" },
  "ddpt-visual": { folder: "image_encoder.transformer.ctx_learner", part: "visual" },
  "ddpt-class-aware": { folder: "image_encoder.transformer.extractor", part: "class_aware" },
} as const;

const counters = { pattern: /\.num_batches_tracked$/, reason: "counts batches; the running statistics need no count" };

/**
 * What RASALoRE takes from a published file: the two files of its own `Experiments/…/Fold_0`, the three modules of stage 1, or OpenAI's
 * `ViT-B-32.pt`, a TorchScript archive whose code is not run.
 * @see RASALoRE spec §3.1, §3.2, §3.5
 */
export function rasaloreTarget(architecture: RasaloreArchitecture, { network, clip, ddpt }: PublishedSizes = publishedSizes): WeightTarget {
  if (architecture === "clip-vit-b32") {
    return {
      name: "CLIP ViT-B/32",
      slots: [...slots(planVisionTower(clip), "visual.", "visual."), ...slots(planTextTower(clip), "", "text.")],
      unneeded: [{ pattern: /^(input_resolution|context_length|vocab_size)$/, reason: "a size, which the architecture says too" }],
    };
  }
  if (architecture === "encoder" || architecture === "decoder")
    return { name: `RASALoRE's ${architecture}`, slots: slots(planNetwork(network)[architecture], "", `${architecture}.`), unneeded: [counters] };
  const { part, folder } = ddptModules[architecture];
  return {
    name: `DDPT's ${folder}`,
    slots: slots(planDdpt({ ...ddpt, clip })[part], "", `${part}.`),
    unneeded: [{ pattern: /^token_(prefix|suffix)$/, reason: "words of the prompt, which the text tower has" }],
  };
}

/**
 * Stage 1's prompts from its output folder, which holds `prompt_learner/model.pth.tar-60` and two more.
 * @param epoch of the checkpoint
 * @returns under the names of {@link planDdpt}
 * @throws BadFile when a file or a tensor is missing
 */
export async function readDdpt(folder: string, { epoch = 60, sizes = publishedSizes } = {}): Promise<ReadonlyMap<string, NamedArray>> {
  const arrays = new Map<string, NamedArray>();
  for (const [architecture, { folder: own }] of Object.entries(ddptModules)) {
    const path = join(folder, own, `model.pth.tar-${epoch}`);
    const file = await openTensorFile(path);
    const target = rasaloreTarget(architecture as keyof typeof ddptModules, sizes);
    const plan = planWeights(file.tensors, target);
    requireComplete(plan, target, path);
    for (const [name, array] of await readPlanned(file, plan)) arrays.set(name, array);
  }
  return arrays;
}

const slots = (plan: object, theirs: string, ours: string): WeightSlot[] =>
  namedParameters(plan).map(({ name, parameter: { shape } }) => ({ from: theirs + name, to: ours + name, shape: torchShape(shape) }));
