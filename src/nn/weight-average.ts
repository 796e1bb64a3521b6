import { assignArrays, readArrays, type NamedArray, type NamedVariable } from "./named.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

/**
 * An exponential moving average of weights: a ← d·a + (1 − d)·w after every step, which evaluates steadier than the last
 * weights (Polyak & Juditsky 1992). In the first steps d is at most (1 + t)/(10 + t), as TensorFlow and timm do it, so that
 * the start is forgotten soon.
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
  #steps = 0;

  /** @param decay d, the share of the average that stays; 0.999 forgets over some thousand steps */
  constructor(
    tf: TensorFlow,
    variables: readonly NamedVariable[],
    readonly decay: number,
  ) {
    this.#tf = tf;
    this.#variables = variables;
    this.#averages = variables.map(({ name, variable }) => ({ name: `ema.${name}`, variable: tf.variable(variable, false) }));
  }

  /** Takes in the weights as they are now. */
  update(): void {
    const decay = Math.min(this.decay, (1 + this.#steps) / (10 + this.#steps));
    this.#steps++;
    this.#tf.tidy(() => {
      const kept = this.#tf.scalar(decay);
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
    const arrays = await readArrays(this.#averages);
    return arrays.set("ema.steps", { shape: [1], data: Float32Array.of(this.#steps) });
  }

  /** @throws BadFile, ShapeMismatch when they are not of these weights */
  load(arrays: ReadonlyMap<string, NamedArray>, source: string): void {
    assignArrays(this.#tf, this.#averages, arrays, source);
    this.#steps = arrays.get("ema.steps")?.data[0] ?? 0;
  }

  dispose(): void {
    for (const { variable } of this.#averages) variable.dispose();
  }
}
