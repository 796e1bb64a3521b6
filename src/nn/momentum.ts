import { assignArrays, readArrays, type NamedArray, type NamedVariable } from "./named.js";
import { newVariable } from "./variable.js";
import type { NamedTensorMap } from "@tensorflow/tfjs";
import type { TensorFlow, Variable } from "./tensorflow.js";

/**
 * Stochastic gradient descent with momentum as PyTorch's `SGD(momentum, weight_decay)`: v ← μv + g + λw, w ← w − αv. Its state can be
 * saved and put back bit for bit.
 */
export class Momentum {
  readonly #tf: TensorFlow;
  readonly #variables: readonly NamedVariable[];
  readonly #velocity: readonly NamedVariable[];
  readonly #momentum: number;
  readonly #weightDecay: number;
  readonly #rate: Variable;

  constructor(tf: TensorFlow, variables: readonly NamedVariable[], learningRate: number, { momentum = 0.9, weightDecay = 0 } = {}) {
    this.#tf = tf;
    this.#variables = variables;
    this.#momentum = momentum;
    this.#weightDecay = weightDecay;
    this.#rate = newVariable(tf, Float32Array.of(learningRate), [], false); // a variable, so that another rate is not another graph
    this.#velocity = variables.map(({ name, variable }) => ({ name: `sgd.v.${name}`, variable: newVariable(tf, new Float32Array(variable.size), variable.shape, false) }));
  }

  set learningRate(rate: number) {
    this.#tf.tidy(() => this.#rate.assign(this.#tf.scalar(rate)));
  }

  /** One step. Gradients by the variables' own names, as `tf.variableGrads` returns them; they are not disposed. */
  step(gradients: NamedTensorMap): void {
    this.#tf.tidy(() => {
      for (const [i, { variable }] of this.#variables.entries()) {
        const { variable: velocity } = this.#velocity[i];
        const gradient = gradients[variable.name];
        const pulled = this.#weightDecay === 0 ? gradient : gradient.add(variable.mul(this.#weightDecay));
        velocity.assign(velocity.mul(this.#momentum).add(pulled));
        variable.assign(variable.sub(velocity.mul(this.#rate)));
      }
    });
  }

  /** Every variable's velocity, by name. */
  save(): Promise<Map<string, NamedArray>> {
    return readArrays(this.#velocity);
  }

  load(arrays: ReadonlyMap<string, NamedArray>, source: string): void {
    if (arrays.size > 0) assignArrays(this.#tf, this.#velocity, arrays, source);
  }

  dispose(): void {
    this.#rate.dispose();
    for (const { variable } of this.#velocity) variable.dispose();
  }
}
