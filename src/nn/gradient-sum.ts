import type { NamedTensorMap } from "@tensorflow/tfjs";
import type { TensorFlow } from "./tensorflow.js";

/**
 * Adds up the gradients of small batches, so that one optimizer step sees their mean: a large batch in little memory.
 * Batches must be of equal size, and batch norm still sees each of them alone.
 *
 * @example
 * const sum = new GradientSum(tf);
 * for (const batch of four) sum.add(tf.variableGrads(() => loss(batch)).grads);
 * const gradients = sum.mean(); // { name: tensor }, and the sum is empty again
 * adam.step(gradients);
 * tf.dispose(gradients);
 */
export class GradientSum {
  readonly #tf: TensorFlow;
  #sums: NamedTensorMap = {};
  #count = 0;

  constructor(tf: TensorFlow) {
    this.#tf = tf;
  }

  /** Takes over the gradients of one batch: they are disposed here. */
  add(gradients: NamedTensorMap): void {
    const before = this.#sums;
    this.#sums = this.#count === 0 ? { ...gradients } : this.#tf.tidy(() => added(this.#tf, before, gradients));
    if (this.#count > 0) this.#tf.dispose([before, gradients] as never);
    this.#count++;
  }

  /**
   * The mean over the batches added since the last time; the caller disposes it.
   * @throws Error when nothing was added
   */
  mean(): NamedTensorMap {
    if (this.#count === 0) throw new Error("GradientSum.mean: no gradients were added");
    const [sums, share] = [this.#sums, 1 / this.#count];
    const mean = this.#tf.tidy(() => Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum.mul(share)])));
    this.#tf.dispose(sums);
    this.#sums = {};
    this.#count = 0;
    return mean;
  }
}

function added(tf: TensorFlow, sums: NamedTensorMap, gradients: NamedTensorMap): NamedTensorMap {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, tf.add(sum, gradients[name])]));
}
