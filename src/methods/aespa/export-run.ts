import type { ExportedNetwork, NamedArray, NetworkCall } from "../../nn/index.js";
import { clickTokens, gridOf } from "../../nn/index.js";
import { openTrained } from "./evaluate-run.js";
import { decodeMask, encode, preferenceOf, type AespaModel } from "./model.js";
import { aespaSlots } from "./published-weights.js";
import type { Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/**
 * The network of a run folder, ready to leave. As safetensors all of it, under the names and shapes of the published
 * repository, which `net.load_state_dict(load_file(path))` takes; as ONNX the image encoder, whose `features` do not depend on clicks, and, as parts
 * `clicks0`, `clicks1` … one round with so many clicks.
 * @throws BadFile when the folder holds no trained run
 */
export async function exportAespaRun(tf: TensorFlow, folder: string): Promise<ExportedNetwork> {
  const { model } = await openTrained(tf, folder);
  const { sam: { imageSize }, training: { rounds } } = model.config;
  return {
    weights: model.weights,
    asPublished: (arrays) => new Map(aespaSlots(model.config).map(({ from, to, shape }): [string, NamedArray] => [from, { shape, data: arrays.get(to)!.data }])),
    inputs: { image: tf.zeros([1, imageSize, imageSize, 3]) },
    forward: ({ image }) => ({ features: encode(tf, image as Tensor4D, model) }),
    parts: Object.fromEntries(Array.from({ length: rounds }, (_, clicks) => [`clicks${clicks}`, round(tf, model, clicks)])),
  };
}

/**
 * `features` of the encoder, `responsibilities` [1, M] of the round before (w⁰ at first) and, after the first round, its clicks: `places` [1, T, 2] in pixels, in the
 * order the run was trained with, `labels` [1, T] of 1 and 0, and the last round's `last` [1, 4g, 4g, 1], give `logits` [1, 4g, 4g, 1] and the
 * mixture's `weights`, `means` and `variances`, each [1, M].
 */
function round(tf: TensorFlow, model: AespaModel, clicks: number): NetworkCall {
  const { sam, preference: { components } } = model.config;
  const grid = gridOf(sam);
  const prompts = { places: tf.zeros([1, clicks, 2]), labels: tf.ones([1, clicks]), last: tf.zeros([1, 4 * grid, 4 * grid, 1]) };
  return {
    inputs: { features: tf.zeros([1, grid, grid, sam.channels]), responsibilities: tf.ones([1, components]).div(components), ...(clicks > 0 && prompts) },
    forward: ({ features, responsibilities, places, labels, last }) => {
      const given = clicks === 0 ? undefined : { places: places as Tensor3D, labels: labels as Tensor2D };
      const tokens = clickTokens(tf, 1, given, model.weights.prompt_encoder, sam);
      const preference = preferenceOf(tf, tokens, responsibilities as Tensor2D, model, "per-item");
      return { logits: decodeMask(tf, { features: features as Tensor4D, tokens, preference, last: last as Tensor4D | undefined }, model), ...preference };
    },
  };
}
