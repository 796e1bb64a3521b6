import type { NamedTensorMap, Scalar, Tensor } from "@tensorflow/tfjs";
import type { NamedVariable } from "./named.js";
import type { TensorFlow, Variable } from "./tensorflow.js";

export interface LossScaleOptions {
  /** What the loss is multiplied by at first. */
  readonly initial?: number;
  /** Finite steps after which the scale doubles. */
  readonly growAfter?: number;
}

/**
 * Dynamic loss scaling for training in float16 (Micikevicius et al. 2018, §3.2), whose smallest number is 6e-8: the loss is multiplied by a
 * scale before the gradients are taken and they are divided by it afterwards. Where one of them is not finite the scale is halved and every
 * gradient is 0; after `growAfter` finite steps it doubles. All of it happens in tensors, so a step that uses it is replayed.
 *
 * PyTorch's GradScaler leaves out the optimizer's step where a gradient is not finite. Here it happens with gradients of 0, so
 * that Adam moves once more by what it remembers.
 *
 * @example
 * const engine = await openEngine({ prefer: "ort-cuda", precision: "float16" });
 * const scale = new LossScale(engine.tf);
 * const step = engine.step((x, y) => {
 *   const { value, grads } = scale.gradients(() => loss(model(x), y));
 *   adam.step(grads);
 *   return value;
 * });
 */
export class LossScale {
  readonly #tf: TensorFlow;
  readonly #growAfter: number;
  readonly #scale: Variable;
  readonly #finiteSteps: Variable;

  constructor(tf: TensorFlow, { initial = 2 ** 16, growAfter = 2000 }: LossScaleOptions = {}) {
    this.#tf = tf;
    this.#growAfter = growAfter;
    this.#scale = tf.tidy(() => tf.variable(tf.scalar(initial), false));
    this.#finiteSteps = tf.tidy(() => tf.variable(tf.scalar(0), false));
  }

  /** The loss, and its gradients by the names of the variables, as `tf.variableGrads` gives them; the caller disposes both. */
  gradients(loss: () => Scalar): { value: Scalar; grads: NamedTensorMap } {
    const tf = this.#tf;
    return tf.tidy(() => {
      const { value, grads: scaled } = tf.variableGrads(() => tf.mul(loss(), this.#scale as Tensor as Scalar));
      const sums = tf.stack(Object.values(scaled).map((gradient) => tf.sum(tf.abs(gradient))));
      const finite = tf.all(tf.isFinite(sums));
      const share = tf.div(1, this.#scale);
      const grads = Object.fromEntries(
        Object.entries(scaled).map(([name, gradient]) => [name, tf.where(finite, tf.mul(gradient, share), tf.zerosLike(gradient))]),
      );
      const unscaled = tf.mul<Scalar>(value, share);
      this.#follow(finite);
      return { value: unscaled, grads };
    });
  }

  #follow(finite: Tensor): void {
    const tf = this.#tf;
    const steps = tf.where(finite, tf.add(this.#finiteSteps, 1), 0);
    const grows = tf.greaterEqual(steps, this.#growAfter);
    this.#scale.assign(tf.mul(this.#scale, tf.where(finite, tf.where(grows, 2, 1), 0.5)));
    this.#finiteSteps.assign(tf.where(grows, 0, steps));
  }

  /** What a checkpoint holds of it. */
  get variables(): NamedVariable[] {
    return [
      { name: "loss_scale.scale", variable: this.#scale },
      { name: "loss_scale.finite_steps", variable: this.#finiteSteps },
    ];
  }

  dispose(): void {
    this.#tf.dispose([this.#scale, this.#finiteSteps]);
  }
}
