import type { Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { Adam, trainableVariables, type NamedVariable } from "../../nn/index.js";
import { imageTensor, rowsOf, rowTensor } from "./batch.js";
import { largest, type Click } from "./click.js";
import { weightedCrossEntropy } from "./loss.js";
import { atImageSize, decodeMask, encode, encodeClicks, preferenceOf, startResponsibilities, type AespaModel, type AespaWeights } from "./model.js";
import { weightNetwork } from "./preference.js";
import { responsibilities } from "./responsibility.js";
import { selectCluster, type Selection } from "./spa-clusters.js";
import { spaFirstClick, spaTarget } from "./spa-target.js";
import type { StepLoss } from "./train-step.js";
import type { Scalar, Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

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
 */
export async function trainSpaBatch(tf: TensorFlow, model: AespaModel, optimizers: SpaOptimizers, cases: readonly RatedCase[], random: Random): Promise<StepLoss> {
  const { training, spa } = model.config;
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
    const drawn = sampleStep(tf, model, optimizers.mask, maskVariables(model.weights), dialogue, own.stream("masks"));
    const [maps, [loss]] = [rowsOf(await drawn.probability.data<"float32">(), spa.samples), await drawn.loss.data()];
    const { picked, rest } = selectCluster(maps, wanted.flatMap((mask) => [...mask]), spa.clusters, own.stream("clusters"));
    const clicks = dialogue.clicks.map((before, i) => [...before, clusterClick({ picked, rest }, wanted[i], i, training.worstPixels, own.stream(i))]);
    dialogue.last?.dispose();
    dialogue = { ...dialogue, clicks, last: drawn.mean };
    const again = sampleStep(tf, model, optimizers.latent, latentVariables(model.weights), dialogue, own.stream("latent"));
    const selected = tf.tensor2d(picked, [cases.length, wanted[0].length]);
    const weighed = weightStep(tf, model, optimizers.weights, dialogue, selected);
    sum.mask += loss;
    sum.preference += (await weighed.loss.data())[0];
    tf.dispose([dialogue.responsibilities, drawn.probability, drawn.loss, again.probability, again.loss, again.mean, selected, weighed.loss]);
    dialogue = { ...dialogue, responsibilities: weighed.responsibilities };
  }
  tf.dispose([dialogue.images, dialogue.target, dialogue.responsibilities]);
  dialogue.last?.dispose();
  return { mask: sum.mask / training.rounds, preference: sum.preference / training.rounds };
}

interface SampleStep {
  readonly loss: Scalar;
  /** [N·B, S·S], sample by sample */
  readonly probability: Tensor2D;
  /** Mean of the samples' low-resolution logits, [B, 4g, 4g, 1]. */
  readonly mean: Tensor4D;
}

/** N masks an image, and one step of their mean logit towards the target. */
function sampleStep(tf: TensorFlow, model: AespaModel, adam: Adam, variables: readonly NamedVariable[], dialogue: SpaDialogue, random: Random): SampleStep {
  const { samples } = model.config.spa;
  const batch = dialogue.clicks.length;
  const noise = drawNoise(tf, model, samples * batch, random);
  const results: Omit<SampleStep, "loss">[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const logits = sampleLogits(tf, model, encode(tf, dialogue.images, model), dialogue, noise);
    const full = atImageSize(tf, logits, model.config); // [N·B, S·S]
    const mean = logits.reshape<Tensor4D>([samples, batch, -1]).mean(0).reshape<Tensor4D>([batch, ...logits.shape.slice(1)]);
    results.push({ probability: tf.keep(full.sigmoid<Tensor2D>()), mean: tf.keep(mean) });
    return weightedCrossEntropy(tf, full.reshape([samples, batch, -1]).mean(0), dialogue.target);
  }, variables.map(({ variable }) => variable));
  adam.step(grads);
  tf.dispose([grads, noise]);
  return { loss: value, ...results[0] };
}

/** Gaussian numbers [rows, L]. The caller owns them. */
export function drawNoise(tf: TensorFlow, { config }: AespaModel, rows: number, random: Random): Tensor2D {
  const { latent } = config.preference;
  return tf.tensor2d(Float32Array.from({ length: rows * latent }, () => random.normal()), [rows, latent]);
}

/**
 * N masks of every image from N latents of the batch's common preference, as the published code draws them.
 * @param features [B, g, g, C]
 * @param noise [N·B, L]
 * @returns low-resolution logits [N·B, 4g, 4g, 1], sample by sample
 */
export function sampleLogits(
  tf: TensorFlow,
  model: AespaModel,
  features: Tensor4D,
  { clicks, responsibilities: seen, last }: Pick<SpaDialogue, "clicks" | "responsibilities" | "last">,
  noise: Tensor2D,
): Tensor4D {
  const copies = noise.shape[0] / features.shape[0];
  const tokens = encodeClicks(tf, clicks, model);
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
function weightStep(tf: TensorFlow, model: AespaModel, adam: Adam, { clicks, target, responsibilities: seen }: SpaDialogue, selected: Tensor2D): { loss: Scalar; responsibilities: Tensor2D } {
  const { weights: networks, config: { form } } = model;
  const [picked, wanted] = tf.tidy(() => {
    const preference = preferenceOf(tf, encodeClicks(tf, clicks, model), seen, model, "batch-mean");
    return [selected, target].map((map) => responsibilities(tf, map, preference, form.responsibilities));
  });
  const { value, grads } = tf.variableGrads(
    () => weightNetwork(tf, picked, networks.EM_weights).sub(wanted).square().mean<Scalar>(),
    weightVariables(networks).map(({ variable }) => variable),
  );
  adam.step(grads);
  tf.dispose([grads, wanted]);
  return { loss: value, responsibilities: picked };
}
