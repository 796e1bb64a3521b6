import { setImmediate as nextTurn } from "node:timers/promises";
import { Interrupted, silent, type Progress } from "../../core/index.js";
import { clipByGlobalNorm } from "../../engine/index.js";
import { Adam, cosineRate, optimizerStep, takeNumbers, type AdamOptions, type NamedVariable, type Runner } from "../../nn/index.js";
import type { StageConfig } from "./config.js";
import type { Scalar, Tensor } from "./tensorflow.js";

/** How long a learning rate rises, as a share of the steps. */
const warmupShare = 0.05;

export const rateAt = (step: number, { steps, learningRate }: StageConfig): number =>
  cosineRate(step, { total: steps, from: learningRate, to: 0, warmup: Math.max(1, Math.round(warmupShare * steps)) });

/**
 * A step of Adam with gradients clipped to a length of 1.
 * @param loss of the arguments; `parts` beside it are for the log
 * @returns a function that makes a step and gives the total and the parts
 */
export function clippedStep<A extends Tensor[]>(runner: Runner, adam: Adam, variables: readonly NamedVariable[], loss: (...given: A) => { total: Scalar; parts?: readonly Scalar[] }): (...given: A) => Promise<number[]> {
  const run = optimizerStep<A>(runner, variables, (gradients) => adam.step(clipByGlobalNorm(runner.tf, gradients, 1).gradients), (...given) => {
    const { total, parts = [] } = loss(...given);
    return { total, more: parts };
  });
  return (...given) => takeNumbers(run(...given));
}

export interface StageOptions extends StageConfig {
  readonly runner: Runner;
  readonly task: string;
  readonly variables: readonly NamedVariable[];
  readonly adam?: Omit<AdamOptions, never>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * A whole stage without checkpoints: AdamW, cosine, clip 1.
 * @param makeBatch tensors of a step, which are disposed after it
 * @returns the losses, one a step
 * @throws Interrupted between steps
 */
export async function runStage<A extends Tensor[]>(options: StageOptions, makeBatch: (step: number) => A, loss: (...given: A) => Scalar): Promise<number[]> {
  const { runner, task: name, variables, steps, progress = silent, signal } = options;
  const adam = new Adam(runner.tf, variables, options.learningRate, { weightDecay: 0.01, ...options.adam });
  const train = clippedStep<A>(runner, adam, variables, (...given) => ({ total: loss(...given) }));
  const task = progress.begin(name, steps);
  const losses: number[] = [];
  try {
    for (let at = 0; at < steps; at++) {
      if (at % 8 === 0) await nextTurn();
      if (signal?.aborted) throw new Interrupted(`${name} starts anew with the same command.`);
      adam.learningRate = rateAt(at, options);
      const batch = makeBatch(at);
      losses.push((await train(...batch))[0]);
      runner.tf.dispose(batch);
      if (at % 10 === 9) task.update(at + 1, `loss ${losses.at(-1)!.toFixed(3)}`);
    }
    task.end(`loss ${meanOf(losses.slice(0, 10)).toFixed(3)} → ${meanOf(losses.slice(-10)).toFixed(3)}`);
    return losses;
  } finally {
    adam.dispose();
  }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
