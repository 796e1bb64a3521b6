import type { GradConfig, Tensor, Tensor1D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";

/** Reading or writing single elements by their coordinates. Indices get no gradient. */
export function gatherGradients(tf: TensorFlow): GradConfig[] {
  return [
    {
      kernelName: "GatherNd",
      inputsToSave: ["params", "indices"],
      gradFunc: (dy, [params, indices]) => ({
        params: () => scatterAdd(tf, indices, dy as Tensor, params.shape),
        indices: () => tf.zerosLike(indices),
      }),
    },
    {
      kernelName: "ScatterNd",
      inputsToSave: ["indices"],
      gradFunc: (dy, [indices]) => ({ indices: () => tf.zerosLike(indices), updates: () => tf.gatherND(dy as Tensor, indices) }),
    },
    {
      kernelName: "TensorScatterUpdate",
      inputsToSave: ["tensor", "indices", "updates"],
      gradFunc: (dy, [tensor, indices, updates]) => ({
        tensor: () => tf.mul(dy as Tensor, tf.sub(1, scatterAdd(tf, indices, tf.ones(updates.shape), tensor.shape).minimum(1))),
        indices: () => tf.zerosLike(indices),
        updates: () => tf.gatherND(dy as Tensor, indices),
      }),
    },
  ];
}

/** Zeros of `shape` with every slice of `values` added at its index; repeated indices add up (scatterND's do not everywhere). */
function scatterAdd(tf: TensorFlow, indices: Tensor, values: Tensor, shape: readonly number[]): Tensor {
  const depth = indices.shape[indices.rank - 1];
  const rows = shape.slice(0, depth);
  const strides = rows.map((_, axis) => tf.util.sizeFromShape(rows.slice(axis + 1)));
  const flat = tf.sum(tf.mul(indices.reshape([-1, depth]), tf.tensor1d(strides, "int32")), -1).toInt() as Tensor1D;
  const width = shape.slice(depth);
  return tf.unsortedSegmentSum(values.reshape([flat.size, ...width]), flat, tf.util.sizeFromShape(rows)).reshape([...shape]);
}
