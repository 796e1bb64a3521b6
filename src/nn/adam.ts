import { adamW } from "../engine/index.js";
import { assignArrays, readArrays, type NamedArray, type NamedVariable } from "./named.js";
import type { AdamOptimizer, NamedTensorMap } from "@tensorflow/tfjs";
import type { TensorFlow, Variable } from "./tensorflow.js";

// TensorFlow.js keeps Adam's state out of its public interface; a checkpoint must hold it to the last bit, because
// getWeights/setWeights recompute the bias corrections and so do not resume exactly.
interface AdamState {
  learningRate: number;
  accBeta1: Variable;
  accBeta2: Variable;
  accumulatedFirstMoment: { originalName: string; variable: Variable }[];
  accumulatedSecondMoment: { originalName: string; variable: Variable }[];
}

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  /** Decoupled decay of every variable (AdamW); none unless given. */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma & Ba 2015), or with `weightDecay` AdamW (Loshchilov & Hutter 2019), over named variables, with a state that can be saved and put back bit for bit.
 * Runs TensorFlow.js's own optimizer, so an engine that has a faster one serves it.
 */
export class Adam {
  readonly #tf: TensorFlow;
  readonly #optimizer: AdamOptimizer;
  readonly #variables: readonly NamedVariable[];

  constructor(
    tf: TensorFlow,
    variables: readonly NamedVariable[],
    learningRate: number,
    { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 }: AdamOptions = {},
  ) {
    this.#tf = tf;
    this.#variables = variables;
    this.#optimizer = weightDecay === 0 ? tf.train.adam(learningRate, beta1, beta2, eps) : adamW(tf, { learningRate, beta1, beta2, epsilon: eps, weightDecay });
  }

  set learningRate(rate: number) {
    this.#state.learningRate = rate;
  }

  /** One step. Gradients by the variables' own names, as `tf.variableGrads` returns them; they are not disposed. */
  step(gradients: NamedTensorMap): void {
    this.#optimizer.applyGradients(
      this.#variables.map(({ variable }) => ({ name: variable.name, tensor: gradients[variable.name] })),
    );
  }

  /** Both moments of every variable and the powers of β, by name; empty before the first step. */
  async save(): Promise<Map<string, NamedArray>> {
    return readArrays(this.#slots());
  }

  load(arrays: ReadonlyMap<string, NamedArray>, source: string): void {
    if (arrays.size === 0) return;
    if (this.#state.accumulatedFirstMoment.length === 0) this.#makeSlots();
    assignArrays(this.#tf, this.#slots(), arrays, source);
  }

  dispose(): void {
    this.#optimizer.dispose();
  }

  get #state(): AdamState {
    return this.#optimizer as unknown as AdamState;
  }

  /** The optimizer makes its moments at the first step; making them is all this does. */
  #makeSlots(): void {
    for (const slots of [this.#state.accumulatedFirstMoment, this.#state.accumulatedSecondMoment]) {
      for (const { variable } of this.#variables) {
        slots.push({
          originalName: variable.name,
          variable: this.#tf.tidy(() => this.#tf.variable(this.#tf.zerosLike(variable), false)),
        });
      }
    }
  }

  #slots(): NamedVariable[] {
    const { accBeta1, accBeta2, accumulatedFirstMoment, accumulatedSecondMoment } = this.#state;
    if (accumulatedFirstMoment.length === 0) return [];
    const powers = [
      { name: "adam.beta1_power", variable: accBeta1 },
      { name: "adam.beta2_power", variable: accBeta2 },
    ];
    const moments = this.#variables.flatMap(({ name }, i) => [
      { name: `adam.m.${name}`, variable: accumulatedFirstMoment[i].variable },
      { name: `adam.v.${name}`, variable: accumulatedSecondMoment[i].variable },
    ]);
    return [...powers, ...moments];
  }
}
