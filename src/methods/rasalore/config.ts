import { InvalidValue } from "../../core/index.js";
import { clipVitB32, type ClipConfig } from "../../nn/index.js";

/** Stage 2's network. Source: repository, Modules/Encoder.py, RASAM.py, Mask_Decoder.py. */
export interface NetworkConfig {
  /** S: side of the square input; features have S/2, the mask 2S pixels a side. */
  readonly imageSize: number;
  /** Channels of the four encoder blocks; the last is also the width d of points and tokens. */
  readonly channels: readonly [number, number, number, number];
  /** Channels inside the refiner, before d. */
  readonly refiner: readonly [number, number];
  /** Candidate points a side, K = grid². */
  readonly grid: number;
  readonly heads: number;
  /** Hidden widths of the point head. */
  readonly pointHidden: readonly [number, number];
  /** Channels after the mask decoder's two doublings. */
  readonly upsampling: readonly [number, number];
  /** Share of channels that training drops. */
  readonly dropout: number;
}

/** Stage 2's training. Source: repository, train_run.py, loss.py. */
export interface TrainingConfig {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** `sgd-halved`: momentum 0.9, halved every 20 epochs, as published. `adam-cosine`: our choice for a few hundred steps (spec §9). */
  readonly optimizer: "sgd-halved" | "adam-cosine";
  /** Steps over which `adam-cosine` rises to its rate in a straight line, before the cosine begins. */
  readonly warmupSteps: number;
  /** Widths in pixels of the mask at which the weight maps of the two pseudo masks and of the background are smoothed. */
  readonly sigma: { readonly foreground: number; readonly background: number };
  /** Share of training slices (of whole patients) that choose the checkpoint. */
  readonly validation: number;
  /** What the checkpoint is chosen by: pseudo masks, or ground truth, which is no weak supervision (as published). */
  readonly selectOn: "pseudo-masks" | "ground-truth" | "last-epoch";
}

/** Stage 1: prompts on a frozen CLIP. Source: DDPT/trainers/DPT.py, run.sh. */
export interface DdptConfig {
  readonly clip: ClipConfig;
  readonly textTokens: number;
  readonly visualTokens: number;
  /** Width in which class-aware prompts and image tokens meet. */
  readonly attentionWidth: number;
  readonly extraTokens: number;
  /** The class texts that class-aware prompts are made of: `raw`, of whatever length the text tower gives, as published, or scaled to `unit-length`. */
  readonly promptTexts: "raw" | "unit-length";
  readonly epochs: number;
  /** From here on (0-based) only the prompted logits count. */
  readonly switchEpoch: number;
  readonly batch: number;
  readonly visual: { readonly learningRate: number; readonly warmup: number };
  readonly text: { readonly learningRate: number; readonly warmup: number };
  readonly augmentation: "crop-and-flip" | "flip";
  /** Slices of a class that are seen at most. */
  readonly perClass: number;
}

/** How the pseudo masks are made. */
export interface GuideConfig {
  /** Each side of the box moves out by 0 … `jitter` − 1 pixels of the map. */
  readonly jitter: number;
  /** Side of the image that the segmenter sees. */
  readonly segmenterSize: number;
  /** A crop narrower than this is widened around its middle; pixels of the image. */
  readonly minCrop: number;
  /** Slices whose map marks fewer pixels of the image are left out of training. */
  readonly minMapArea: number;
}

/** Where the published code has a property that matters, both behaviours exist (spec §8); {@link forms} bundles them. */
export interface RasaloreForm {
  /** Location embeddings: `aliased` as published, where each occurs four times; `clean` without the floor (§8.1). */
  readonly lore: LoreKind;
  /** Masks on a 256-pixel grid cut with the image's own indices, or brought to the image's size first (§8.3). */
  readonly alignment: "legacy" | "aligned";
  /** Box of the map used as pixels of the image, or scaled to them (§8.4). */
  readonly box: "unscaled" | "scaled";
  /** Attention cut to 8 bits before it is enlarged, or after (§8.14). */
  readonly map: "quantised-first" | "float";
  /** Last row and column of a crop lost, or kept (§8.16). */
  readonly crop: "exclusive" | "inclusive";
  /** The reference enlarged so that any touched pixel counts, about one pixel too wide, or cut at ½ (§5). */
  readonly reference: "dilated" | "half";
}

export type LoreKind = "aliased" | "clean" | "zero" | "learnable";
export type FormName = "faithful" | "corrected";

export const forms: Readonly<Record<FormName, RasaloreForm>> = {
  faithful: { lore: "aliased", alignment: "legacy", box: "unscaled", map: "quantised-first", crop: "exclusive", reference: "dilated" },
  corrected: { lore: "clean", alignment: "aligned", box: "scaled", map: "float", crop: "inclusive", reference: "half" },
};

export interface RasaloreConfig {
  readonly ddpt: DdptConfig;
  readonly guide: GuideConfig;
  readonly network: NetworkConfig;
  readonly training: TrainingConfig;
  /** Weight of the term of the segmenter's mask: 1, or 0 to learn from the map alone. */
  readonly segmenterTerm: "used" | "left-out";
  /** Points ask the image where to look, or keep their embeddings (ablation). */
  readonly attention: "region-aware" | "none";
  readonly form: RasaloreForm;
}

export type PresetName = "quick" | "small" | "paper";

/** 7,254,370 parameters. */
export const publishedNetwork: NetworkConfig = {
  imageSize: 128, channels: [32, 64, 128, 256], refiner: [64, 128], grid: 32, heads: 4, pointHidden: [128, 64], upsampling: [128, 64], dropout: 0.1,
};

const paper: RasaloreConfig = {
  ddpt: {
    clip: clipVitB32, textTokens: 16, visualTokens: 10, attentionWidth: 32, extraTokens: 10, promptTexts: "raw", epochs: 60, switchEpoch: 30, batch: 32,
    visual: { learningRate: 0.01, warmup: 10 }, text: { learningRate: 0.002, warmup: 1 }, augmentation: "crop-and-flip", perClass: 10_000,
  },
  guide: { jitter: 20, segmenterSize: 1024, minCrop: 64, minMapArea: 200 },
  network: publishedNetwork,
  training: {
    epochs: 200, batch: 16, learningRate: 1e-2, optimizer: "sgd-halved", warmupSteps: 0, sigma: { foreground: 10, background: 15 }, validation: 0.1, selectOn: "pseudo-masks",
  },
  segmenterTerm: "used",
  attention: "region-aware",
  form: forms.corrected,
};

/** A CLIP of the same build that Folio trains on generated captions; 7×7 patches like the published one. */
export const smallClip: ClipConfig = {
  imageSize: 56, patch: 8, visionWidth: 64, visionBlocks: 4, visionHeads: 4, joint: 32, context: 16, vocabulary: 40, textWidth: 64, textBlocks: 2, textHeads: 4,
};

// Spec §9: 92,770 parameters in stage 2; every part of both stages, at a size a processor trains in minutes.
const small: RasaloreConfig = {
  ...paper,
  ddpt: { ...paper.ddpt, clip: smallClip, textTokens: 4, visualTokens: 4, attentionWidth: 16, extraTokens: 4, epochs: 20, switchEpoch: 10, visual: { learningRate: 0.01, warmup: 2 }, text: { learningRate: 0.002, warmup: 2 }, augmentation: "flip", perClass: 160 },
  guide: { jitter: 6, segmenterSize: 64, minCrop: 17, minMapArea: 21 },
  network: { imageSize: 32, channels: [8, 16, 24, 32], refiner: [8, 16], grid: 8, heads: 4, pointHidden: [16, 8], upsampling: [16, 8], dropout: 0.1 },
  // The spec's 600 steps were 40 epochs of 120 slices, each of another brain; 120 generated patients have ten times as many slices, so 5 epochs are some 780 steps.
  // Its rate of 3e-3 stays at a mask that is alike everywhere unless it is reached over some 90 steps, and was no better then (bench/results/rasalore-small.md).
  training: { epochs: 5, batch: 8, learningRate: 1.2e-3, optimizer: "adam-cosine", warmupSteps: 0, sigma: { foreground: 2.5, background: 3.75 }, validation: 0.1, selectOn: "last-epoch" },
};

// Runs both stages in well under a minute; its numbers say that the parts work together.
const quick: RasaloreConfig = { ...small, ddpt: { ...small.ddpt, perClass: 64 }, training: { ...small.training, epochs: 18 } };

export const presets: Readonly<Record<PresetName, RasaloreConfig>> = { quick, small, paper };

/** @throws InvalidValue for settings no network can have */
export function checkConfig(config: RasaloreConfig): RasaloreConfig {
  const { network, training, ddpt } = config;
  if (network.imageSize % 4 !== 0 || network.imageSize % network.grid !== 0) throw new InvalidValue("rasalore config", "imageSize must be a multiple of 4 and of the grid", network.imageSize);
  if (network.channels[3] % network.heads !== 0 || network.channels[3] % 2 !== 0) throw new InvalidValue("rasalore config", "the last channels must be even and divide by the heads", network.channels);
  if (!(training.validation >= 0 && training.validation < 1)) throw new InvalidValue("rasalore config", "validation must lie in [0, 1)", training.validation);
  if (ddpt.switchEpoch > ddpt.epochs || ddpt.textTokens + 5 > ddpt.clip.context) throw new InvalidValue("rasalore config", "the switch must come within the epochs and the text tokens fit the context", ddpt);
  return config;
}
