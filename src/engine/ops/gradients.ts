import type { GradConfig } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { avgPoolGradient } from "./gradients/avg-pool.js";
import { batchNormGradient } from "./gradients/batch-norm.js";
import { broadcastGradients } from "./gradients/broadcast.js";
import { comparisonGradients } from "./gradients/comparison.js";
import { dilatedConvolutionGradients } from "./gradients/convolution.js";
import { einsumGradient } from "./gradients/einsum.js";
import { gatherGradients } from "./gradients/gather.js";
import { mirrorPadGradient } from "./gradients/mirror-pad.js";
import { reductionGradients } from "./gradients/reduction.js";

/** Every gradient Folio brings, one family a file. */
export function gradients(tf: TensorFlow): GradConfig[] {
  return [
    ...comparisonGradients(tf),
    ...gatherGradients(tf),
    ...reductionGradients(tf),
    ...dilatedConvolutionGradients(tf),
    ...broadcastGradients(tf),
    einsumGradient(tf),
    mirrorPadGradient(tf),
    avgPoolGradient(tf),
    batchNormGradient(tf),
  ];
}
