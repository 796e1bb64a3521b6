import { seededRandom, sha256File, UsageError } from "../../core/index.js";
import { openTensorFile, planWeights, readPlanned, requireComplete, type WeightTarget } from "../../io/index.js";
import {
  assignArrays, clipTokenizer, clipVitB32, disposeWeights, materialise, namedParameters, namedVariables, planTextTower, planVisionTower, readClipVocabulary, samSlots, torchShape,
  type Weights,
} from "../../nn/index.js";
import type { PresetName, RasaloreConfig } from "./config.js";
import { disposeStandIns, loadStandIns, shippedStandIns, type FrozenClip } from "./frozen.js";
import { medSamConfig, planSam, samSegmenter } from "./medsam.js";
import { rasaloreTarget } from "./published-weights.js";
import { standInSegmenter, type BoxSegmenter } from "./segmenter.js";
import type { TensorFlow } from "./tensorflow.js";

/** The two networks that stage 1 takes as they are. */
export interface Foundations {
  readonly clip: FrozenClip;
  readonly segmenter: BoxSegmenter;
  /** SHA-256 of every file they came from. */
  readonly hashes: Readonly<Record<string, string>>;
  dispose(): void;
}

/** Published files, as downloaded or as `folio weights convert` wrote them. */
export interface FoundationFiles {
  /** OpenAI's ViT-B-32.pt, or what `folio weights convert --for rasalore --architecture clip-vit-b32` made of it. */
  readonly clip: string;
  /** bpe_simple_vocab_16e6.txt.gz */
  readonly vocabulary: string;
  /** MedSAM or SAM ViT-B, under SAM's or Hugging Face's names. */
  readonly medsam: string;
}

/**
 * The shipped stand-ins for the presets quick and small, published files for `paper`.
 * @throws UsageError when `paper` is asked for without files, or files are given with another preset; BadFile when a file is not what it should be
 */
export async function loadFoundations(tf: TensorFlow, preset: PresetName, config: RasaloreConfig, files: Partial<FoundationFiles> = {}): Promise<Foundations> {
  const { clip, vocabulary, medsam } = files;
  if (preset !== "paper") {
    if (clip ?? vocabulary ?? medsam) throw new UsageError("--clip, --vocabulary and --medsam go with --preset paper; quick and small use stand-ins of their own size.");
    const standIns = await loadStandIns(tf);
    const segmenter = standInSegmenter(tf, standIns.segmenter, config.guide.segmenterSize);
    return { clip: standIns.clip, segmenter, hashes: { standIns: await sha256File(shippedStandIns) }, dispose: () => disposeStandIns(standIns) };
  }
  if (clip === undefined || vocabulary === undefined || medsam === undefined) {
    throw new UsageError("--preset paper needs --clip ViT-B-32.pt, --vocabulary bpe_simple_vocab_16e6.txt.gz and --medsam medsam_vit_b.pth.");
  }
  return published(tf, { clip, vocabulary, medsam });
}

async function published(tf: TensorFlow, files: FoundationFiles): Promise<Foundations> {
  const tokenizer = clipTokenizer(await readClipVocabulary(files.vocabulary));
  const towers = await filled(tf, { visual: planVisionTower(clipVitB32), text: planTextTower(clipVitB32) }, files.clip, rasaloreTarget("clip-vit-b32"));
  const names = (await openTensorFile(files.medsam)).tensors.some(({ name }) => name.includes("vision_encoder.")) ? "hugging-face" : "sam";
  const sam = await filled(tf, planSam(medSamConfig), files.medsam, { name: "MedSAM", slots: samSlots(medSamConfig, names), unneeded: [{ pattern: /shared_embedding/, reason: "the same numbers as shared_image_embedding" }] });
  return {
    clip: { config: clipVitB32, ...towers, tokenizer, source: files.clip },
    segmenter: samSegmenter(tf, sam, medSamConfig, "MedSAM"),
    hashes: { clip: await sha256File(files.clip), vocabulary: await sha256File(files.vocabulary), medsam: await sha256File(files.medsam) },
    dispose: () => {
      for (const weights of [towers, sam]) disposeWeights(weights);
    },
  };
}

/** A plan with a file's numbers. Published names first; a file that was converted before has ours. */
async function filled<Plan extends object>(tf: TensorFlow, plan: Plan, path: string, target: WeightTarget): Promise<Weights<Plan>> {
  const file = await openTensorFile(path);
  const own: WeightTarget = { name: target.name, slots: namedParameters(plan).map(({ name, parameter: { shape } }) => ({ from: name, to: name, shape: torchShape(shape) })), unneeded: [] };
  const there = new Set(file.tensors.map(({ name, shape }) => `${name} ${shape.join()}`));
  const chosen = own.slots.every(({ from, shape }) => there.has(`${from} ${shape.join()}`)) ? own : target;
  const weightPlan = planWeights(file.tensors, chosen);
  requireComplete(weightPlan, chosen, path);
  const weights = materialise(tf, plan, seededRandom(1));
  try {
    assignArrays(tf, namedVariables(weights), await readPlanned(file, weightPlan), path);
    return weights;
  } catch (error) {
    disposeWeights(weights);
    throw error;
  }
}
