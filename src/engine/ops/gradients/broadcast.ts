import type { GradConfig, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

/** Operations whose upstream gradient forgets that an operand may have been broadcast. */
export function broadcastGradients(tf: TensorFlow): GradConfig[] {
  return [
    {
      kernelName: "SquaredDifference",
      inputsToSave: ["a", "b"],
      gradFunc: (dy, [a, b]) => {
        const slope = (): Tensor => tf.mul(tf.mul(dy as Tensor, 2), tf.sub(a, b));
        return { a: () => sumTo(tf, slope(), a.shape), b: () => sumTo(tf, tf.neg(slope()), b.shape) };
      },
    },
    {
      kernelName: "BatchMatMul",
      inputsToSave: ["a", "b"],
      gradFunc: (dy, [a, b], { transposeA, transposeB }) => {
        const y = dy as Tensor;
        const da = (): Tensor => (transposeA ? tf.matMul(b, y, transposeB as boolean, true) : tf.matMul(y, b, false, !transposeB));
        const db = (): Tensor => (transposeB ? tf.matMul(y, a, true, transposeA as boolean) : tf.matMul(a, y, !transposeA, false));
        return { a: () => sumTo(tf, da(), a.shape), b: () => sumTo(tf, db(), b.shape) };
      },
    },
  ];
}

/** Undoes a broadcast: adds up the axes along which `shape` was stretched to the shape of x. */
function sumTo(tf: TensorFlow, x: Tensor, shape: readonly number[]): Tensor {
  const missing = x.rank - shape.length;
  const axes = x.shape.flatMap((size, axis) => (axis < missing || (shape[axis - missing] === 1 && size !== 1) ? [axis] : []));
  return axes.length === 0 ? x : tf.sum(x, axes).reshape([...shape]);
}
