import type { Scalar, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { layers, numbers, type PytorchNet } from "./net.js";

/** Two levels, widths 16 and 32, batch norm, max pooling, a transposed convolution and joined channels; 4 images 8×8. */
export function unet(tf: TensorFlow): PytorchNet {
  const { variables, filter, batchNorm } = layers(tf);
  const shapes = [
    [3, 3, 1, 16],
    [3, 3, 16, 16],
    [3, 3, 16, 32],
    [3, 3, 32, 16],
  ];
  const filters = shapes.map((shape, i) => filter(shape, i + 1));
  const rise = filter([2, 2, 16, 32], 5);
  const head = filter([1, 1, 16, 1], 6);
  const norms = [16, 16, 32, 16].map(batchNorm);
  const x = numbers<Tensor4D>(tf, [4, 8, 8, 1], 8, 1);
  const mask = tf.cast(tf.greater(numbers(tf, [4, 8, 8, 1], 9, 1), 0), "float32");
  const block = (z: Tensor4D, i: number): Tensor4D => tf.relu(norms[i](tf.conv2d(z, filters[i], 1, "same")));
  const loss = (): Scalar => {
    const skip = block(block(x, 0), 1); //                                            [4, 8, 8, 16]
    const low = block(tf.maxPool(skip, 2, 2, "valid"), 2); //                         [4, 4, 4, 32]
    const wide = tf.conv2dTranspose(low, rise, [4, 8, 8, 16], 2, "valid"); //         [4, 8, 8, 16]
    const logits = tf.conv2d(block(tf.concat([skip, wide], 3), 3), head, 1, "same"); // [4, 8, 8, 1]
    return tf.losses.sigmoidCrossEntropy(mask, logits) as Scalar;
  };
  return { variables, shown: { first: variables[0], rise: variables[4], head: variables[5] }, loss };
}
