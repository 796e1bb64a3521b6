import type { RewardModelConfig } from "./config.js";
import { classCount } from "./segmenter.js";
import type { Scalar, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

const eps = 1e-6;

/** log softmax over the last axis, stable. */
export function logSoftmax(logits: Tensor4D): Tensor4D {
  const shifted = logits.sub<Tensor4D>(logits.max(-1, true));
  return shifted.sub(shifted.exp().sum(-1, true).log());
}

/** [B, H, W] of class numbers → [B, H, W, 4] */
export function oneHotLabels(tf: TensorFlow, labels: Tensor3D): Tensor4D {
  return tf.oneHot(labels.toInt(), classCount).toFloat() as Tensor4D;
}

/**
 * Cross-entropy plus 1 − Dice, Dice as (2Σpg + ε)/(Σp + Σg + ε).
 *
 * `ce-dice-pooled`: one ratio over batch, classes and pixels, background included: near 1 from the start, because most pixels are background.
 * `ce-dice-foreground`: the mean of three ratios, one a structure, each over batch and pixels.
 *
 * @param labels [B, H, W] of 0 … 3
 * @see ASMR-seg spec §4.2
 */
export function segmentationLoss(tf: TensorFlow, logits: Tensor4D, labels: Tensor3D, kind: RewardModelConfig["segLoss"]): Scalar {
  const truth = oneHotLabels(tf, labels);
  const logP = logSoftmax(logits);
  const p = logP.exp<Tensor4D>();
  const crossEntropy = logP.mul(truth).sum(-1).mean().neg(); // mean over pixels
  const over = kind === "ce-dice-pooled" ? [0, 1, 2, 3] : [0, 1, 2];
  const overlap = p.mul(truth).sum(over);
  const mass = p.add(truth).sum(over);
  const dice = overlap.mul(2).add(eps).div(mass.add(eps)); // scalar, or [4]
  const counted = kind === "ce-dice-pooled" ? dice : dice.slice([1], [classCount - 1]).mean();
  return crossEntropy.add<Scalar>(1).sub(counted).asScalar();
}

/** The loss of a network with several heads: their mean (U-Net++ with deep supervision). */
export function headsLoss(tf: TensorFlow, heads: readonly Tensor4D[], labels: Tensor3D, kind: RewardModelConfig["segLoss"]): Scalar {
  return tf.addN(heads.map((head) => segmentationLoss(tf, head, labels, kind))).div<Scalar>(heads.length).asScalar();
}
