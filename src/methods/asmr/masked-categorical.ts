import type { Random } from "../../core/index.js";
import type { Tensor1D, Tensor2D, TensorFlow } from "./tensorflow.js";

/** Far below any logit, so that exp is exactly 0; −∞ itself would make 0·∞ in gradients. */
const never = -1e9;

/**
 * log π(a|s) over the legal actions: columns that were already acquired have probability 0.
 * @param logits [B, A]
 * @param legal [B, A], 1 or 0
 * @returns [B, A]; about −10⁹ where illegal
 * @example logits [1, 2, 3, 4], legal [1, 0, 1, 0] → [−2.1269, –, −0.1269, –]
 * @see ASMR-seg spec §3.2, vector 8; rl/nn_utils.py
 */
export function maskedLogProbabilities(tf: TensorFlow, logits: Tensor2D, legal: Tensor2D): Tensor2D {
  const allowed = logits.mul<Tensor2D>(legal).add<Tensor2D>(tf.sub(1, legal).mul(never));
  const shifted = allowed.sub<Tensor2D>(allowed.max(1, true));
  return shifted.sub(shifted.exp().sum(1, true).log());
}

/** Entropy over the legal set, nats. → [B] */
export function maskedEntropy(logProbabilities: Tensor2D, legal: Tensor2D): Tensor1D {
  return logProbabilities.exp().mul(logProbabilities).mul(legal).sum<Tensor1D>(1).neg();
}

/** The log-probability of one action a row. @param actions [B] → [B] */
export function logProbabilityOf(tf: TensorFlow, logProbabilities: Tensor2D, actions: Tensor1D): Tensor1D {
  const chosen = tf.oneHot(actions.toInt(), logProbabilities.shape[1]).toFloat();
  return logProbabilities.mul(chosen).sum(1);
}

/** An action drawn from one row of log-probabilities. */
export function sampleAction(logProbabilities: ArrayLike<number>, random: Random): number {
  let left = random.uniform();
  let last = 0;
  for (let a = 0; a < logProbabilities.length; a++) {
    const p = Math.exp(logProbabilities[a]);
    if (p <= 0) continue;
    last = a;
    left -= p;
    if (left < 0) return a;
  }
  return last; // rounding
}

/** Different actions of one step in their order, and log π of drawing them so: each from what the ones before it left. */
export interface DrawnActions {
  readonly actions: readonly number[];
  readonly logProbability: number;
}

/**
 * Several different actions, one after the other, each with the chances that the earlier ones leave (Plackett–Luce).
 * @example drawActions(row, 1, random) // one action and its log-probability
 */
export function drawActions(logProbabilities: ArrayLike<number>, count: number, random: Random): DrawnActions {
  const left = Float64Array.from(logProbabilities);
  const actions: number[] = [];
  let logProbability = 0;
  for (let i = 0; i < count; i++) {
    const rest = i === 0 ? 0 : logSumExp(left);
    const action = sampleAction(left.map((x) => x - rest), random);
    logProbability += left[action] - rest;
    left[action] = -Infinity;
    actions.push(action);
  }
  return { actions, logProbability };
}

function logSumExp(values: Float64Array): number {
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(values.reduce((sum, x) => sum + Math.exp(x - most), 0));
}

/**
 * log π of several actions a row in their order; what {@link drawActions} says of its own.
 * @param actions [B, n] → [B]
 */
export function logProbabilityOfAll(tf: TensorFlow, logits: Tensor2D, legal: Tensor2D, actions: Tensor2D): Tensor1D {
  let allowed = legal;
  return actions.unstack<Tensor1D>(1).reduce<Tensor1D | undefined>((sum, action) => {
    const own = logProbabilityOf(tf, maskedLogProbabilities(tf, logits, allowed), action);
    allowed = allowed.sub(tf.oneHot(action.toInt(), logits.shape[1]).toFloat());
    return sum === undefined ? own : sum.add(own);
  }, undefined)!;
}

/** The likeliest actions of a row, the likeliest first; of equal ones the lowest. */
export function bestActions(logProbabilities: ArrayLike<number>, count: number): number[] {
  const left = Float64Array.from(logProbabilities);
  return Array.from({ length: count }, () => {
    const action = bestAction(left);
    left[action] = -Infinity;
    return action;
  });
}

/** The likeliest action of a row; of equal ones the lowest. */
export function bestAction(logProbabilities: ArrayLike<number>): number {
  let best = 0;
  for (let a = 1; a < logProbabilities.length; a++) if (logProbabilities[a] > logProbabilities[best]) best = a;
  return best;
}
