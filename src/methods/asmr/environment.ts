import type { Random } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { actionCount, type AsmrConfig } from "./config.js";
import { acquisitionQuality } from "./quality.js";
import { drawSlices } from "./sampler.js";
import type { Segmenter } from "./segmenter.js";
import { sliceTensors, vectors, type KspaceSlice } from "./slices.js";
import type { Tensor1D, Tensor2D, Tensor3D } from "./tensorflow.js";

/** Many scans side by side: all have the same budget and end together. Plain data, so a checkpoint can hold it. */
export interface ScanState {
  /** Which slice each scan acquires. */
  readonly slices: readonly number[];
  /** Acquired columns, one row a scan. */
  readonly masks: readonly Float32Array[];
  readonly budget: number;
  /** Lines acquired so far. */
  readonly acquired: number;
  /** Quality of each scan's mask, for the `delta` reward. */
  readonly quality: Float32Array;
  /** How many episodes began, counting this one; names the random draws of the next. */
  readonly episode: number;
}

export interface Transition {
  readonly rewards: Float32Array;
  /** The budget was spent; `next` is then the first state of another episode. */
  readonly done: boolean;
  /** Quality reached, before a new episode began. */
  readonly quality: Float32Array;
  readonly next: ScanState;
}

/** Quality of each slice with its mask; always asked with as many slices, so that one compiled step serves. */
export type QualityOf = (slices: readonly KspaceSlice[], masks: readonly Float32Array[]) => Promise<Float32Array>;

/** The reward network as a function, compiled once. */
export function qualityFunction({ tf, step }: Pick<Engine, "tf" | "step">, segmenter: Segmenter, reward: AsmrConfig["reward"]): QualityOf {
  const compiled = step((kReal: Tensor3D, kImag: Tensor3D, image: Tensor3D, label: Tensor3D, mask: Tensor2D): Tensor1D =>
    acquisitionQuality(tf, { kspace: { real: kReal, imag: kImag }, image, label, mask }, segmenter, reward));
  return async (slices, masks) => {
    const inputs = [...sliceTensors(tf, slices), vectors(tf, masks)] as const;
    const quality = compiled(...inputs);
    const values = Float32Array.from(await quality.data<"float32">());
    tf.dispose([...inputs, quality]);
    return values;
  };
}

/**
 * The scanner as an environment: a state is what was acquired, an action is the next column, the reward says what it was worth.
 * States are values, never changed in place.
 *
 * @see ASMR-seg spec §4.5; rl/asmr_env.py
 */
export class ScanEnvironment {
  readonly #config: Pick<AsmrConfig, "data" | "reward" | "environment">;
  readonly #slices: readonly KspaceSlice[];
  readonly #weights: ArrayLike<number>;
  readonly #quality: QualityOf;
  readonly #random: Random;

  /** @param weights how often each slice is drawn @param random names every episode's draws */
  constructor(config: Pick<AsmrConfig, "data" | "reward" | "environment">, slices: readonly KspaceSlice[], weights: ArrayLike<number>, quality: QualityOf, random: Random) {
    this.#config = config;
    this.#slices = slices;
    this.#weights = weights;
    this.#quality = quality;
    this.#random = random;
  }

  /** A new episode: fresh slices, a budget, and nothing acquired, not even the centre. */
  async reset(episode = 0): Promise<ScanState> {
    const { environment: { numEnvs, budgets: [least, most], linesPerStep }, data: { size } } = this.#config;
    const random = this.#random.stream(episode);
    const slices = drawSlices(this.#weights, numEnvs, random);
    const masks = slices.map(() => new Float32Array(size));
    return { slices, masks, budget: least + linesPerStep * random.integer((most - least) / linesPerStep + 1), acquired: 0, quality: await this.#startQuality(slices, masks), episode: episode + 1 };
  }

  /**
   * Every scan acquires its columns: one, or `linesPerStep` of them.
   * @param actions columns of each scan, counted from the first that may be sampled
   */
  async step(state: ScanState, actions: readonly (readonly number[])[]): Promise<Transition> {
    const { data: { sampledIndices: [first] }, reward: { mode, delayStep }, environment: { linesPerStep } } = this.#config;
    const masks = state.masks.map((mask, i) => actions[i].reduce((sum, action) => withColumn(sum, first + action), mask));
    const acquired = state.acquired + linesPerStep;
    const pays = acquired > delayStep;
    const quality = pays || mode === "delta" ? await this.#quality(this.slicesOf(state), masks) : state.quality;
    const rewards = quality.map((now, i) => (pays ? (mode === "delta" ? now - state.quality[i] : now) : 0));
    const done = acquired >= state.budget;
    const next = done ? await this.reset(state.episode) : { ...state, masks, acquired, quality };
    return { rewards, done, quality, next };
  }

  /** Columns of one action. */
  get linesPerStep(): number {
    return this.#config.environment.linesPerStep;
  }

  slicesOf({ slices }: Pick<ScanState, "slices">): KspaceSlice[] {
    return slices.map((at) => this.#slices[at]);
  }

  /** 1 for the columns that a scan may still acquire, one row a scan. */
  legal({ masks }: Pick<ScanState, "masks">): Float32Array[] {
    return masks.map((mask) => legalColumns(mask, this.#config.data));
  }

  /** The empty mask is worth something to the network; only `delta` needs to know what. */
  async #startQuality(slices: readonly number[], masks: readonly Float32Array[]): Promise<Float32Array> {
    return this.#config.reward.mode === "delta" ? this.#quality(this.slicesOf({ slices }), masks) : new Float32Array(slices.length);
  }
}

export const remainingLines = ({ budget, acquired }: Pick<ScanState, "budget" | "acquired">): number => budget - acquired;

export function withColumn(mask: Float32Array, column: number): Float32Array {
  const next = mask.slice();
  next[column] = 1;
  return next;
}

/** 1 for the columns of the sampled range that a mask lacks. */
export function legalColumns(mask: Float32Array, { sampledIndices: [first, last] }: Pick<AsmrConfig["data"], "sampledIndices">): Float32Array {
  return Float32Array.from({ length: actionCount({ sampledIndices: [first, last] }) }, (_, a) => 1 - mask[first + a]);
}
