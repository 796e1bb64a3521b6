import { magnitude, type ComplexTensor } from "../../nn/index.js";
import type { AsmrConfig, RewardConfig } from "./config.js";
import { zeroFilledComplex } from "./reconstruct.js";
import { logSoftmax, oneHotLabels } from "./segmentation-loss.js";
import { segment, segmentPicture, type Segmenter } from "./segmenter.js";
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** h(z) = sign(z)(√(|z| + 1) − 1) + 0.001 z, ASMR's scale for log-probabilities (vector 5). */
export function squash<T extends Tensor1D>(tf: TensorFlow, z: T): T {
  return tf.sign(z).mul(tf.sqrt(z.abs().add(1)).sub(1)).add(z.mul(0.001)) as T;
}

/**
 * How good a mask is for each slice: λ1·reconstruction + λ2·segmentation, from the frozen network in evaluation mode.
 *
 * @param kspace [B, H, W]
 * @param image what was there, [B, H, W]
 * @param label [B, H, W] of 0 … 3
 * @param mask [B, W]
 * @returns [B]
 * @see ASMR-seg spec §4.6
 */
export function acquisitionQuality(tf: TensorFlow, { kspace, image, label, mask }: AcquisitionTensors, segmenter: Segmenter, reward: AsmrConfig["reward"]): Tensor1D {
  const { lambdaReconstruction: l1, lambdaSegmentation: l2 } = reward;
  const picture = magnitude(tf, zeroFilledComplex(tf, kspace, mask, segmenter.config.data.hermitian));
  const logits = (): Tensor4D => (segmenter.weights.conv_kspace === undefined ? segmentPicture(tf, picture, segmenter, "eval")[0] : segment(tf, kspace, mask, segmenter));
  const parts: Tensor1D[] = [];
  if (l1 !== 0) parts.push(reconstructionReward(tf, picture, image, reward.recReward).mul(l1));
  if (l2 !== 0) parts.push(segmentationReward(tf, logits(), label, reward.segReward).mul(l2));
  return parts.length === 0 ? tf.zeros([mask.shape[0]]) : (tf.addN(parts) as Tensor1D);
}

export interface AcquisitionTensors {
  readonly kspace: ComplexTensor;
  readonly image: Tensor3D;
  readonly label: Tensor3D;
  readonly mask: Tensor2D;
}

/** [B], by the chosen measure; `soft-dice` and `hard-dice` over the three structures of a slice. */
export function segmentationReward(tf: TensorFlow, logits: Tensor4D, label: Tensor3D, kind: RewardConfig["segReward"]): Tensor1D {
  const truth = oneHotLabels(tf, label);
  const logP = logSoftmax(logits);
  if (kind === "logp") return squash(tf, logP.mul(truth).sum(-1).mean<Tensor1D>([1, 2]));
  const [p, eps] = kind === "soft-dice" ? [logP.exp<Tensor4D>(), 1] : [oneHotLabels(tf, logits.argMax<Tensor3D>(-1)), 1e-6];
  const overlap = p.mul(truth).sum([1, 2]); // [B, 4]
  const mass = p.add(truth).sum([1, 2]);
  const dice = overlap.mul(2).add(eps).div(mass.add(eps)); // empty on both sides: 1
  return dice.slice([0, 1], [-1, 3]).mean<Tensor1D>(1);
}

/** [B]; `psnr` is divided by 40 dB. */
export function reconstructionReward(tf: TensorFlow, picture: Tensor3D, image: Tensor3D, kind: RewardConfig["recReward"]): Tensor1D {
  if (kind === "ssim") return ssimOf(tf, picture, image);
  const error = tf.squaredDifference(picture, image).mean<Tensor1D>([1, 2]);
  if (kind === "mse") return error.neg();
  if (kind === "psnr") return error.maximum(1e-12).log().mul<Tensor1D>(-10 / Math.LN10 / 40);
  return tf.sub<Tensor1D>(1, error.div(image.square().mean([1, 2]).maximum(1e-12)).maximum(1e-12).sqrt());
}

/**
 * SSIM of each slice as scikit-image computes it (7×7 uniform window, sample covariance, no border), data range from the truth's own extent; 1 where that is 0.
 * The same as `ssim(…, { dataRange: "truth" })` of folio/metrics.
 */
export function ssimOf(tf: TensorFlow, picture: Tensor3D, image: Tensor3D): Tensor1D {
  const [batch, height, width] = image.shape;
  const count = 49;
  const means = (x: Tensor3D): Tensor4D => tf.avgPool(x.reshape<Tensor4D>([batch, height, width, 1]), 7, 1, "valid");
  const extent = image.max([1, 2]).sub(image.min([1, 2]));
  const range = tf.where(extent.equal(0), tf.onesLike(extent), extent).reshape([batch, 1, 1, 1]);
  const [c1, c2] = [range.mul(0.01).square(), range.mul(0.03).square()];
  const shift = image.mean<Tensor3D>([1, 2], true); // keeps the differences of squares small
  const [x, y] = [picture.sub<Tensor3D>(shift), image.sub<Tensor3D>(shift)];
  const [mx, my] = [means(x), means(y)];
  const unbiased = count / (count - 1);
  const vx = means(x.square()).sub(mx.square()).mul(unbiased);
  const vy = means(y.square()).sub(my.square()).mul(unbiased);
  const vxy = means(x.mul(y)).sub(mx.mul(my)).mul(unbiased);
  const [ux, uy] = [mx, my].map((m) => m.add(shift.reshape([batch, 1, 1, 1])));
  const top = ux.mul(uy).mul(2).add(c1).mul(vxy.mul(2).add(c2));
  const bottom = ux.square().add(uy.square()).add(c1).mul(vx.add(vy).add(c2));
  return top.div(bottom).mean<Tensor1D>([1, 2, 3]);
}
