import { gaussianFilter } from "../../signal/index.js";
import type { TrainingConfig } from "./config.js";
import type { NetworkOutput } from "./network.js";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

const epsilon = 1e-7;

/**
 * Exponential-logarithmic loss of an overlap: (−ln q)^0.3, cut to [0, 2]. q is kept 10⁻⁷ away from 0 and 1, where the published
 * one has no finite gradient (spec §8.9).
 * @example expLog(tf, tf.tensor1d([0.9, 0.5, 0.1])) // [0.5091, 0.8959, 1.2843]
 */
export function expLog<T extends Tensor>(tf: TensorFlow, q: T): T {
  return tf.clipByValue(tf.pow(tf.neg(tf.log(tf.clipByValue(q, epsilon, 1 - epsilon))), 0.3), 0, 2) as T;
}

/** Soft Dice along the last axis: (2Σpt + ε)/(Σp + Σt + ε). */
export function softDice<T extends Tensor>(p: Tensor, t: Tensor): T {
  return p.mul(t).sum(-1).mul(2).add(epsilon).div(p.sum(-1).add<Tensor>(t.sum(-1)).add(epsilon)) as T;
}

/** Tversky overlap along the last axis, false positives weigh 0.7, false negatives 0.3. */
export function tversky<T extends Tensor>(p: Tensor, t: Tensor): T {
  const hit = p.mul<Tensor>(t).sum(-1);
  const missed = t.sub<Tensor>(p.mul(t)).sum(-1); // Σ(1−p)t
  const invented = p.sub<Tensor>(p.mul(t)).sum(-1); // Σp(1−t)
  return hit.div(hit.add<Tensor>(missed.mul(0.3)).add(invented.mul(0.7)).add(1e-6)) as T;
}

/** The matrix that smooths one axis as SciPy's gaussian_filter does: its columns are smoothed unit vectors. → [size, size] */
export function smoothingMatrix(size: number, sigma: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let column = 0; column < size; column++) {
    const unit = new Float64Array(size);
    unit[column] = 1;
    const smoothed = gaussianFilter(unit, 1, size, sigma);
    for (let row = 0; row < size; row++) matrix[row * size + column] = smoothed[row];
  }
  return matrix;
}

/**
 * W_σ: a mask smoothed and divided by its own maximum; 0 everywhere for an empty mask, where the published one is 0/0.
 * @param masks [B, H, H]
 * @param matrix of {@link smoothingMatrix}, [H, H]
 */
export function weightMap(tf: TensorFlow, masks: Tensor3D, matrix: Tensor2D): Tensor3D {
  const batch = masks.shape[0];
  const each = tf.tile(matrix.reshape<Tensor3D>([1, ...matrix.shape]), [batch, 1, 1]);
  const smooth = tf.matMul(tf.matMul(each, masks), each, false, true); // G·M·Gᵀ
  return smooth.div(tf.maximum(smooth.max([1, 2], true), 1e-12));
}

/** What the decoder is trained with; all [B, H, H] of 0 and 1. */
export interface PseudoMasks {
  /** D: the map's mask. */
  readonly map: Tensor3D;
  /** S: the segmenter's mask, all 0 where there is none. */
  readonly segmenter: Tensor3D;
}

/** The weight maps' matrices; made once a training. */
export interface Smoothing {
  readonly foreground: Tensor2D;
  readonly background: Tensor2D;
}

export function makeSmoothing(tf: TensorFlow, size: number, { foreground, background }: TrainingConfig["sigma"]): Smoothing {
  return {
    foreground: tf.tensor2d(smoothingMatrix(size, foreground), [size, size]),
    background: tf.tensor2d(smoothingMatrix(size, background), [size, size]),
  };
}

/**
 * L_Dec (spec §4.2): agree with the map where it is sure, leave its background alone, and agree with the segmenter's mask away from
 * its middle, by as much as both masks agree. A term whose mask is empty is left out (spec §8.10).
 * @param probability [B, H, H]
 * @returns one value an image, [B]
 */
export function decoderLoss(tf: TensorFlow, probability: Tensor3D, { map, segmenter }: PseudoMasks, { foreground, background }: Smoothing): Tensor1D {
  const [batch, height, width] = probability.shape;
  const flat = (x: Tensor3D): Tensor2D => x.reshape([batch, height * width]);
  const outside = tf.sub(1, map) as Tensor3D;
  const [p, d, s, o] = [probability, map, segmenter, outside].map(flat);
  const onMap = flat(weightMap(tf, map, foreground)).mul<Tensor2D>(d);
  const onOutside = flat(weightMap(tf, outside, background)).mul<Tensor2D>(o);
  const onSegmenter = tf.sub(1, flat(weightMap(tf, segmenter, foreground))).mul<Tensor2D>(s);
  const any = (x: Tensor2D): Tensor1D => x.max(1);
  const foreTerm = expLog(tf, tversky<Tensor1D>(p, onMap)).mul<Tensor1D>(any(d));
  const backTerm = expLog(tf, softDice<Tensor1D>(tf.sub(1, p).mul(o), onOutside)).mul<Tensor1D>(any(o)).mul<Tensor1D>(0.6);
  const spill = p.mul<Tensor2D>(o).sum<Tensor1D>(1).mul<Tensor1D>(0.6 / (height * width));
  const segmenterTerm = expLog(tf, tversky<Tensor1D>(p, onSegmenter)).mul<Tensor1D>(softDice<Tensor1D>(s, d)).mul<Tensor1D>(any(s));
  return foreTerm.add<Tensor1D>(backTerm).add<Tensor1D>(spill).add(segmenterTerm);
}

/** L_PA: overlap of the activations [B, K] with the points inside the mask [B, K]. → [B] */
export function pointLoss(tf: TensorFlow, activations: Tensor2D, inside: Tensor2D): Tensor1D {
  return expLog(tf, softDice<Tensor1D>(activations, inside));
}

/** L_Struct: numbers of points inside are drawn to 1, of points outside to −1; the mean of each kind. → [B] */
export function structureLoss(points: Tensor3D, inside: Tensor2D): Tensor1D {
  const [batch, count, d] = points.shape;
  const mean = (target: number, chosen: Tensor2D): Tensor1D => {
    const squares = points.sub(target).square().sum(2).mul<Tensor2D>(chosen).sum<Tensor1D>(1); // [B]
    return squares.div(chosen.sum<Tensor1D>(1).maximum(1).mul(d));
  };
  return mean(1, inside).add(mean(-1, inside.reshape<Tensor2D>([batch, count]).mul(-1).add(1)));
}

export interface LossParts {
  readonly total: Scalar;
  readonly decoder: Scalar;
  readonly structure: Scalar;
  readonly points: Scalar;
}

/** All three, means over the batch, with unit weights. */
export function rasaloreLoss(tf: TensorFlow, { activations, points, logits }: NetworkOutput, masks: PseudoMasks, inside: Tensor2D, smoothing: Smoothing): LossParts {
  const decoder = decoderLoss(tf, logits.sigmoid(), masks, smoothing).mean<Scalar>();
  const structure = structureLoss(points, inside).mean<Scalar>();
  const activation = pointLoss(tf, activations, inside).mean<Scalar>();
  return { total: decoder.add<Scalar>(structure).add(activation), decoder, structure, points: activation };
}

/**
 * Which candidate points lie in the mask: m_k of a mask S×S is its pixel (⌊k/g⌋, k mod g)·S/g.
 * @example pointsInside(Uint8Array.of(1, 0, 0, 1), 2, 2) // [1, 0, 0, 1]
 */
export function pointsInside(mask: ArrayLike<number>, size: number, grid: number): Float32Array {
  const step = size / grid;
  return Float32Array.from({ length: grid * grid }, (_, k) => (mask[Math.floor(k / grid) * step * size + (k % grid) * step] > 0 ? 1 : 0));
}
