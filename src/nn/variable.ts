import type { Rank, TensorFlow, Variable } from "./tensorflow.js";
import type { ShapeMap } from "@tensorflow/tfjs";

/** A variable that starts with these values and owns them: nothing else is left on the engine. */
export function newVariable<R extends Rank>(
  tf: TensorFlow,
  values: Float32Array,
  shape: ShapeMap[R],
  trainable = true,
): Variable<R> {
  const start = tf.tensor<R>(values, shape);
  const variable = tf.variable<R>(start, trainable);
  start.dispose();
  return variable;
}
