import type { GradConfig, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

/**
 * Sum and mean: upstream multiplies dy by a full tensor of ones made in JavaScript; broadcasting dy says the same
 * and lets a compiler see that no number is needed.
 */
export function reductionGradients(tf: TensorFlow): GradConfig[] {
  return (["Sum", "Mean"] as const).map((kernelName) => ({
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () => {
        const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape);
        const kept = tf.reshape(
          dy as Tensor,
          x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
        );
        const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
        return tf.broadcastTo(kernelName === "Mean" ? tf.div(kept, Math.max(1, count)) : kept, x.shape);
      },
    }),
  }));
}
