import type { Random } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { generalisedAdvantage } from "./advantage.js";
import type { PpoConfig } from "./config.js";
import { remainingLines, type ScanEnvironment, type ScanState } from "./environment.js";
import { drawActions, maskedLogProbabilities, type DrawnActions } from "./masked-categorical.js";
import { actAndValue, type ActorCritic } from "./policy.js";
import { kspaceTensors, vectors, type KspaceSlice } from "./slices.js";
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "./tensorflow.js";

/** One scan at one step: what was seen, what was done, and what it was worth. */
export interface Experience {
  readonly slice: KspaceSlice;
  readonly mask: Float32Array;
  readonly legal: Float32Array;
  readonly remaining: number;
  /** Columns in the order they were drawn. */
  readonly actions: readonly number[];
  /** log π(a|s) when they were played. */
  readonly logProbability: number;
  /** V(s) when it was played. */
  readonly value: number;
  readonly advantage: number;
  readonly return: number;
}

export interface Collected {
  readonly experience: Experience[];
  /** Where the next rollout goes on. */
  readonly state: ScanState;
  /** Mean undiscounted return of the episodes that ended, null when none did. */
  readonly meanReturn: number | null;
}

/** A policy as functions of plain arrays. */
export interface Player {
  /** log π over columns, one row a scan, and V(s). */
  look(slices: readonly KspaceSlice[], masks: readonly Float32Array[], legal: readonly Float32Array[], remaining: number): Promise<{ logProbabilities: Float32Array[]; values: Float32Array }>;
}

export function player({ tf, step }: Pick<Engine, "tf" | "step">, policy: ActorCritic): Player {
  const compiled = step((kReal: Tensor3D, kImag: Tensor3D, mask: Tensor2D, legal: Tensor2D, remaining: Tensor1D): Tensor[] => {
    const { logits, value } = actAndValue(tf, { kspace: { real: kReal, imag: kImag }, mask, remaining }, policy, "rollout");
    return [maskedLogProbabilities(tf, logits, legal), value];
  });
  return {
    async look(slices, masks, legal, remaining) {
      const lines = tf.tensor1d(new Float32Array(slices.length).fill(remaining));
      const inputs = [...kspaceTensors(tf, slices), vectors(tf, masks), vectors(tf, legal), lines] as const;
      const [logP, value] = compiled(...inputs);
      const flat = await logP.data<"float32">();
      const values = Float32Array.from(await value.data<"float32">());
      const actions = logP.shape[1]!;
      tf.dispose([...inputs, logP, value]);
      return { logProbabilities: slices.map((_, i) => flat.slice(i * actions, (i + 1) * actions)), values };
    },
  };
}

/**
 * Plays `numSteps` steps in every scan and looks back on them. A rollout may end in the middle of an episode; the next one goes on there.
 * @param random draws the actions
 */
export async function collect(environment: ScanEnvironment, who: Player, from: ScanState, config: PpoConfig, random: Random): Promise<Collected> {
  const played: { state: ScanState; legal: Float32Array[]; drawn: DrawnActions[]; values: Float32Array; rewards: Float32Array }[] = [];
  const done: Float32Array[] = [];
  const ended: number[] = [];
  const flags = (value: number): Float32Array => new Float32Array(from.slices.length).fill(value);
  let state = from;
  let justBegun = 0; // the first flag of a rollout is never read
  let gained = flags(0);
  for (let t = 0; t < config.numSteps; t++) {
    const legal = environment.legal(state);
    const { logProbabilities, values } = await who.look(environment.slicesOf(state), state.masks, legal, remainingLines(state));
    const drawn = logProbabilities.map((row) => drawActions(row, environment.linesPerStep, random));
    const { rewards, done: over, next } = await environment.step(state, drawn.map(({ actions }) => actions));
    played.push({ state, legal, drawn, values, rewards });
    done.push(flags(justBegun));
    gained = gained.map((sum, i) => sum + rewards[i]);
    if (over) ended.push(...gained);
    if (over) gained = flags(0);
    justBegun = over ? 1 : 0;
    state = next;
  }
  const { values: nextValue } = await who.look(environment.slicesOf(state), state.masks, environment.legal(state), remainingLines(state));
  const { advantages, returns } = generalisedAdvantage({ rewards: played.map(({ rewards }) => rewards), values: played.map(({ values }) => values), done, nextValue, nextDone: flags(justBegun) }, config);
  const experience = played.flatMap(({ state, legal, drawn, values }, t) => environment.slicesOf(state).map((slice, i): Experience => ({
    slice, mask: state.masks[i], legal: legal[i], remaining: remainingLines(state),
    ...drawn[i], value: values[i], advantage: advantages[t][i], return: returns[t][i],
  })));
  return { experience, state, meanReturn: ended.length === 0 ? null : ended.reduce((sum, x) => sum + x, 0) / ended.length };
}
