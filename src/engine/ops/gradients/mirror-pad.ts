import type { GradConfig, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

/** Mirror padding: every border value is a copy, so its dy goes back to where it was copied from. Upstream drops the borders. */
export function mirrorPadGradient(tf: TensorFlow): GradConfig {
  return {
    kernelName: "MirrorPad",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => {
      const paddings = attrs.paddings as [number, number][];
      const skipped = attrs.mode === "reflect" ? 1 : 0; // reflect does not repeat the edge itself
      return { x: () => paddings.reduce((folded, padding, axis) => fold(tf, folded, axis, x.shape[axis], padding, skipped), dy as Tensor) };
    },
  };
}

function fold(tf: TensorFlow, dy: Tensor, axis: number, size: number, [before, after]: readonly [number, number], skipped: number): Tensor {
  if (before + after === 0) return dy;
  const [left, middle, right] = tf.split(dy, [before, size, after], axis);
  const at = (border: Tensor, offset: number): Tensor => {
    const width = border.shape[axis];
    const room = dy.shape.map((_, i): [number, number] => (i === axis ? [offset, size - offset - width] : [0, 0]));
    return tf.pad(tf.reverse(border, axis), room);
  };
  const parts = [middle];
  if (before > 0) parts.push(at(left, skipped));
  if (after > 0) parts.push(at(right, size - after - skipped));
  return tf.addN(parts);
}
