import { BadFile } from "../../core/index.js";
import type { ExportedNetwork } from "../../nn/index.js";
import { segment } from "./network.js";
import { readRasaloreRun } from "./run.js";
import type { Tensor4D, TensorFlow } from "./tensorflow.js";
import { loadTrained } from "./train.js";

/**
 * Stage 2 of a run folder, ready to leave: all that is needed at test time. Names are those of the published encoder and decoder files
 * behind `encoder.` and `decoder.`; `lore.embeddings` are the points' fixed embeddings. The image is 0 to 255, cropped and with gamma 2.
 * @throws BadFile when the folder holds no trained run
 */
export async function exportRasaloreRun(tf: TensorFlow, folder: string): Promise<ExportedNetwork> {
  const { config, seed, loreSeed } = await readRasaloreRun(folder);
  const model = await loadTrained(tf, folder, config, seed, loreSeed);
  if (model === undefined) throw new BadFile("not-found", folder, "holds no trained stage 2", "Train first: folio train rasalore --data DIR --out RUN");
  const { imageSize } = config.network;
  return {
    weights: model.weights,
    inputs: { image: tf.zeros([1, imageSize, imageSize, 1]) },
    forward: ({ image }) => {
      const { logits, activations } = segment(tf, image as Tensor4D, model, { mode: "eval" });
      return { probability: logits.sigmoid(), activations };
    },
  };
}
