import type { Random } from "../../core/index.js";
import { clipByGlobalNorm, type Engine } from "../../engine/index.js";
import { trainableVariables, type Adam } from "../../nn/index.js";
import { generalisedAdvantage } from "./advantage.js";
import type { PpoConfig } from "./config.js";
import { remainingLines, type ScanEnvironment, type ScanState } from "./environment.js";
import { logProbabilityOf, maskedEntropy, maskedLogProbabilities, sampleAction } from "./masked-categorical.js";
import { actAndValue, type ActorCritic } from "./policy.js";
import { rows, vectors, type KspaceSlice } from "./slices.js";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

// Proximal policy optimisation (Schulman et al., arXiv 1707.06347) in three parts:
//   collect     play some steps with the policy as it is, and remember everything
//   losses      what a minibatch of that memory says the policy and the critic should have done
//   ppoUpdate   a few epochs of gradient steps on these losses
// The advantages between them are in advantage.ts.

/** One scan at one step: what was seen, what was done, and what it was worth. */
export interface Experience {
  readonly slice: KspaceSlice;
  readonly mask: Float32Array;
  readonly legal: Float32Array;
  readonly remaining: number;
  readonly action: number;
  /** log π(a|s) when it was played. */
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
  const played: { state: ScanState; legal: Float32Array[]; actions: number[]; logProbabilities: number[]; values: Float32Array; rewards: Float32Array }[] = [];
  const done: Float32Array[] = [];
  const ended: number[] = [];
  const flags = (value: number): Float32Array => new Float32Array(from.slices.length).fill(value);
  let state = from;
  let justBegun = 0; // the first flag of a rollout is never read
  let gained = flags(0);
  for (let t = 0; t < config.numSteps; t++) {
    const legal = environment.legal(state);
    const { logProbabilities, values } = await who.look(environment.slicesOf(state), state.masks, legal, remainingLines(state));
    const actions = logProbabilities.map((row) => sampleAction(row, random));
    const { rewards, done: over, next } = await environment.step(state, actions);
    played.push({ state, legal, actions, logProbabilities: actions.map((a, i) => logProbabilities[i][a]), values, rewards });
    done.push(flags(justBegun));
    gained = gained.map((sum, i) => sum + rewards[i]);
    if (over) ended.push(...gained);
    if (over) gained = flags(0);
    justBegun = over ? 1 : 0;
    state = next;
  }
  const { values: nextValue } = await who.look(environment.slicesOf(state), state.masks, environment.legal(state), remainingLines(state));
  const { advantages, returns } = generalisedAdvantage({ rewards: played.map(({ rewards }) => rewards), values: played.map(({ values }) => values), done, nextValue, nextDone: flags(justBegun) }, config);
  const experience = played.flatMap(({ state, legal, actions, logProbabilities, values }, t) => environment.slicesOf(state).map((slice, i): Experience => ({
    slice, mask: state.masks[i], legal: legal[i], remaining: remainingLines(state),
    action: actions[i], logProbability: logProbabilities[i], value: values[i], advantage: advantages[t][i], return: returns[t][i],
  })));
  return { experience, state, meanReturn: ended.length === 0 ? null : ended.reduce((sum, x) => sum + x, 0) / ended.length };
}

/**
 * The clipped policy loss: mean max(−A·ρ, −A·clip(ρ, 1 − ε, 1 + ε)), ρ = π(a|s)/π_old(a|s). Once an action is likelier than before by the factor 1 + ε, making
 * it likelier still earns nothing; the maximum keeps the pressure on where the policy moved the wrong way.
 * @example A = 1, ρ = 1.5, ε = 0.2 → −1.2; A = −1, ρ = 1.5 → 1.5 (spec §10, vector 7)
 */
export function policyLoss(tf: TensorFlow, advantage: Tensor1D, ratio: Tensor1D, clip: number): Scalar {
  const free = advantage.neg().mul(ratio);
  const clipped = advantage.neg().mul(ratio.clipByValue(1 - clip, 1 + clip));
  return tf.maximum(free, clipped).mean<Scalar>();
}

/** 0.5·mean max((V − R)², (V_old + clip(V − V_old, ±ε) − R)²): the critic, held near what it said before. */
export function valueLoss(tf: TensorFlow, value: Tensor1D, oldValue: Tensor1D, target: Tensor1D, clip: number): Scalar {
  const near = oldValue.add<Tensor1D>(value.sub(oldValue).clipByValue(-clip, clip));
  return tf.maximum(value.sub(target).square(), near.sub(target).square()).mean<Scalar>().mul(0.5);
}

/** (A − mean)/(deviation + 10⁻⁸) with the unbiased deviation. */
export function normaliseAdvantage(advantage: Tensor1D): Tensor1D {
  const n = advantage.size;
  const centred = advantage.sub<Tensor1D>(advantage.mean());
  const deviation = centred.square().sum().div(n - 1).sqrt();
  return centred.div(deviation.add(1e-8));
}

export interface MinibatchTensors {
  readonly logits: Tensor2D;
  readonly value: Tensor1D;
  readonly legal: Tensor2D;
  readonly action: Tensor1D;
  readonly oldLogProbability: Tensor1D;
  readonly oldValue: Tensor1D;
  readonly advantage: Tensor1D;
  readonly return: Tensor1D;
}

export interface PpoLosses {
  readonly total: Scalar;
  readonly policy: Scalar;
  readonly value: Scalar;
  readonly entropy: Scalar;
  /** mean((ρ − 1) − log ρ), an estimate of KL(π_old‖π). */
  readonly kl: Scalar;
  /** Share of actions whose ratio was clipped. */
  readonly clipped: Scalar;
}

/** policy − 0.01·entropy + 0.5·value, and what one watches. @see ASMR-seg spec §4.7 */
export function ppoLosses(tf: TensorFlow, batch: MinibatchTensors, { clip, entropyCoefficient, valueCoefficient }: PpoConfig): PpoLosses {
  const logP = maskedLogProbabilities(tf, batch.logits, batch.legal); // [B, A]
  const logRatio = logProbabilityOf(tf, logP, batch.action).sub<Tensor1D>(batch.oldLogProbability);
  const ratio = logRatio.exp<Tensor1D>();
  const policy = policyLoss(tf, normaliseAdvantage(batch.advantage), ratio, clip);
  const value = valueLoss(tf, batch.value, batch.oldValue, batch.return, clip);
  const entropy = maskedEntropy(logP, batch.legal).mean<Scalar>();
  const total = policy.sub(entropy.mul(entropyCoefficient)).add<Scalar>(value.mul(valueCoefficient));
  const kl = ratio.sub(1).sub(logRatio).mean<Scalar>();
  return { total, policy, value, entropy, kl, clipped: ratio.sub(1).abs().greater(clip).toFloat().mean() };
}

/** Means over the minibatches of an update. */
export interface PpoReport {
  readonly loss: number;
  readonly policyLoss: number;
  readonly valueLoss: number;
  readonly entropy: number;
  readonly kl: number;
  readonly clipFraction: number;
  readonly gradNorm: number;
  /** 1 − Var(R − V)/Var(R) of the rollout: 1 is a critic that knows, 0 one that says the mean. */
  readonly explainedVariance: number;
}

/** One gradient step on a minibatch, as a function of tensors that can be compiled. */
export type PpoStep = (experience: readonly Experience[]) => Promise<readonly number[]>;

export function ppoStep({ tf, step }: Pick<Engine, "tf" | "step">, policy: ActorCritic, adam: Adam, config: PpoConfig): PpoStep {
  const variables = trainableVariables(policy.weights).map(({ variable }) => variable);
  const compiled = step((kReal: Tensor3D, kImag: Tensor3D, mask: Tensor2D, legal: Tensor2D, facts: Tensor2D): Tensor[] => {
    const [remaining, action, oldLogProbability, oldValue, advantage, back] = facts.unstack(1) as Tensor1D[];
    let losses: PpoLosses | undefined;
    const { grads } = tf.variableGrads(() => {
      const { logits, value } = actAndValue(tf, { kspace: { real: kReal, imag: kImag }, mask, remaining }, policy, "rollout");
      losses = ppoLosses(tf, { logits, value, legal, action, oldLogProbability, oldValue, advantage, return: back }, config);
      for (const loss of Object.values(losses)) tf.keep(loss);
      return losses.total;
    }, variables);
    const { gradients, norm } = clipByGlobalNorm(tf, grads, config.maxGradNorm);
    adam.step(gradients);
    const watched = losses!;
    const report = [watched.total, watched.policy, watched.value, watched.entropy, watched.kl, watched.clipped, norm].map((each) => each.clone());
    tf.dispose(Object.values(watched));
    return report;
  });
  return async (experience) => {
    const facts = experience.map((e) => [e.remaining, e.action, e.logProbability, e.value, e.advantage, e.return]);
    const inputs = [...kspaceTensors(tf, experience.map(({ slice }) => slice)), vectors(tf, experience.map(({ mask }) => mask)), vectors(tf, experience.map(({ legal }) => legal)), vectors(tf, facts)] as const;
    const report = compiled(...inputs);
    const numbers: number[] = [];
    for (const each of report) numbers.push((await each.data())[0]);
    tf.dispose([...inputs, ...report]);
    return numbers;
  };
}

/** Some epochs over a rollout in shuffled minibatches. @param random shuffles */
export async function ppoUpdate(take: PpoStep, experience: readonly Experience[], { epochs, minibatch, targetKl }: PpoConfig, random: Random): Promise<PpoReport> {
  const sums = new Float64Array(7);
  let steps = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.shuffled(experience);
    let kl = 0;
    for (let at = 0; at < order.length; at += minibatch) {
      const report = await take(order.slice(at, at + minibatch));
      for (const [i, value] of report.entries()) sums[i] += value;
      kl = report[4];
      steps++;
    }
    if (targetKl !== null && kl > targetKl) break;
  }
  const [loss, policyLoss, valueLoss, entropy, kl, clipFraction, gradNorm] = sums.map((sum) => sum / steps);
  return { loss, policyLoss, valueLoss, entropy, kl, clipFraction, gradNorm, explainedVariance: explainedVariance(experience) };
}

function explainedVariance(experience: readonly Experience[]): number {
  const variance = (values: readonly number[]): number => {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  };
  const spread = variance(experience.map((e) => e.return));
  return spread === 0 ? 0 : 1 - variance(experience.map((e) => e.return - e.value)) / spread;
}

function kspaceTensors(tf: TensorFlow, slices: readonly KspaceSlice[]): [Tensor3D, Tensor3D] {
  const { size } = slices[0];
  return [rows(tf, slices.map(({ kReal }) => kReal), size), rows(tf, slices.map(({ kImag }) => kImag), size)];
}

