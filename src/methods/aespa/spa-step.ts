import type { Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { Adam, optimizerStep, takeNumbers, trainableVariables, type NamedVariable, type Runner } from "../../nn/index.js";
import { imageTensor, rowsOf, rowTensor } from "./batch.js";
import { largest, type Click } from "./click.js";
import { weightedCrossEntropy } from "./loss.js";
import { atImageSize, clickTensor, decodeMask, encode, preferenceOf, startResponsibilities, tokensOf, type AespaModel, type AespaWeights } from "./model.js";
import { weightNetwork } from "./preference.js";
import { responsibilities } from "./responsibility.js";
import { selectCluster, type Selection } from "./spa-clusters.js";
import { spaFirstClick, spaTarget } from "./spa-target.js";
import type { StepLoss } from "./train-step.js";
import type { Scalar, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** SPA's three steps change three disjoint parts of the network, each with an optimizer of its own. */
export type SpaOptimizers = { readonly mask: Adam; readonly latent: Adam; readonly weights: Adam };

export function makeSpaOptimizers(tf: TensorFlow, { weights, config }: AespaModel): SpaOptimizers {
  const { learningRate } = config.training;
  const adam = (variables: NamedVariable[]): Adam => new Adam(tf, variables, learningRate);
  return { mask: adam(maskVariables(weights)), latent: adam(latentVariables(weights)), weights: adam(weightVariables(weights)) };
}

const maskVariables = ({ image_encoder, mask_decoder }: AespaWeights): NamedVariable[] => trainableVariables({ image_encoder, mask_decoder });
const latentVariables = ({ prompt_encoder, EM_mean_variance }: AespaWeights): NamedVariable[] => trainableVariables({ prompt_encoder, EM_mean_variance });
const weightVariables = ({ EM_weights }: AespaWeights): NamedVariable[] => trainableVariables({ EM_weights });

/** What the rounds of one batch share and hand on. */
interface SpaDialogue {
  readonly images: Tensor4D;
  /** [B, S·S] */
  readonly target: Tensor2D;
  readonly clicks: readonly (readonly Click[])[];
  /** [B, M] */
  readonly responsibilities: Tensor2D;
  readonly last: Tensor4D | undefined;
}

/**
 * SPA's training step on one batch (spec §4.2): each round draws N masks an image, groups them over the batch, takes the
 * group nearest to what the user wants, clicks where it differs from the rest, and makes three optimizer steps.
 * @returns a function that makes a step; `random` is all that is random in it
 */
export function makeSpaTrainStep(engine: Runner, model: AespaModel, optimizers: SpaOptimizers): (cases: readonly RatedCase[], random: Random) => Promise<StepLoss> {
  const { tf } = engine;
  const { training, spa } = model.config;
  const drawMasks = sampleStep(engine, model, optimizers.mask, maskVariables(model.weights));
  const learnLatent = sampleStep(engine, model, optimizers.latent, latentVariables(model.weights));
  const weigh = weightStep(engine, model, optimizers.weights);
  return async (cases, random) => {
    const wanted = cases.map((each, i) => spaTarget(each, random.stream(`target/${i}`)));
    let dialogue: SpaDialogue = {
      images: imageTensor(tf, cases),
      target: rowTensor(tf, wanted.map((mask) => Float32Array.from(mask))),
      clicks: cases.map((each, i) => [spaFirstClick(each, random.stream(`first/${i}`))]),
      responsibilities: tf.tidy(() => startResponsibilities(tf, cases.length, model)),
      last: undefined,
    };
    const sum = { mask: 0, preference: 0 };
    for (let round = 0; round < training.rounds; round++) {
      const own = random.stream(round);
      const drawn = drawMasks(dialogue, own.stream("masks"));
      const [maps, [loss]] = [rowsOf(await drawn.probability.data<"float32">(), spa.samples), await takeNumbers([drawn.loss])];
      const { picked, rest } = selectCluster(maps, wanted.flatMap((mask) => [...mask]), spa.clusters, own.stream("clusters"));
      const clicks = dialogue.clicks.map((before, i) => [...before, clusterClick({ picked, rest }, wanted[i], i, training.worstPixels, own.stream(i))]);
      dialogue.last?.dispose();
      dialogue = { ...dialogue, clicks, last: drawn.mean };
      const again = learnLatent(dialogue, own.stream("latent"));
      const selected = tf.tensor2d(picked, [cases.length, wanted[0].length]);
      const weighed = weigh(dialogue, selected);
      sum.mask += loss;
      sum.preference += (await takeNumbers([weighed.loss]))[0];
      tf.dispose([dialogue.responsibilities, drawn.probability, again.probability, again.loss, again.mean, selected]);
      dialogue = { ...dialogue, responsibilities: weighed.responsibilities };
    }
    tf.dispose([dialogue.images, dialogue.target, dialogue.responsibilities]);
    dialogue.last?.dispose();
    return { mask: sum.mask / training.rounds, preference: sum.preference / training.rounds };
  };
}

interface SampleStep {
  readonly loss: Scalar;
  /** [N·B, S·S], sample by sample */
  readonly probability: Tensor2D;
  /** Mean of the samples' low-resolution logits, [B, 4g, 4g, 1]. */
  readonly mean: Tensor4D;
}

/** N masks an image, and one step of their mean logit towards the target. */
function sampleStep(engine: Runner, model: AespaModel, adam: Adam, variables: readonly NamedVariable[]): (dialogue: SpaDialogue, random: Random) => SampleStep {
  const { tf } = engine;
  const { samples } = model.config.spa;
  const step = optimizerStep(
    engine,
    variables,
    (gradients) => adam.step(gradients),
    (images: Tensor4D, target: Tensor2D, clicks: Tensor3D, seen: Tensor2D, noise: Tensor2D, ...before: [] | [last: Tensor4D]) => {
      const batch = images.shape[0];
      const tokens = tokensOf(tf, batch, clicks, model);
      const logits = sampleLogits(tf, model, encode(tf, images, model), { tokens, responsibilities: seen, last: before[0] }, noise);
      const full = atImageSize(tf, logits, model.config); // [N·B, S·S]
      const mean = logits.reshape<Tensor4D>([samples, batch, -1]).mean(0).reshape<Tensor4D>([batch, ...logits.shape.slice(1)]);
      return { total: weightedCrossEntropy(tf, full.reshape([samples, batch, -1]).mean(0), target), more: [full.sigmoid(), mean] };
    },
  );
  return ({ images, target, clicks, responsibilities: seen, last }, random) => {
    const [places] = clickTensor(tf, clicks, model.config) as [Tensor3D];
    const noise = drawNoise(tf, model, samples * clicks.length, random);
    const [loss, probability, mean] = last ? step(images, target, places, seen, noise, last) : step(images, target, places, seen, noise);
    tf.dispose([places, noise]);
    return { loss, probability, mean } as SampleStep;
  };
}

/** Gaussian numbers [rows, L]. The caller owns them. */
export function drawNoise(tf: TensorFlow, { config }: AespaModel, rows: number, random: Random): Tensor2D {
  const { latent } = config.preference;
  return tf.tensor2d(Float32Array.from({ length: rows * latent }, () => random.normal()), [rows, latent]);
}

/**
 * N masks of every image from N latents of the batch's common preference, as the published code draws them.
 * @param features [B, g, g, C]
 * @param tokens [B, T + 1, C] of the clicks
 * @param noise [N·B, L]
 * @returns low-resolution logits [N·B, 4g, 4g, 1], sample by sample
 */
export function sampleLogits(
  tf: TensorFlow,
  model: AespaModel,
  features: Tensor4D,
  { tokens, responsibilities: seen, last }: { readonly tokens: Tensor3D } & Pick<SpaDialogue, "responsibilities" | "last">,
  noise: Tensor2D,
): Tensor4D {
  const copies = noise.shape[0] / features.shape[0];
  const preference = preferenceOf(tf, tokens, seen, model, "batch-mean");
  const repeated = { features: tf.tile(features, [copies, 1, 1, 1]), tokens: tf.tile(tokens, [copies, 1, 1]), last: last && tf.tile(last, [copies, 1, 1, 1]) };
  return decodeMask(tf, { ...repeated, preference, noise }, model);
}

/** A click where the picked group differs most from the rest, with the label the user wants there. */
function clusterClick({ picked, rest }: Pick<Selection, "picked" | "rest">, wanted: Uint8Array, item: number, count: number, random: Random): Click {
  const size = Math.sqrt(wanted.length);
  const from = item * wanted.length;
  const at = random.pick(largest(wanted.length, (i) => Math.abs(picked[from + i] - rest[from + i]), count));
  return { y: Math.floor(at / size), x: at % size, label: wanted[at] === 1 ? 1 : 0 };
}

/** One step of the weight network towards ‖EM_weights(c(picked)) − c(wanted)‖², and c(picked) for the next round. */
function weightStep({ tf, step }: Runner, model: AespaModel, adam: Adam): (dialogue: SpaDialogue, selected: Tensor2D) => { loss: Scalar; responsibilities: Tensor2D } {
  const { weights: networks, config: { form } } = model;
  const variables = weightVariables(networks).map(({ variable }) => variable);
  const learn = step((clicks: Tensor3D, seen: Tensor2D, target: Tensor2D, selected: Tensor2D): [Scalar, Tensor2D] => {
    const preference = preferenceOf(tf, tokensOf(tf, seen.shape[0], clicks, model), seen, model, "batch-mean");
    const [picked, wanted] = [selected, target].map((map) => responsibilities(tf, map, preference, form.responsibilities));
    const { value, grads } = tf.variableGrads(() => weightNetwork(tf, picked, networks.EM_weights).sub(wanted).square().mean<Scalar>(), variables);
    adam.step(grads);
    return [value, picked];
  });
  return ({ clicks, target, responsibilities: seen }, selected) => {
    const [places] = clickTensor(tf, clicks, model.config) as [Tensor3D];
    const [loss, picked] = learn(places, seen, target, selected);
    places.dispose();
    return { loss, responsibilities: picked };
  };
}
