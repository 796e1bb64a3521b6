import { InvalidValue, withSettings } from "../../core/index.js";
import { covarianceKinds, type CovarianceKind } from "../../stats/index.js";

/** WAV → picture. Source of every value: repository, convert_rgb.py, unless said otherwise. */
export interface ImageConfig {
  /** Samples a second after reading; other rates are refused. */
  readonly sampleRate: number;
  /** Length of the FFT and of its periodic Hann window, samples. */
  readonly nFft: number;
  readonly hopLength: number;
  readonly nMels: number;
  readonly fMin: number;
  /** Hz; half the sample rate. */
  readonly fMax: number;
  /** Decibels kept below the loudest cell. */
  readonly topDb: number;
  /** Matplotlib's name of the colour map. README: viridis, magma and inferno may be used too. */
  readonly colorMap: "plasma" | "viridis" | "magma" | "inferno";
  /** Side of the square picture in pixels. Repository: 224; 64 at `small` (our choice: 9 patches instead of 169). */
  readonly size: number;
}

/** Picture → overlapping squares. Source: repository, astra_attn_patch_dataset.py. */
export interface PatchConfig {
  readonly size: number;
  readonly stride: number;
  /** How many of a picture's patches one training view shows, the same ones in both views; evaluation takes all. */
  readonly perView: number | "all";
}

/** Random changes of a training view. Source: repository (torchvision's transforms). */
export interface AugmentConfig {
  /** Area of the crop as a share of the picture, uniform. */
  readonly cropScale: readonly [number, number];
  /** Width over height of the crop, log-uniform. */
  readonly cropRatio: readonly [number, number];
  /** Probability of mirroring left to right, which reverses time. */
  readonly flip: number;
  /** Probability of any colour change. */
  readonly jitter: number;
  /** Brightness, contrast and saturation are multiplied by U[1 − strength, 1 + strength]. */
  readonly strength: number;
  /** Hue is turned by U[−hue, hue] of the circle. */
  readonly hue: number;
  readonly grayscale: number;
}

/** Source: repository, patch_attn_model.py and attention_pooling.py; ResNet-34 from torchvision. */
export interface ModelConfig {
  /** Basic blocks in each of the four stages. ResNet-34: 3, 4, 6, 3. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels of each stage; the stem has the first. */
  readonly widths: readonly [number, number, number, number];
  /** Hidden and output size of the projector; the output is the patch embedding (train_joint.py: 128). */
  readonly projectorHidden: number;
  readonly embedding: number;
  readonly attentionHidden: number;
  readonly attributeHidden: number;
  /**
   * How attributes reach the attention. `bias` is the published form: one number added to every patch's score, which
   * the softmax over patches cancels, so attributes act through the fusion alone. `hidden` adds them inside the tanh,
   * where they do change the weights (our correction, spec §8.2).
   */
  readonly conditioning: "bias" | "hidden";
  /** `attention` is the method; `mean` weighs every patch alike (ablation). */
  readonly pooling: "attention" | "mean";
}

/** Source: repository, train_joint.py. */
export interface TrainingConfig {
  readonly epochs: number;
  readonly batch: number;
  /** `keep` trains on the short rest of an epoch as the repository does; `drop` leaves it out (one batch shape). */
  readonly lastBatch: "keep" | "drop";
  readonly learningRate: number;
  readonly temperature: number;
  /** ReduceLROnPlateau on the epoch's mean training loss. */
  readonly plateau: { readonly factor: number; readonly patience: number; readonly threshold: number };
  /** Finished epochs whose checkpoints are kept. */
  readonly keepCheckpoints: number;
}

/** Source: repository, eval_joint.py. */
export interface ScoringConfig {
  readonly clusters: number;
  /** `fixed` takes K as it is; `safe` lowers it to ⌊n/(q+2)⌋, at least 1, for few clips (our correction, spec §8.6). */
  readonly clusterRule: "fixed" | "safe";
  readonly covariance: CovarianceKind;
  /** Share of the variance the principal components must exceed; 1 keeps all. */
  readonly pcaVariance: number;
  /** Weights of the two z-scores. Cosine 0 means the Mahalanobis z-score alone. */
  readonly mahalanobisWeight: number;
  readonly cosineWeight: number;
  /** Weight of the z-score of the energy outside the principal components; 0 in the repository (our correction, spec §8.7). */
  readonly residualWeight: number;
  /** The threshold lets this share of the training normals be false alarms. */
  readonly targetFpr: number;
}

/** Where the repository does something other than what it says; each name tells which behaviour is taken. */
export interface CorrectionsConfig {
  /**
   * `zero` is what the repository does (it looks attributes up under the picture's name and never finds them);
   * `matched` finds them by stem (spec §8.3). The presets take `zero`: with attributes that are the same in both views,
   * NT-Xent can be lowered by telling attribute values apart instead of sounds (spec §8.4), and on the generated data it is.
   */
  readonly attributes: "zero" | "matched";
  /** `raw` feeds numeric attributes as they are; `standardised` by training mean and deviation (spec §8.4). */
  readonly attributeScale: "raw" | "standardised";
  /** Pixels at evaluation: `training` takes ImageNet's constants as in training, `half` mean and deviation 0.5 (spec §8.5). */
  readonly evalNormalisation: "training" | "half";
}

export interface AstraConfig {
  readonly image: ImageConfig;
  readonly patches: PatchConfig;
  readonly augment: AugmentConfig;
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly scoring: ScoringConfig;
  readonly corrections: CorrectionsConfig;
  /** The autoencoder it is compared with. */
  readonly autoencoder: AutoencoderConfig;
}

/** Source: dcase2023_task2_baseline_ae. */
export interface AutoencoderConfig {
  readonly epochs: number;
  /** Windows of five frames. */
  readonly batch: number;
  readonly learningRate: number;
  /** Share of the windows kept out of training. */
  readonly validationShare: number;
  /** The threshold is the (1 − this) quantile of a gamma distribution fitted to the training clips' scores. */
  readonly falseAlarms: number;
}

export type PresetName = "quick" | "small" | "paper";

const paper: AstraConfig = {
  image: {
    sampleRate: 16000,
    nFft: 1024,
    hopLength: 512,
    nMels: 128,
    fMin: 20,
    fMax: 8000,
    topDb: 80,
    colorMap: "plasma",
    size: 224,
  },
  patches: { size: 32, stride: 16, perView: 64 },
  augment: {
    cropScale: [0.08, 1],
    cropRatio: [3 / 4, 4 / 3],
    flip: 0.5,
    jitter: 0.8,
    strength: 0.4,
    hue: 0.1,
    grayscale: 0.2,
  },
  model: {
    blocks: [3, 4, 6, 3],
    widths: [64, 128, 256, 512],
    projectorHidden: 512,
    embedding: 128,
    attentionHidden: 128,
    attributeHidden: 32,
    conditioning: "bias",
    pooling: "attention",
  },
  training: {
    epochs: 100,
    batch: 32,
    lastBatch: "keep",
    learningRate: 2e-4,
    temperature: 0.1,
    plateau: { factor: 0.5, patience: 10, threshold: 1e-4 },
    keepCheckpoints: 5,
  },
  scoring: {
    clusters: 5,
    clusterRule: "fixed",
    covariance: "lw",
    pcaVariance: 0.98,
    mahalanobisWeight: 0.7,
    cosineWeight: 0.3,
    residualWeight: 0,
    targetFpr: 0.05,
  },
  corrections: { attributes: "zero", attributeScale: "standardised", evalNormalisation: "training" },
  autoencoder: { epochs: 100, batch: 256, learningRate: 1e-3, validationShare: 0.1, falseAlarms: 0.1 },
};

// Every part of the method at a size that trains on two cores in minutes: measured in spec §9 with 1500 steps.
const small: AstraConfig = {
  ...paper,
  image: { ...paper.image, size: 64 },
  patches: { size: 32, stride: 16, perView: "all" },
  model: {
    ...paper.model,
    blocks: [1, 1, 1, 1],
    widths: [8, 16, 32, 64],
    projectorHidden: 64,
    embedding: 64,
    attentionHidden: 64,
  },
  training: { ...paper.training, epochs: 116, batch: 16, lastBatch: "drop", learningRate: 1e-3 },
  autoencoder: { ...paper.autoencoder, epochs: 30 },
};

// The same model for half a minute instead of many: 200 steps of the generated quick data. The autoencoder has few steps
// too, so its rate is ten times the baseline's.
const quick: AstraConfig = {
  ...small,
  training: { ...small.training, epochs: 40 },
  autoencoder: { ...small.autoencoder, epochs: 12, batch: 64, learningRate: 1e-2 },
};

export const presets: Readonly<Record<PresetName, AstraConfig>> = { quick, small, paper };

/**
 * The configuration of a preset, with single fields changed by their path.
 * @throws UsageError for a path that is not there or a value of another type; InvalidValue for one that cannot work
 * @example astraConfig("small", { "scoring.clusters": 1 }).scoring.clusters // 1
 */
export function astraConfig(preset: PresetName, changes: Readonly<Record<string, unknown>> = {}): AstraConfig {
  if (!Object.hasOwn(presets, preset))
    throw new InvalidValue("astra", `the preset must be one of ${Object.keys(presets).join(", ")}`, preset);
  const config = withSettings(presets[preset], changes, ["patches.perView"]);
  checkConfig(config);
  return config;
}

/** @throws InvalidValue on the first setting that cannot work */
export function checkConfig({ image, patches, model, training, scoring, corrections }: AstraConfig): void {
  const check = (holds: boolean, rule: string, value: unknown): void => {
    if (!holds) throw new InvalidValue("astra", rule, value);
  };
  check(patches.size <= image.size, `patches.size must be at most the picture's ${image.size} pixels`, patches.size);
  check(
    patches.perView === "all" || (patches.perView >= 1 && patches.perView <= patchesPerImage({ image, patches })),
    `patches.perView must be "all" or 1 to ${patchesPerImage({ image, patches })}`,
    patches.perView,
  );
  check(training.batch >= 2, "training.batch must be at least 2: one clip alone has no negatives", training.batch);
  check(
    training.epochs >= 0 && Number.isInteger(training.epochs),
    "training.epochs must be a whole number",
    training.epochs,
  );
  check(training.temperature > 0, "training.temperature must be above 0", training.temperature);
  check(
    scoring.clusters >= 1 && Number.isInteger(scoring.clusters),
    "scoring.clusters must be a whole number from 1",
    scoring.clusters,
  );
  check(scoring.pcaVariance > 0, "scoring.pcaVariance must be above 0", scoring.pcaVariance);
  check(scoring.targetFpr > 0 && scoring.targetFpr < 1, "scoring.targetFpr must be between 0 and 1", scoring.targetFpr);
  check(
    covarianceKinds.includes(scoring.covariance),
    `scoring.covariance must be one of ${covarianceKinds.join(", ")}`,
    scoring.covariance,
  );
  check(
    ["bias", "hidden"].includes(model.conditioning),
    'model.conditioning must be "bias" or "hidden"',
    model.conditioning,
  );
  check(["attention", "mean"].includes(model.pooling), 'model.pooling must be "attention" or "mean"', model.pooling);
  check(
    ["fixed", "safe"].includes(scoring.clusterRule),
    'scoring.clusterRule must be "fixed" or "safe"',
    scoring.clusterRule,
  );
  check(
    ["zero", "matched"].includes(corrections.attributes),
    'corrections.attributes must be "zero" or "matched"',
    corrections.attributes,
  );
}

/** How many patches a whole picture gives: 169 at `paper`, 9 at `small`. */
export function patchesPerImage({ image, patches }: Pick<AstraConfig, "image" | "patches">): number {
  return (Math.floor((image.size - patches.size) / patches.stride) + 1) ** 2;
}
