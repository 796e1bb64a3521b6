import { seededRandom, type Random } from "../../core/index.js";
import {
  magnitude, materialise, padTo, planUNet, planUNetPlusPlus, planUNeXt, smallUNeXt, standardUNeXt, unet, unetPlusPlus, unext,
  type ComplexTensor, type Mode, type UNetPlusPlusWeights, type UNetWeights, type UNeXtWeights,
} from "../../nn/index.js";
import type { AsmrConfig, RewardModelConfig } from "./config.js";
import { fftConv, planFftConv, type FftConvWeights } from "./fft-conv.js";
import { zeroFilledComplex } from "./reconstruct.js";
import type { Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Background, RV, MYO, LV. */
export const classCount = 4;

/** Masked k-space → picture → segmentation: the reward model, and what the test predictions come from. */
export interface Segmenter {
  readonly config: Pick<AsmrConfig, "data" | "rewardModel">;
  readonly seed: number;
  readonly weights: SegmenterWeights;
}

export interface SegmenterWeights {
  readonly net: object;
  readonly conv_kspace?: FftConvWeights;
}

/** What a network is made of; names below `net` are the published ones. */
export function planSegmenter(config: RewardModelConfig): { readonly net: object; readonly conv_kspace?: ReturnType<typeof planFftConv> } {
  return { net: planNetwork(config), ...(config.front === "fft-conv" && { conv_kspace: planFftConv() }) };
}

/** The network alone. @example plannedCount(planNetwork(presets.paper.rewardModel)) // 31,036,676 */
export function planNetwork({ network, unet, unetpp, unext }: RewardModelConfig): object {
  if (network === "unet") return planUNet({ inputs: 1, classes: classCount, ...unet });
  if (network === "unetpp") return planUNetPlusPlus({ inputs: 1, classes: classCount, ...unetpp });
  return planUNeXt(unextShape(unext));
}

const unextShape = (size: RewardModelConfig["unext"]) => (size === "standard" ? standardUNeXt : smallUNeXt);

export function initSegmenter(tf: TensorFlow, config: Pick<AsmrConfig, "data" | "rewardModel">, seed: number): Segmenter {
  const random: Random = seededRandom(seed).stream("reward-model");
  return { config, seed, weights: materialise(tf, planSegmenter(config.rewardModel), random) as SegmenterWeights };
}

/**
 * Logits from masked k-space; U-Net++ has five heads while it trains, of which the first counts.
 * @param kspace [B, H, W], fully sampled
 * @param mask [B, W]
 * @returns [B, H, W, 4] a head
 */
export function segmentHeads(tf: TensorFlow, kspace: ComplexTensor, mask: Tensor2D, segmenter: Segmenter, mode: Mode): Tensor4D[] {
  const { config: { data }, weights } = segmenter;
  const picture = zeroFilledComplex(tf, kspace, mask, data.hermitian);
  return segmentPicture(tf, magnitude(tf, weights.conv_kspace === undefined ? picture : fftConv(tf, picture, weights.conv_kspace)), segmenter, mode);
}

/** {@link segmentHeads} from a reconstructed picture [B, H, W], without the learned filter in front. */
export function segmentPicture(tf: TensorFlow, picture: Tensor3D, { config: { rewardModel }, weights: { net } }: Segmenter, mode: Mode): Tensor4D[] {
  const [batch, height, width] = picture.shape;
  const input = (rewardModel.inputNorm === "layernorm" ? normalised(tf, picture) : picture).reshape<Tensor4D>([batch, height, width, 1]);
  if (rewardModel.network === "unet") return [unet(tf, input, net as UNetWeights, rewardModel.unet, mode)];
  const wide = padTo(tf, input, roundUp(height), roundUp(width));
  const heads = rewardModel.network === "unetpp"
    ? unetPlusPlus(tf, wide, net as UNetPlusPlusWeights, mode)
    : [unext(tf, tf.tile(wide, [1, 1, 1, 3]), net as UNeXtWeights, mode)];
  return heads.map((head) => cropTo(tf, head, height, width));
}

/** Logits as they count: [B, H, W, 4]. */
export function segment(tf: TensorFlow, kspace: ComplexTensor, mask: Tensor2D, segmenter: Segmenter, mode: Mode = "eval"): Tensor4D {
  return segmentHeads(tf, kspace, mask, segmenter, mode)[0];
}

/** Layer normalisation over a whole picture, without weights. */
function normalised(tf: TensorFlow, picture: Tensor3D): Tensor3D {
  const centred = tf.sub(picture, tf.mean(picture, [1, 2], true));
  return centred.mul(tf.mean(tf.square(centred), [1, 2], true).add(1e-5).rsqrt());
}

/** UNeXt and U-Net++ halve five times; with instance norm the last map must keep more than one pixel. */
const roundUp = (side: number): number => Math.max(64, Math.ceil(side / 32) * 32);

function cropTo(tf: TensorFlow, x: Tensor4D, height: number, width: number): Tensor4D {
  const [top, left] = [Math.floor((x.shape[1] - height) / 2), Math.floor((x.shape[2] - width) / 2)];
  return tf.slice(x, [0, top, left, 0], [-1, height, width, -1]);
}
