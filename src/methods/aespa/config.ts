import { InvalidValue } from "../../core/index.js";
import { gridOf, vitB, type SamConfig } from "../../nn/index.js";

/** The preference networks. Source: repository, em_networks and sample_generator. */
export interface PreferenceConfig {
  /** M: parts of the mixture that describes a preference. */
  readonly components: number;
  /** Channels the latent is spread over before it joins the image. */
  readonly latent: number;
}

/** Source: repository, function_aespa.py and global_settings.py. */
export interface TrainingConfig {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** `constant` is what the repository really does (its StepLR is never stepped); `halved` at 60 % and 85 % of the epochs (spec §9). */
  readonly schedule: "constant" | "halved";
  /** Rounds of one mask and one click. */
  readonly rounds: number;
  /** The click falls on one of so many worst pixels. */
  readonly worstPixels: number;
  /** Probability that the simulated user stays the same rater from round to round, in training. */
  readonly keepRater: number;
}

/** Source: repository, function.py; N, K in the published runs 48 and 4. */
export interface SpaConfig {
  /** N: masks drawn a round. */
  readonly samples: number;
  /** K: groups they are put into. */
  readonly clusters: number;
}

/** Where the published code has a property that matters, both behaviours exist (spec §8); {@link forms} bundles them. */
export interface AespaForm {
  /** Order in which a click's coordinates reach the point encoder, which reads (x, y): the published code passes (y, x) (§8.1). */
  readonly clickOrder: "yx" | "xy";
  /** Whether the mask loss trains the mean–variance network and the prompt encoder; in the published code nothing trains the former (§8.6). */
  readonly latentTraining: "frozen" | "by-mask-loss";
  /** Whether the gradient of the preference loss flows into its target too (§8.6). */
  readonly preferenceTarget: "both-sides" | "detached";
  /** How low-resolution logits come to the image's size (§4). */
  readonly upsampling: "nearest" | "bilinear";
  /** Whether w, μ and σ² are means over the batch, which makes a mask depend on its neighbours (§8.7). Evaluation is per item always. */
  readonly preferences: "batch-mean" | "per-item";
  /** Whether raters who drew nothing count in the target of round 0 (§8.8). */
  readonly firstTarget: "all-raters" | "valid-raters";
  /** Whether responsibilities may underflow to zeros (§8.13). */
  readonly responsibilities: "direct" | "log-space";
  /** Which of a SAM checkpoint's tensors are taken: the published code renamed 32 modules and loads with strict=false (§3.5). */
  readonly startWeights: "all" | "as-published";
  /** `off` is an ablation: the latent is 0 and nothing trains the preference networks (§9). */
  readonly preferenceNetworks: "on" | "off";
}

export type FormName = "faithful" | "corrected";

export const forms: Readonly<Record<FormName, AespaForm>> = {
  faithful: {
    clickOrder: "yx", latentTraining: "frozen", preferenceTarget: "both-sides", upsampling: "nearest",
    preferences: "batch-mean", firstTarget: "all-raters", responsibilities: "direct", startWeights: "as-published", preferenceNetworks: "on",
  },
  corrected: {
    clickOrder: "xy", latentTraining: "by-mask-loss", preferenceTarget: "detached", upsampling: "bilinear",
    preferences: "per-item", firstTarget: "valid-raters", responsibilities: "log-space", startWeights: "all", preferenceNetworks: "on",
  },
};

export interface AespaConfig {
  readonly sam: SamConfig;
  readonly preference: PreferenceConfig;
  readonly training: TrainingConfig;
  readonly spa: SpaConfig;
  readonly form: AespaForm;
}

export type PresetName = "quick" | "small" | "paper";

const paper: AespaConfig = {
  sam: vitB,
  preference: { components: 16, latent: 64 },
  training: { epochs: 20, batch: 64, learningRate: 1e-4, schedule: "constant", rounds: 6, worstPixels: 20, keepRater: 0.8 },
  spa: { samples: 48, clusters: 4 },
  form: forms.corrected,
};

// Every part of the method at a size that trains on a processor in minutes, measured in spec §9: 768,704 parameters.
const small: AespaConfig = {
  sam: {
    imageSize: 64, patch: 8, width: 64, blocks: 4, heads: 4, globalBlocks: [1, 3], window: 4, mlpRatio: 4, positionGrid: 8,
    channels: 64, decoderHeads: 8, decoderMlp: 128, decoderDepth: 2,
  },
  preference: { components: 8, latent: 64 },
  training: { ...paper.training, epochs: 12, batch: 16, learningRate: 1e-3, schedule: "halved" },
  spa: { samples: 8, clusters: 3 },
  form: forms.corrected,
};

// Runs everything in under a minute; its numbers say that the parts work together, nothing about the method.
const quick: AespaConfig = {
  ...small,
  sam: { ...small.sam, width: 32, blocks: 2, globalBlocks: [1], channels: 32, decoderMlp: 64 },
  preference: { components: 4, latent: 16 },
  training: { ...small.training, epochs: 12, batch: 8, learningRate: 2e-3 },
  spa: { samples: 4, clusters: 2 },
};

export const presets: Readonly<Record<PresetName, AespaConfig>> = { quick, small, paper };

/** @throws InvalidValue for settings no network can have */
export function checkConfig(config: AespaConfig): AespaConfig {
  const { sam, training, spa } = config;
  const grid = gridOf(sam);
  if (!Number.isInteger(grid) || grid % 2 !== 0) throw new InvalidValue("aespa config", "imageSize must be an even number of patches", [sam.imageSize, sam.patch]);
  if (sam.width % sam.heads !== 0 || (sam.channels / 2) % sam.decoderHeads !== 0) throw new InvalidValue("aespa config", "widths must divide by their heads", sam);
  if (training.epochs < 0 || training.batch < 1) throw new InvalidValue("aespa config", "epochs and batches are counted from 0 and 1", training);
  if (training.rounds < 1 || training.worstPixels < 1) throw new InvalidValue("aespa config", "there must be a round and a pixel to click", training);
  if (spa.clusters < 2 || spa.samples < spa.clusters) throw new InvalidValue("aespa config", "SPA needs two clusters or more and no fewer samples", spa);
  return config;
}
