import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/**
 * * `faithful`: as the published code runs – `reduce='none'` is read as true, so the cross-entropy is one plain mean and its weighting is lost
 * * `intended`: cross-entropy weighted by the boundary, per picture, as the loss it was taken from has it
 */
export type StructureForm = "faithful" | "intended";

/** −[y·log σ(x) + (1 − y)·log(1 − σ(x))], element by element, without overflow. */
function crossEntropy<T extends Tensor2D | Tensor4D>(logits: T, target: T): T {
  return logits.relu().sub(logits.mul(target)).add(logits.abs().neg().exp().log1p()) as T;
}

/**
 * Structure loss: cross-entropy and 1 − IoU, both weighted where the mask differs from its surroundings.
 *
 * w = 1 + 5·|box mean of y − y|; the box counts zeros beyond the border and is always divided by its whole area.
 *
 * @param logits [B, H, W, 1]
 * @param target [B, H, W, 1] in [0, 1], may be soft
 * @param window side of the box: 31 at 1024 pixels, 5 at 32
 * @see Wei et al., F³Net, 2020, §3.4; PRS-Med spec §4, test vector 3
 */
export function structureLoss(tf: TensorFlow, logits: Tensor4D, target: Tensor4D, window: number, form: StructureForm): Scalar {
  const weight = boxMean(tf, target, window).sub(target).abs().mul<Tensor4D>(5).add<Tensor4D>(1);
  const probability = logits.sigmoid<Tensor4D>();
  const total = (x: Tensor4D): Tensor1D => x.sum<Tensor1D>([1, 2, 3]); // [B]
  const losses = crossEntropy(logits, target);
  const bce = form === "faithful" ? losses.mean<Scalar>() : total(losses.mul(weight)).div(total(weight)).mean<Scalar>();
  const both = total(probability.mul<Tensor4D>(target).mul(weight));
  const either = total(probability.add<Tensor4D>(target).mul(weight));
  const iou = both.add(1).div(either.sub(both).add(1));
  return bce.add(tf.sub(1, iou).mean());
}

/**
 * Not in the original: of the two lesions that one picture is asked about, the one that is meant must score higher,
 * log(1 + exp(mean logit of the other − mean logit of the one)). Who cannot read gets log 2, whatever is marked.
 * @param target [B, H, W, 1]
 * @param other [B, H, W, 1]; rows where it is empty do not count
 */
export function contrastLoss(logits: Tensor4D, target: Tensor4D, other: Tensor4D): Scalar {
  const total = (x: Tensor4D): Tensor1D => x.sum<Tensor1D>([1, 2, 3]); // [B]
  const meanOver = (mask: Tensor4D): Tensor1D => total(logits.mul(mask)).div(total(mask).add(1e-6));
  const behind = meanOver(other).sub<Tensor1D>(meanOver(target));
  const counted = total(other).greater(0.5).toFloat();
  return behind.relu().add(behind.abs().neg().exp().log1p()).mul(counted).sum().div(counted.sum().maximum(1));
}

/** Mean over a box around every pixel, zeros beyond the border, as two products with banded matrices. [B, H, W, 1] → the same */
export function boxMean(tf: TensorFlow, x: Tensor4D, window: number): Tensor4D {
  const [batch, height, width] = x.shape;
  const rows = tf.matMul(tf.tile(band(tf, height, window).reshape<Tensor3D>([1, height, height]), [batch, 1, 1]), x.reshape<Tensor3D>([batch, height, width]));
  return tf.matMul(rows.reshape<Tensor2D>([batch * height, width]), band(tf, width, window)).reshape<Tensor4D>(x.shape).div(window * window);
}

function band(tf: TensorFlow, side: number, window: number): Tensor2D {
  const reach = (window - 1) / 2;
  return tf.tensor2d(Float32Array.from({ length: side * side }, (_, i) => (Math.abs(Math.floor(i / side) - (i % side)) <= reach ? 1 : 0)), [side, side]);
}

/** Cross-entropy + 1 − Dice with smoothing 1: the loss the paper names and the code does not call. */
export function bceDiceLoss(tf: TensorFlow, logits: Tensor4D, target: Tensor4D): Scalar {
  const probability = logits.sigmoid<Tensor4D>();
  const total = (x: Tensor4D): Tensor1D => x.sum<Tensor1D>([1, 2, 3]);
  const dice = total(probability.mul<Tensor4D>(target)).mul(2).add(1).div(total(probability.add<Tensor4D>(target)).add(1));
  return crossEntropy(logits, target).mean<Scalar>().add(tf.sub(1, dice).mean());
}

/**
 * Next-token cross-entropy, weighted.
 * @param logits [B, T, vocabulary]: place t foretells place t + 1
 * @param ids [B, T] int32; of places without weight any id will do
 * @param weights [B, T]: how much place t counts as a *target*; the first place never does
 */
export function textLoss(tf: TensorFlow, logits: Tensor3D, ids: Tensor2D, weights: Tensor2D): Scalar {
  const [batch, places, vocabulary] = logits.shape;
  const count = batch * (places - 1);
  const foretold = tf.logSoftmax(logits.slice([0, 0, 0], [batch, places - 1, vocabulary]).reshape<Tensor2D>([count, vocabulary]));
  const came = tf.oneHot(ids.slice([0, 1], [batch, places - 1]).reshape<Tensor1D>([count]).cast("int32"), vocabulary);
  const counted = weights.slice([0, 1], [batch, places - 1]).reshape<Tensor1D>([count]);
  return foretold.mul(came).sum(1).neg().mul(counted).sum().div<Scalar>(counted.sum().add(1e-9));
}

/** Cross-entropy of classes. @param logits [B, K] @param labels [B] int32 */
export function classLoss(tf: TensorFlow, logits: Tensor2D, labels: Tensor1D): Scalar {
  return tf.logSoftmax(logits).mul(tf.oneHot(labels.cast("int32"), logits.shape[1])).sum(1).neg().mean();
}

/** −mean over all labels of [y·log σ(x) + (1 − y)·log(1 − σ(x))]. @param logits and targets [B, K] */
export function multiLabelLoss(logits: Tensor2D, targets: Tensor2D): Scalar {
  return crossEntropy(logits, targets).mean();
}
