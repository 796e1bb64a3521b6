import type { DataId, Tensor, TensorInfo } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";

/**
 * XNNPACK packs the right factor of a product once, and upstream finds the packing again by the data alone. The same data
 * reshaped would meet a packing of other dimensions: wrong values, and writes beyond the output that break the heap.
 * The function returned gives the factor back, or a copy of it where its data is already packed in another shape.
 */
export function packedInOneShape(tf: TensorFlow): (factor: TensorInfo) => Tensor {
  const packedAs = new WeakMap<DataId, string>();
  return (factor) => {
    if (tf.util.sizeFromShape(factor.shape.slice(0, -2)) !== 1) return factor as Tensor; // a batch is not packed
    const shape = factor.shape.slice(-2).join("×");
    const packed = packedAs.get(factor.dataId);
    if (packed === undefined) packedAs.set(factor.dataId, shape);
    return packed === undefined || packed === shape ? (factor as Tensor) : tf.mul(factor as Tensor, 1);
  };
}
