import type { TensorFlow } from "../../engine.js";
import { adamRules } from "./adam.js";
import { binaryRules } from "./binary.js";
import { convolutionRules } from "./convolution.js";
import { elementwiseRules } from "./elementwise.js";
import { gatherRules } from "./gather.js";
import { matmulRules } from "./matmul.js";
import { normalisationRules } from "./normalisation.js";
import { poolingRules } from "./pooling.js";
import { reductionRules } from "./reduction.js";
import { resizeRules } from "./resize.js";
import type { Rules } from "./rule.js";
import { shapeRules } from "./shape.js";

/** Every TensorFlow.js kernel that we know in ONNX, one family a file. What is not here runs on the plain JavaScript kernels. */
export function loweringTable(tf: TensorFlow): Rules {
  return {
    ...elementwiseRules(),
    ...binaryRules(tf),
    ...reductionRules(tf),
    ...shapeRules(tf),
    ...gatherRules(tf),
    ...matmulRules(tf),
    ...convolutionRules(tf),
    ...poolingRules(tf),
    ...normalisationRules(),
    ...resizeRules(),
    ...adamRules(),
  };
}
