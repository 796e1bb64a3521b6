import { assignArrays, readArrays, type NamedArray, type NamedVariable } from "./named.js";
import type { Tensor, TensorFlow, Variable } from "./tensorflow.js";
import { newVariable } from "./variable.js";

/**
 * An exponential moving average of weights: a ← d·a + (1 − d)·w after every step, which evaluates steadier than the last
 * weights (Polyak & Juditsky 1992). In the first steps d is at most (1 + t)/(10 + t), as TensorFlow and timm do it, so that
 * the start is forgotten soon. May be updated inside a step that `engine.step` replays.
 *
 * @example
 * const average = new WeightAverage(tf, trainableVariables(weights), 0.999);
 * adam.step(gradients);
 * average.update();
 * const score = await average.during(() => evaluate(weights));
 */
export class WeightAverage {
  readonly #tf: TensorFlow;
  readonly #variables: readonly NamedVariable[];
  readonly #averages: readonly NamedVariable[];
  /** t, a variable: a replayed step counts on without its JavaScript. */
  readonly #steps: Variable;

  /** @param decay d, the share of the average that stays; 0.999 forgets over some thousand steps */
  constructor(
    tf: TensorFlow,
    variables: readonly NamedVariable[],
    readonly decay: number,
  ) {
    this.#tf = tf;
    this.#variables = variables;
    this.#averages = variables.map(({ name, variable }) => ({ name: `ema.${name}`, variable: tf.variable(variable, false) }));
    this.#steps = newVariable(tf, new Float32Array(1), [1], false);
  }

  /** Takes in the weights as they are now. */
  update(): void {
    this.#tf.tidy(() => {
      const kept = this.#steps.add(1).div(this.#steps.add(10)).minimum(this.decay).asScalar();
      this.#steps.assign(this.#steps.add(1));
      for (const [i, { variable }] of this.#averages.entries())
        variable.assign(variable.mul<Tensor>(kept).add(this.#variables[i].variable.mul(this.#tf.sub(1, kept))));
    });
  }

  /** Runs work with the averages in place of the weights, and puts the weights back, also after an error. */
  async during<T>(work: () => Promise<T> | T): Promise<T> {
    const weights = this.#variables.map(({ variable }) => variable.clone());
    try {
      for (const [i, { variable }] of this.#variables.entries()) variable.assign(this.#averages[i].variable);
      return await work();
    } finally {
      for (const [i, { variable }] of this.#variables.entries()) variable.assign(weights[i]);
      this.#tf.dispose(weights);
    }
  }

  /** The averages and the number of steps, by name, for a checkpoint. */
  async save(): Promise<Map<string, NamedArray>> {
    return readArrays([...this.#averages, this.#counted]);
  }

  /** @throws BadFile, ShapeMismatch when they are not of these weights */
  load(arrays: ReadonlyMap<string, NamedArray>, source: string): void {
    assignArrays(this.#tf, [...this.#averages, this.#counted], arrays, source);
  }

  dispose(): void {
    for (const { variable } of [...this.#averages, this.#counted]) variable.dispose();
  }

  get #counted(): NamedVariable {
    return { name: "ema.steps", variable: this.#steps };
  }
}
