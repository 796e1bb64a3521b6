import { InvalidValue } from "../../core/index.js";
import { checkLmConfig, clipVitL14At336, mistral7b, patchesASide, tinySam, vitB, type CausalLmConfig, type ClipConfig, type LoraConfig, type SamConfig } from "../../nn/index.js";
import type { StructureForm } from "./loss.js";
import { paperHead, type MaskHeadConfig } from "./mask-head.js";
import { mapGrid, type VisionEncoderConfig } from "./vision-encoder.js";

/** One pre-training or training stage: so many steps of AdamW on a cosine to 0 after a short linear rise, gradients clipped to norm 1. */
export interface StageConfig {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

/**
 * Stand-ins for what the original downloads (spec §9, steps 1–4). They are trained on pictures from other random numbers than the data.
 */
export interface PretrainingConfig {
  /** CLIP: what a caption says, from every patch token, max-pooled. */
  readonly tower: StageConfig;
  /** LLaVA-Med: captions and questions with their answers. */
  readonly language: LanguageStageConfig;
  /** TinySAM: masks of bright and of dark lesions, and pixel coordinates. */
  readonly encoder: StageConfig;
  /** Not in the original: the prompt projection learns which of seven things a question names. 800 steps: 200, as in spec §9, leave it half learned with the synonyms used here. */
  readonly prompt: StageConfig;
  /** Rows of the corpus that pictures are drawn for; 0: no stand-ins, the encoder starts untrained. */
  readonly corpusRows: number;
}

export interface LanguageStageConfig extends StageConfig {
  /** Share of captions among the texts; the rest are questions with their answers. */
  readonly captions: number;
  /** Share of the questions that are about one of two lesions. */
  readonly twoLesions: number;
}

export interface TrainingConfig extends StageConfig {
  readonly weightDecay: number;
  /** Factor of the text loss. */
  readonly textWeight: number;
  /** Factor of the modality loss while it is on. */
  readonly classWeight: number;
  /** Share of the training in which the modality loss is on. */
  readonly classUntil: number;
  /** How much more zone and brightness words of the answer count in the text loss; 1 in the original. */
  readonly wordWeight: number;
  /** Side of the structure loss's box. */
  readonly window: number;
  /** Factor of the contrast between the two lesions of a picture; 0 in the original. */
  readonly contrastWeight: number;
}

/** What the mask head sees of the language model (spec §4, §8.2). */
export type Conditioning =
  /** The question's own tokens, padding left out. */
  | "question"
  /** Every place of the prompt, the picture's among them. */
  | "prompt"
  /** As published: the whole sequence with the **true answer** in training, the prompt in testing. */
  | "leak-answer"
  /** Nothing: zeros, and the language model is left out of the mask. */
  | "none"
  /** What the question asks for, as an indicator vector: an upper bound that looks at the truth. */
  | "oracle";

/** Where the original has a property that matters, both behaviours exist; {@link forms} bundles them. */
export interface PrsMedForm {
  readonly conditioning: Conditioning;
  /** Whether padding takes part in the cross-attention, which makes a mask depend on its neighbours (spec §8.6). */
  readonly padding: "attended" | "masked";
  readonly structure: StructureForm;
  /** Whether answers end in `</s>` (spec §8.5). */
  readonly answerEnd: "none" | "eos";
  /** Post-step of the mask: the original stretches every picture's probabilities to 0 … 1 (spec §8.7). */
  readonly probabilities: "stretched" | "plain";
}

export type FormName = "faithful" | "corrected";

export const forms: Readonly<Record<FormName, PrsMedForm>> = {
  faithful: { conditioning: "leak-answer", padding: "attended", structure: "faithful", answerEnd: "none", probabilities: "stretched" },
  corrected: { conditioning: "question", padding: "masked", structure: "faithful", answerEnd: "eos", probabilities: "plain" },
};

/** Parts that a run may leave out, to see what carries the result. */
export interface Parts {
  readonly lora: "trained" | "none";
  readonly encoder: "trained" | "frozen";
  /** What the stand-in for TinySAM learns to find: bright and dark lesions apart or all alike, and where each place of the map lies. */
  readonly encoderPretraining: "bright-dark-and-places" | "bright-dark" | "lesions-and-places" | "none";
  readonly promptWarmup: "seven-words" | "none";
  /** `scratch`: no stand-in for CLIP and LLaVA-Med; the language model starts untrained and is trained whole. */
  readonly language: "pretrained" | "scratch";
  /** `bypassed`: the cross-attention's answer is left out, though the language model is trained. */
  readonly fusion: "cross-attention" | "bypassed";
  /** `deconvolutions`: the paper-style head that the repositories keep and never call; it has no prompt projection to warm up. */
  readonly head: "convolutions" | "deconvolutions";
}

export interface PrsMedConfig {
  /** Side of the picture in the vision branch. */
  readonly imageSize: number;
  readonly clip: ClipConfig;
  readonly lm: CausalLmConfig;
  readonly lora: LoraConfig;
  readonly encoder: VisionEncoderConfig;
  readonly head: MaskHeadConfig;
  /** T: places of a sequence, picture and answer among them. */
  readonly places: number;
  readonly pretraining: PretrainingConfig;
  readonly training: TrainingConfig;
  readonly form: PrsMedForm;
  readonly parts: Parts;
}

export type PresetName = "quick" | "small" | "paper";

const allParts: Parts = { lora: "trained", encoder: "trained", encoderPretraining: "bright-dark-and-places", promptWarmup: "seven-words", language: "pretrained", fusion: "cross-attention", head: "convolutions" };

// Every part at a size that trains in about two minutes on one thread (spec §9).
const small: PrsMedConfig = {
  imageSize: 32,
  clip: { ...clipVitL14At336, imageSize: 32, patch: 8, visionWidth: 48, visionBlocks: 3, visionHeads: 4, joint: 48 },
  lm: { vocabulary: 288, width: 96, layers: 2, heads: 4, kvHeads: 2, hidden: 192, ropeTheta: 1e4, eps: 1e-5, embeddingDeviation: 0.02 },
  lora: { rank: 8, alpha: 8 },
  encoder: { imageSize: 32, stem: 16, widths: [32, 48, 48], depths: [1, 1, 1], heads: [1, 4, 4], windows: [1, 4, 8], mergeStrides: [1, 1], channels: 48 },
  head: { prompt: 96, hidden: 96, image: 48, heads: 4, encoderHeads: 4, feedForward: 96, upsampling: 4, startBias: 0 },
  places: 72,
  pretraining: {
    tower: { steps: 1000, batch: 32, learningRate: 2e-3 },
    language: { steps: 600, batch: 24, learningRate: 2e-3, captions: 0.15, twoLesions: 0.85 },
    encoder: { steps: 200, batch: 12, learningRate: 3e-3 },
    prompt: { steps: 800, batch: 48, learningRate: 6e-3 },
    corpusRows: 3800,
  },
  training: { steps: 600, batch: 12, learningRate: 2e-3, weightDecay: 1e-5, textWeight: 1, classWeight: 0.5, classUntil: 0.25, wordWeight: 5, window: 5, contrastWeight: 0.3 },
  form: forms.corrected,
  parts: allParts,
};

// About a minute of one processor core: less pre-training and fewer rows than `small`, almost as many joint steps, because with few the head stays on its plateau.
const quick: PrsMedConfig = {
  ...small,
  pretraining: {
    tower: { ...small.pretraining.tower, steps: 450 },
    language: { ...small.pretraining.language, steps: 260 },
    encoder: small.pretraining.encoder,
    prompt: { ...small.pretraining.prompt, steps: 600 },
    corpusRows: 1500,
  },
  training: { ...small.training, steps: 250 },
};

// Sources: spec §3 (sizes), §4 (repository's training: AdamW 1e-4, weight decay 1e-5, batch 4, 20 epochs of about 3,222 steps).
const paper: PrsMedConfig = {
  imageSize: 1024,
  clip: clipVitL14At336,
  lm: mistral7b,
  lora: { rank: 16, alpha: 16 },
  encoder: tinySam,
  head: paperHead,
  places: 1 + 576 + 512,
  pretraining: { ...small.pretraining, corpusRows: 0 },
  training: { steps: 64_440, batch: 4, learningRate: 1e-4, weightDecay: 1e-5, textWeight: 1, classWeight: 0.5, classUntil: 0.25, wordWeight: 1, window: 31, contrastWeight: 0 },
  form: forms.corrected,
  parts: { ...allParts, encoderPretraining: "none", promptWarmup: "none" },
};

export const presets: Readonly<Record<PresetName, PrsMedConfig>> = { quick, small, paper };

/** {@link presets}.small with pictures of 64 pixels: patches of 16 for the tower, a map of 16×16. */
export const small64: PrsMedConfig = {
  ...small, imageSize: 64, clip: { ...small.clip, imageSize: 64, patch: 16 }, encoder: { ...small.encoder, imageSize: 64 }, training: { ...small.training, window: 9 },
};

/** The same method on SAM's ViT instead of TinyViT: SAM-Med2D's ViT-B at 256 pixels where the map is 16×16, a small one elsewhere. */
export function onSam(config: PrsMedConfig): PrsMedConfig {
  if (config.imageSize === 1024) return { ...config, imageSize: 256, encoder: { ...vitB, imageSize: 256, positionGrid: 16 } };
  const encoder: SamConfig = { ...vitB, imageSize: config.imageSize, patch: 4, width: 48, blocks: 2, heads: 4, globalBlocks: [1], window: 4, positionGrid: config.imageSize / 4, channels: config.encoder.channels };
  return { ...config, encoder };
}

/** Places that the picture takes in the language model. */
export const imageTokens = ({ clip }: Pick<PrsMedConfig, "clip">): number => patchesASide(clip) ** 2;

/** @throws InvalidValue for parts that do not fit together */
export function checkConfig(config: PrsMedConfig): PrsMedConfig {
  const { lm, head, encoder, imageSize, clip, places } = config;
  checkLmConfig(lm);
  if (head.prompt !== lm.width) throw new InvalidValue("prs-med config", "head.prompt must be the language model's width", [head.prompt, lm.width]);
  if (head.image !== encoder.channels) throw new InvalidValue("prs-med config", "head.image must be the encoder's channels", [head.image, encoder.channels]);
  if (encoder.imageSize !== imageSize || mapGrid(encoder) * head.upsampling !== imageSize)
    throw new InvalidValue("prs-med config", "map and upsampling must give the picture's size", [imageSize, mapGrid(encoder), head.upsampling]);
  if (places < imageTokens({ clip }) + 32) throw new InvalidValue("prs-med config", "a sequence must have room for the picture and 32 tokens", places);
  return config;
}
