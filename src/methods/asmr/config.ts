import { InvalidValue, withSettings } from "../../core/index.js";

/** How slices become samples. Spec §2.5, §2.6. */
export interface DataConfig {
  /** Pixels a side; also the number of phase-encoding columns. Repository: 256. */
  readonly size: number;
  /** Our choice: `crop-pad` keeps pixels as they are. */
  readonly fit: "crop-pad" | "resize";
  /** First and last column the agent may acquire, inclusive. Missing in the repository's ACDC config; all columns is its mask class's default. */
  readonly sampledIndices: readonly [number, number];
  /** Deviation of complex Gaussian noise in k-space. Our choice: 0. */
  readonly noiseStd: number;
  /** `fill` takes the mirrored column for free, which zero-filling does not. Our choice: `none`. */
  readonly hermitian: "none" | "fill";
}

export const segmentationNetworks = ["unet", "unetpp", "unext"] as const;
export type SegmentationNetwork = (typeof segmentationNetworks)[number];

/** The frozen network that rewards. Spec §3.1, §4.1–4.3; the module itself is not in the release. */
export interface RewardModelConfig {
  readonly network: SegmentationNetwork;
  /** Our choice, after ASMR's input normalisation. */
  readonly inputNorm: "layernorm" | "none";
  /** ASMR's learned 5×5 complex convolution in front. Our choice: `none`, because the abstract says that data are reconstructed first. */
  readonly front: "none" | "fft-conv";
  readonly unet: { readonly widths: readonly number[]; readonly upsampling: "transposed" | "bilinear" };
  readonly unetpp: { readonly base: number; readonly cap: number; readonly norm: "instance" | "batch" };
  readonly unext: "standard" | "small";
  /** `vds` is the repository's law; `vds-and-blocks` mixes in clusters far from the centre, without which a network is unreliable on them (spec §9.3, pitfall 15). */
  readonly masks: "vds" | "vds-and-blocks";
  /** Share of columns a training mask has. Repository: 0.05–1. */
  readonly rates: readonly [number, number];
  /** `ce-dice-pooled` is nearest to the release; `ce-dice-foreground` keeps background from swamping small structures. */
  readonly segLoss: "ce-dice-pooled" | "ce-dice-foreground";
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** `asmr-step` is tenfold down every three epochs (spec §8.4); `cosine` and `one-cycle` are ours. */
  readonly schedule: "cosine" | "one-cycle" | "asmr-step";
  readonly sampler: "shuffled" | "weighted";
  readonly emptySlices: "keep" | "drop";
  readonly augment: "none" | "flip";
}

/** r = λ1·reconstruction + λ2·segmentation. The release holds no such term: every field here is our choice (spec §4.6). */
export interface RewardConfig {
  readonly lambdaReconstruction: number;
  readonly lambdaSegmentation: number;
  readonly segReward: "soft-dice" | "hard-dice" | "logp";
  readonly recReward: "ssim" | "mse" | "psnr" | "nmse";
  /** `level` pays the quality at every step, as shipped; `delta` pays its rise, which adds up to the final quality. */
  readonly mode: "level" | "delta";
  /** Steps that earn nothing. Repository: 7, with `level`; must be 0 with `delta`. */
  readonly delayStep: number;
}

/** Spec §4.5. */
export interface EnvironmentConfig {
  /** Slices an episode runs side by side. Repository: 128. */
  readonly numEnvs: number;
  /** Lines of a training episode, drawn from this range, both inclusive. Repository: 5–50. */
  readonly budgets: readonly [number, number];
  /** Columns of one action. Repository: 1. */
  readonly linesPerStep: number;
  /** Repository: weighted, though ASMR's loader ignores it for this task. */
  readonly sampler: "shuffled" | "weighted";
}

/** Spec §3.2. */
export interface PolicyConfig {
  readonly backbone: "resnet18" | "small";
  /** Repository: 60, and one-hot remaining lines of 60. */
  readonly featureDim: number;
  readonly remainingSlots: number;
  readonly headWidth: number;
  /** `image` sees what was acquired; `budget-only` is the ablation in which the image branch is zeroed. */
  readonly sees: "image" | "budget-only";
  /** Batch norm of the ResNet in rollouts and updates: by the batch as in ASMR's code, or frozen (spec §8.6). */
  readonly bnMode: "frozen" | "asmr";
  /**
   * How the policy comes from k-space to a picture. The published code leaves `ifft2` at its default, so orthonormal k-space gives 1/√(H·W) of the picture, and the layer norm's
   * ε then outweighs its variance. `orthonormal` puts that right.
   */
  readonly pictureNorm: "backward" | "orthonormal";
  /** Start of trunk and head. Repository: orthogonal. */
  readonly linearInit: "orthogonal" | "default";
}

/** Spec §4.7; repository, rl/cfgs/train_asmr.yaml. */
export interface PpoConfig {
  readonly updates: number;
  /** Steps of all environments a rollout. Repository: 72. */
  readonly numSteps: number;
  readonly minibatch: number;
  readonly epochs: number;
  readonly gamma: number;
  readonly gaeLambda: number;
  readonly clip: number;
  readonly valueCoefficient: number;
  readonly entropyCoefficient: number;
  readonly maxGradNorm: number;
  /** Stops the epochs of an update beyond this divergence; null never does, as shipped. */
  readonly targetKl: number | null;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Updates between two looks at the validation set. */
  readonly evaluateEvery: number;
  /** Lines at that look. Repository: 40, always. */
  readonly evaluateBudget: number;
}

/** Spec §5. */
export interface EvaluationConfig {
  readonly budgets: readonly number[];
  /** Slices that the greedy search for one fixed mask looks at. */
  readonly greedySlices: number;
  readonly loupe: { readonly steps: number; readonly batch: number; readonly learningRate: number; readonly slope: number; readonly sampleSlope: number };
}

export interface AsmrConfig {
  readonly data: DataConfig;
  readonly rewardModel: RewardModelConfig;
  readonly reward: RewardConfig;
  readonly environment: EnvironmentConfig;
  readonly policy: PolicyConfig;
  readonly ppo: PpoConfig;
  readonly evaluation: EvaluationConfig;
}

export type PresetName = "quick" | "small" | "paper";

const paper: AsmrConfig = {
  data: { size: 256, fit: "crop-pad", sampledIndices: [0, 255], noiseStd: 0, hermitian: "none" },
  rewardModel: {
    network: "unet", inputNorm: "layernorm", front: "none",
    unet: { widths: [64, 128, 256, 512, 1024], upsampling: "transposed" },
    unetpp: { base: 30, cap: 480, norm: "instance" },
    unext: "standard",
    masks: "vds", rates: [0.05, 1], segLoss: "ce-dice-pooled",
    epochs: 400, batch: 32, learningRate: 1e-4, weightDecay: 0.1, schedule: "cosine", sampler: "shuffled", emptySlices: "keep", augment: "none",
  },
  reward: { lambdaReconstruction: 0.5, lambdaSegmentation: 0.5, segReward: "soft-dice", recReward: "ssim", mode: "level", delayStep: 7 },
  environment: { numEnvs: 128, budgets: [5, 50], linesPerStep: 1, sampler: "weighted" },
  policy: { backbone: "resnet18", featureDim: 60, remainingSlots: 60, headWidth: 256, sees: "image", bnMode: "frozen", pictureNorm: "backward", linearInit: "orthogonal" },
  ppo: {
    updates: 10_850, numSteps: 72, minibatch: 256, epochs: 2, gamma: 0.99, gaeLambda: 0.95, clip: 0.2, valueCoefficient: 0.5, entropyCoefficient: 0.01,
    maxGradNorm: 0.5, targetKl: null, learningRate: 1e-4, weightDecay: 1e-4, evaluateEvery: 20, evaluateBudget: 40,
  },
  evaluation: {
    budgets: [8, 12, 16, 20, 26, 32, 40, 50], greedySlices: 64,
    loupe: { steps: 600, batch: 32, learningRate: 0.01, slope: 5, sampleSlope: 12 },
  },
};

// Spec §9.3: every part at a size that trains on a processor in minutes.
const small: AsmrConfig = {
  data: { ...paper.data, size: 48, sampledIndices: [0, 47] },
  rewardModel: {
    ...paper.rewardModel,
    unet: { widths: [8, 16, 32, 64], upsampling: "transposed" }, unetpp: { base: 4, cap: 64, norm: "instance" }, unext: "small",
    masks: "vds-and-blocks", segLoss: "ce-dice-foreground", epochs: 15, batch: 16, learningRate: 4e-3, weightDecay: 1e-3, schedule: "one-cycle",
  },
  reward: { ...paper.reward, lambdaReconstruction: 0, lambdaSegmentation: 1, mode: "delta", delayStep: 0 },
  environment: { ...paper.environment, numEnvs: 64, budgets: [8, 8] },
  policy: { ...paper.policy, backbone: "small", headWidth: 128, pictureNorm: "orthonormal" },
  ppo: { ...paper.ppo, updates: 40, numSteps: 8, minibatch: 64, learningRate: 7e-4, evaluateEvery: 10, evaluateBudget: 8 },
  evaluation: { budgets: [6, 8, 10, 12], greedySlices: 64, loupe: { steps: 200, batch: 32, learningRate: 0.05, slope: 5, sampleSlope: 12 } },
};

// Runs everything within a minute; its numbers say that the parts work together, nothing about the method.
const quick: AsmrConfig = {
  ...small,
  rewardModel: { ...small.rewardModel, unet: { widths: [8, 16, 32], upsampling: "transposed" }, epochs: 30, batch: 8, learningRate: 6e-3 },
  environment: { ...small.environment, numEnvs: 16 },
  ppo: { ...small.ppo, updates: 20, learningRate: 1e-3, evaluateEvery: 10 },
  evaluation: { budgets: [4, 6, 8], greedySlices: 12, loupe: { ...small.evaluation.loupe, steps: 40, batch: 16 } },
};

export const presets: Readonly<Record<PresetName, AsmrConfig>> = { quick, small, paper };

/** The columns an agent may choose from. */
export const actionCount = ({ sampledIndices: [first, last] }: Pick<DataConfig, "sampledIndices">): number => last - first + 1;

/**
 * A preset with single settings changed, as `folio train asmr --set reward.lambdaSegmentation=0.5` does.
 * @throws UsageError for a setting that does not exist or a value of another kind; InvalidValue where they do not fit together
 * @example asmrConfig("small", { "rewardModel.network": "unext", "environment.budgets": [6, 12] })
 */
export function asmrConfig(preset: PresetName, changes: Readonly<Record<string, unknown>> = {}): AsmrConfig {
  return checkConfig(withSettings(presets[preset], changes));
}

/** @throws InvalidValue for settings that do not fit together */
export function checkConfig(config: AsmrConfig): AsmrConfig {
  const fail = (rule: string, value: unknown): never => {
    throw new InvalidValue("asmr config", rule, value);
  };
  const { data, reward, environment, policy, ppo, rewardModel, evaluation } = config;
  const [first, last] = data.sampledIndices;
  if (!(first >= 0 && last >= first && last < data.size)) fail(`sampledIndices must lie in 0 … ${data.size - 1}, first before last`, data.sampledIndices);
  const most = Math.min(policy.remainingSlots - 1, actionCount(data));
  for (const budget of [...environment.budgets, ...evaluation.budgets, ppo.evaluateBudget])
    if (!(Number.isInteger(budget) && budget >= 1 && budget <= most)) fail(`a budget must be a whole number from 1 to ${most} (columns, and the one-hot of remaining lines)`, budget);
  if (environment.budgets[0] > environment.budgets[1]) fail("the smallest training budget comes first", environment.budgets);
  const { linesPerStep } = environment;
  if (!(Number.isInteger(linesPerStep) && linesPerStep >= 1)) fail("linesPerStep must be a whole number from 1", linesPerStep);
  for (const budget of [...environment.budgets, ...evaluation.budgets, ppo.evaluateBudget]) if (budget % linesPerStep !== 0) fail(`a budget must be a multiple of linesPerStep = ${linesPerStep}`, budget);
  if (reward.mode === "delta" && reward.delayStep !== 0) fail("delayStep must be 0 with the delta reward, or what was earned before is lost", reward.delayStep);
  if (!segmentationNetworks.includes(rewardModel.network)) fail(`the network must be one of ${segmentationNetworks.join(", ")}`, rewardModel.network);
  const experience = ppo.numSteps * environment.numEnvs;
  if (!(Number.isInteger(ppo.minibatch) && ppo.minibatch >= 2 && ppo.minibatch <= experience)) fail(`minibatch must be a whole number from 2 to numSteps · numEnvs = ${experience}`, ppo.minibatch);
  if (experience % ppo.minibatch === 1) fail("minibatch leaves a last one of a single experience, whose advantage has no deviation", ppo.minibatch);
  return config;
}
