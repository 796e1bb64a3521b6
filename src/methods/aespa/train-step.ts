import type { Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { Adam, optimizerStep, takeNumbers, trainableVariables, type NamedVariable, type Runner } from "../../nn/index.js";
import { imageTensor, rowsOf, rowTensor } from "./batch.js";
import { agreementTarget, firstTarget, nextRater, simulateClick, type Click } from "./click.js";
import type { AespaConfig } from "./config.js";
import { detached, weightedCrossEntropy } from "./loss.js";
import { atImageSize, clickTensor, decodeMask, encode, preferenceOf, startResponsibilities, tokensOf, type AespaModel, type AespaWeights } from "./model.js";
import { overBatch, renormalised, weightNetwork } from "./preference.js";
import { responsibilities } from "./responsibility.js";
import type { Scalar, Tensor, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/**
 * Two optimizers over disjoint steps: PyTorch's Adam counts steps a parameter, so one optimizer there is two here.
 * `mask` trains image encoder and decoder (and, by `latentTraining`, what makes the latent); `preference` the prompt
 * encoder and the weight network.
 */
export type AespaOptimizers = { readonly mask: Adam; readonly preference: Adam };

export function makeOptimizers(tf: TensorFlow, { weights, config }: AespaModel): AespaOptimizers {
  const { learningRate } = config.training;
  return { mask: new Adam(tf, maskVariables(weights, config), learningRate), preference: new Adam(tf, preferenceVariables(weights), learningRate) };
}

function maskVariables({ image_encoder, mask_decoder, prompt_encoder, EM_mean_variance }: AespaWeights, { form }: AespaConfig): NamedVariable[] {
  return trainableVariables({ image_encoder, mask_decoder, ...(form.latentTraining === "by-mask-loss" && { prompt_encoder, EM_mean_variance }) });
}

const preferenceVariables = ({ prompt_encoder, EM_weights }: AespaWeights): NamedVariable[] => trainableVariables({ prompt_encoder, EM_weights });

export interface StepLoss {
  /** Cross-entropy of the mask, mean over the rounds. */
  readonly mask: number;
  /** Squared difference of the preference, mean over the rounds. */
  readonly preference: number;
}

/** What a round hands on to the next, all of it about the images of one batch. */
interface Dialogue {
  readonly cases: readonly RatedCase[];
  readonly images: Tensor4D;
  readonly clicks: readonly (readonly Click[])[];
  readonly raters: readonly (number | undefined)[];
  /** [B, S·S] */
  readonly target: Tensor2D;
  /** [B, M] */
  readonly responsibilities: Tensor2D;
  /** [B, 4g, 4g, 1] */
  readonly last: Tensor4D | undefined;
}

/**
 * AESPA's training step on one batch (spec §4.1): rounds of one mask, one simulated click and two optimizer steps.
 * A click on the mask picks the raters who agree with it there; their mean is what the next mask should be.
 * @returns a function that makes a step; `random` is all that is random in it
 */
export function makeTrainStep(engine: Runner, model: AespaModel, optimizers: AespaOptimizers): (cases: readonly RatedCase[], random: Random) => Promise<StepLoss> {
  const { tf } = engine;
  const { training, form } = model.config;
  const drawMask = maskStep(engine, model, optimizers.mask);
  const learnPreference = preferenceStep(engine, model, optimizers.preference);
  return async (cases, random) => {
    let dialogue: Dialogue = {
      cases,
      images: imageTensor(tf, cases),
      clicks: cases.map(() => []),
      raters: cases.map(() => undefined),
      target: rowTensor(tf, cases.map((each) => firstTarget(each, form.firstTarget))),
      responsibilities: tf.tidy(() => startResponsibilities(tf, cases.length, model)),
      last: undefined,
    };
    const sum = { mask: 0, preference: 0 };
    for (let round = 0; round < training.rounds; round++) {
      const clicksBefore = clickTensor(tf, dialogue.clicks, model.config);
      const mask = drawMask(dialogue, clicksBefore);
      const [probability, [loss]] = [await mask.probability.data<"float32">(), await takeNumbers([mask.loss])];
      const next = userAnswers(tf, model.config, dialogue, probability, random.stream(round));
      tf.dispose([dialogue.target, dialogue.responsibilities, clicksBefore]);
      dialogue.last?.dispose();
      dialogue = { ...dialogue, ...next, responsibilities: mask.responsibilities, last: mask.logits };
      sum.mask += loss;
      if (form.preferenceNetworks === "on") sum.preference += await learnPreference(dialogue, mask.probability);
      mask.probability.dispose();
    }
    tf.dispose([dialogue.images, dialogue.target, dialogue.responsibilities]);
    dialogue.last?.dispose();
    return { mask: sum.mask / training.rounds, preference: sum.preference / training.rounds };
  };
}

interface MaskStep {
  readonly loss: Scalar;
  readonly logits: Tensor4D;
  /** [B, S·S] */
  readonly probability: Tensor2D;
  /** What the mixture makes of the new mask, [B, M]. */
  readonly responsibilities: Tensor2D;
}

/** One mask, and one step towards the target. What it returns belongs to the caller. */
function maskStep(engine: Runner, model: AespaModel, adam: Adam): (dialogue: Dialogue, clicks: [] | [Tensor3D]) => MaskStep {
  const { tf } = engine;
  const { form } = model.config;
  const step = optimizerStep(
    engine,
    maskVariables(model.weights, model.config),
    (gradients) => adam.step(gradients),
    (images: Tensor4D, target: Tensor2D, seen: Tensor2D, ...before: [] | [clicks: Tensor3D, last: Tensor4D]) => {
      const [clicks, last] = before;
      const tokens = tokensOf(tf, images.shape[0], clicks, model);
      const preference = preferenceOf(tf, tokens, seen, model, form.preferences);
      const logits = decodeMask(tf, { features: encode(tf, images, model), tokens, preference, last }, model);
      const full = atImageSize(tf, logits, model.config);
      const probability = full.sigmoid<Tensor2D>();
      return { total: weightedCrossEntropy(tf, full, target), more: [logits, probability, responsibilities(tf, probability, preference, form.responsibilities)] };
    },
  );
  return ({ images, target, responsibilities: seen, last }, [clicks]) => {
    const [loss, logits, probability, now] = clicks && last ? step(images, target, seen, clicks, last) : step(images, target, seen);
    return { loss, logits, probability, responsibilities: now } as MaskStep;
  };
}

/** Simulated users look at their masks and click; the raters who agree become the target. */
function userAnswers(tf: TensorFlow, { training }: AespaConfig, dialogue: Dialogue, probability: Float32Array, random: Random): Pick<Dialogue, "clicks" | "raters" | "target"> {
  const maps = rowsOf(probability, dialogue.cases.length);
  const answers = dialogue.cases.map((each, i) => {
    const own = random.stream(i);
    const rater = nextRater(each.valid, dialogue.raters[i], training.keepRater, own);
    const click = simulateClick(maps[i], each.raters[rater], each.size, training.worstPixels, own);
    return { rater, click, target: agreementTarget(each, click) };
  });
  return {
    clicks: dialogue.clicks.map((clicks, i) => [...clicks, answers[i].click]),
    raters: answers.map(({ rater }) => rater),
    target: rowTensor(tf, answers.map(({ target }) => target)),
  };
}

/** One step towards ‖EM_weights(c(mask)) − c(target)‖²: the weight network learns to foresee the mixture that the user wants. */
function preferenceStep({ tf, step }: Runner, model: AespaModel, adam: Adam): (dialogue: Dialogue, probability: Tensor2D) => Promise<number> {
  const { weights: networks, config: { form } } = model;
  const variables = preferenceVariables(networks).map(({ variable }) => variable);
  const learn = step((clicks: Tensor3D, seen: Tensor2D, target: Tensor2D, probability: Tensor2D): Scalar => {
    const rows = weightNetwork(tf, seen, networks.EM_weights); // outside the gradient
    const mixture = renormalised(tf, form.preferences === "batch-mean" ? overBatch(rows) : rows);
    const { value, grads } = tf.variableGrads(() => {
      const preference = { ...preferenceOf(tf, tokensOf(tf, seen.shape[0], clicks, model), seen, model, form.preferences), weights: mixture };
      const c = (map: Tensor2D): Tensor2D => responsibilities(tf, map, preference, form.responsibilities);
      const wanted = form.preferenceTarget === "detached" ? detached<Tensor>(tf, c(target)) : c(target);
      return weightNetwork(tf, c(probability), networks.EM_weights).sub(wanted).square().mean<Scalar>();
    }, variables);
    adam.step(grads);
    return value;
  });
  return async ({ clicks, responsibilities: seen, target }, probability) => {
    const [places] = clickTensor(tf, clicks, model.config) as [Tensor3D];
    const [loss] = await takeNumbers([learn(places, seen, target, probability)]);
    places.dispose();
    return loss;
  };
}
