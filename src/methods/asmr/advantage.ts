import { ShapeMismatch } from "../../core/index.js";

export interface Rollout {
  /** r_t, by step and environment. */
  readonly rewards: readonly Float32Array[];
  /** V(s_t) */
  readonly values: readonly Float32Array[];
  /** 1 where s_t is the first state of an episode: the flag that the step *before* returned. */
  readonly done: readonly Float32Array[];
  /** V(s_T), the state after the last step. */
  readonly nextValue: Float32Array;
  readonly nextDone: Float32Array;
}

export interface Advantages {
  /** A_t, by step and environment. */
  readonly advantages: Float32Array[];
  /** A_t + V(s_t), what the critic is to predict. */
  readonly returns: Float32Array[];
}

/**
 * Generalised advantage estimation: how much better an action was than what the critic expected.
 *
 * δ_t = r_t + γ·V_{t+1}·(1 − d_{t+1}) − V_t and A_t = δ_t + γλ·(1 − d_{t+1})·A_{t+1}, from the last step back. λ = 0 trusts the critic
 * after one step; λ = 1 waits for the whole return. A rollout may cut an episode anywhere: the critic speaks for what follows.
 *
 * @throws ShapeMismatch when the parts have different numbers of steps
 * @example γ 0.99, λ 0.95, r = [0, 0, 1, 0], V = [.5, .4, .3, .2], d = [0, 0, 0, 1], V_T = .1 → A = [.4183, .5554, .7, −.101]
 * @see Schulman et al., arXiv 1506.02438, eq. 16; ASMR-seg spec §4.7, vector 6
 */
export function generalisedAdvantage({ rewards, values, done, nextValue, nextDone }: Rollout, { gamma, gaeLambda }: { readonly gamma: number; readonly gaeLambda: number }): Advantages {
  const steps = rewards.length;
  if (values.length !== steps || done.length !== steps) throw new ShapeMismatch("generalisedAdvantage", [steps, steps], [values.length, done.length], "Give one entry a step.");
  const environments = nextValue.length;
  const advantages = rewards.map(() => new Float32Array(environments));
  for (let e = 0; e < environments; e++) {
    let following = 0;
    for (let t = steps - 1; t >= 0; t--) {
      const [valueAfter, doneAfter] = t === steps - 1 ? [nextValue[e], nextDone[e]] : [values[t + 1][e], done[t + 1][e]];
      const goesOn = 1 - doneAfter;
      const delta = rewards[t][e] + gamma * valueAfter * goesOn - values[t][e];
      following = delta + gamma * gaeLambda * goesOn * following;
      advantages[t][e] = following;
    }
  }
  return { advantages, returns: advantages.map((row, t) => row.map((a, e) => a + values[t][e])) };
}
