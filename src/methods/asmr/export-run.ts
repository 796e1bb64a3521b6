import type { Engine } from "../../engine/index.js";
import { disposeWeights, type ExportedNetwork, type TensorFlow } from "../../nn/index.js";
import { openTrained } from "./evaluate-run.js";
import { actionLogits } from "./policy.js";
import { zeroFilledImage } from "./reconstruct.js";
import { segment } from "./segmenter.js";
import type { Tensor1D, Tensor2D, Tensor3D } from "./tensorflow.js";

/**
 * Both networks of a run folder, ready to leave: fully sampled k-space `k_real`, `k_imag` [1, H, W], a column mask `mask` [1, W] and the lines still to be acquired
 * `remaining` [1] give `reconstruction` [1, H, W], `segmentation` [1, H, W, 4] (logits) and `lines` [1, A] (the policy's logits; acquired columns are not left out).
 * @throws BadFile when the folder holds no trained run
 */
export async function exportAsmrRun(tf: TensorFlow, folder: string): Promise<ExportedNetwork> {
  const { run: { config: { data } }, segmenter, second, policy } = await openTrained({ tf } as Pick<Engine, "tf">, folder);
  if (second !== undefined) disposeWeights(second.weights);
  disposeWeights(policy.weights.v);
  const { size } = data;
  return {
    weights: { reward_model: segmenter.weights, policy: policy.weights.pi },
    inputs: { k_real: tf.ones([1, size, size]), k_imag: tf.ones([1, size, size]), mask: tf.ones([1, size]), remaining: tf.ones([1]) },
    forward: (given) => {
      const kspace = { real: given.k_real as Tensor3D, imag: given.k_imag as Tensor3D };
      const [mask, remaining] = [given.mask as Tensor2D, given.remaining as Tensor1D];
      return {
        reconstruction: zeroFilledImage(tf, kspace, mask, data.hermitian),
        segmentation: segment(tf, kspace, mask, segmenter),
        lines: actionLogits(tf, { kspace, mask, remaining }, policy),
      };
    },
  };
}
