import type { Rank, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { BadFile, seededRandom } from "../../core/index.js";
import type { ExportedNetwork, TensorFlow } from "../../nn/index.js";
import { loadLatest } from "./checkpoints.js";
import { patchesPerImage } from "./config.js";
import { astraForward, initAstra } from "./model.js";
import { readRun } from "./run-folder.js";

/**
 * The network of a run folder, ready to leave: one clip's patches `[N, 32, 32, 3]` (and its attributes `[1, A]`) give
 * `embedding` [1, 2E] and `attention` [1, N].
 * @throws BadFile when the folder holds no trained run
 */
export async function exportAstraRun(tf: TensorFlow, folder: string): Promise<ExportedNetwork> {
  const { config, attributeDim, seed } = await readRun(folder);
  const weights = initAstra(tf, config.model, attributeDim, seededRandom(seed));
  if ((await loadLatest(tf, folder, weights)) === undefined)
    throw new BadFile("not-found", folder, "holds no checkpoint", "Train first: folio train astra --data DIR --out RUN");
  const patches = tf.zeros<Rank.R4>([patchesPerImage(config), config.patches.size, config.patches.size, 3]);
  return {
    weights,
    inputs: { patches, ...(attributeDim > 0 && { attributes: tf.zeros([1, attributeDim]) }) },
    forward: ({ patches, attributes = null }) => {
      const { fused, attention } = astraForward(tf, patches as Tensor4D, attributes as Tensor2D | null, weights, { clips: 1, mode: "eval", pooling: config.model.pooling });
      return { embedding: fused, attention };
    },
  };
}
