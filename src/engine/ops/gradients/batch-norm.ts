import type { GradConfig, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

/**
 * Batch normalisation y = (x − μ)·γ/√(σ² + ε) + β, with per-channel vectors or full-rank statistics. The same numbers
 * as upstream, which tiles every per-channel vector to the size of x first.
 */
export function batchNormGradient(tf: TensorFlow): GradConfig {
  return {
    kernelName: "FusedBatchNorm",
    inputsToSave: ["x", "mean", "variance", "scale"],
    gradFunc: (dy, [x, mean, variance, scale], attrs) => {
      const upstreamDy = dy as Tensor;
      const axes = mean.rank === 1 ? x.shape.map((_, axis) => axis).slice(0, -1) : reducedAxes(mean.shape, x.shape);
      const keep = mean.rank !== 1;
      // Each closure computes what it needs: TensorFlow.js frees intermediate tensors between two of them.
      const inverse = (): Tensor => tf.rsqrt(tf.add(variance, attrs.varianceEpsilon as number));
      const gain = (): Tensor => (scale ? tf.mul(inverse(), scale) : inverse());
      const sum = (): Tensor => tf.sum(upstreamDy, axes, keep);
      const dot = (): Tensor => tf.sum(tf.mul(upstreamDy, tf.sub(x, mean)), axes, keep);
      return {
        x: () => tf.mul(upstreamDy, gain()),
        mean: () => tf.neg(tf.mul(sum(), gain())),
        variance: () => tf.mul(tf.mul(dot(), -0.5), tf.mul(gain(), tf.square(inverse()))),
        scale: () => tf.mul(dot(), inverse()),
        offset: () => sum(),
      };
    },
  };
}

function reducedAxes(statistics: readonly number[], x: readonly number[]): number[] {
  return statistics.flatMap((size, axis) => (size === 1 && x[axis] !== 1 ? [axis] : []));
}
