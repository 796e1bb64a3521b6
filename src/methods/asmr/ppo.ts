import type { Random } from "../../core/index.js";
import { clipByGlobalNorm, type Engine } from "../../engine/index.js";
import { trainableVariables, type Adam } from "../../nn/index.js";
import type { Experience } from "./collect.js";
import type { PpoConfig } from "./config.js";
import { logProbabilityOfAll, maskedEntropy, maskedLogProbabilities } from "./masked-categorical.js";
import { actAndValue, type ActorCritic } from "./policy.js";
import { kspaceTensors, vectors } from "./slices.js";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

// Proximal policy optimisation (Schulman et al., arXiv 1707.06347), an update at a time:
//   collect.ts    play some steps with the policy as it is, and remember everything
//   advantage.ts  how much better than expected each action was
//   here          what a minibatch of that memory says the policy and the critic should have done (the losses),
//                 and a few epochs of gradient steps on it (ppoUpdate)

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
  /** [B, linesPerStep] */
  readonly actions: Tensor2D;
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
  const logRatio = logProbabilityOfAll(tf, batch.logits, batch.legal, batch.actions).sub<Tensor1D>(batch.oldLogProbability);
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
    const [remaining, oldLogProbability, oldValue, advantage, back, ...columns] = facts.unstack(1) as Tensor1D[];
    const actions = tf.stack(columns, 1) as Tensor2D;
    let losses: PpoLosses | undefined;
    const { grads } = tf.variableGrads(() => {
      const { logits, value } = actAndValue(tf, { kspace: { real: kReal, imag: kImag }, mask, remaining }, policy, "rollout");
      losses = ppoLosses(tf, { logits, value, legal, actions, oldLogProbability, oldValue, advantage, return: back }, config);
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
    const facts = experience.map((e) => [e.remaining, e.logProbability, e.value, e.advantage, e.return, ...e.actions]);
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
