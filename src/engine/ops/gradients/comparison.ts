import type { GradConfig, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

const comparisons = ["Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual"];

/**
 * A comparison is flat almost everywhere: its gradient is zero. Without these, `where(greater(x, 0), …)` throws
 * "gradient function not found" as soon as x is trained.
 */
export function comparisonGradients(tf: TensorFlow): GradConfig[] {
  const flat = (...names: string[]) => ({
    inputsToSave: names,
    gradFunc: (_: unknown, saved: Tensor[]) => Object.fromEntries(names.map((name, i) => [name, () => tf.zeros(saved[i].shape)])),
  });
  return [
    ...comparisons.map((kernelName) => ({ kernelName, ...flat("a", "b") })),
    ...["LogicalAnd", "LogicalOr"].map((kernelName) => ({ kernelName, ...flat("a", "b") })),
    { kernelName: "LogicalNot", ...flat("x") },
  ];
}
