import type { ExportedNetwork, NamedArray } from "../../nn/index.js";
import { openTrained } from "./evaluate-run.js";
import { encode } from "./model.js";
import { aespaSlots } from "./published-weights.js";
import type { Tensor4D, TensorFlow } from "./tensorflow.js";

/**
 * The network of a run folder, ready to leave. As safetensors all of it, under the names and shapes of the published
 * repository, which `net.load_state_dict(load_file(path))` takes; as ONNX the image encoder, whose `features` do not depend on clicks.
 * @throws BadFile when the folder holds no trained run
 */
export async function exportAespaRun(tf: TensorFlow, folder: string): Promise<ExportedNetwork> {
  const { model } = await openTrained(tf, folder);
  const { imageSize } = model.config.sam;
  return {
    weights: model.weights,
    asPublished: (arrays) => new Map(aespaSlots(model.config).map(({ from, to, shape }): [string, NamedArray] => [from, { shape, data: arrays.get(to)!.data }])),
    inputs: { image: tf.zeros([1, imageSize, imageSize, 3]) },
    forward: ({ image }) => ({ features: encode(tf, image as Tensor4D, model) }),
  };
}
