import type { Scalar, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { layers, numbers, type PytorchNet } from "./net.js";

/** A strided 5×5 stem, max pooling and one residual block that narrows, as in ResNet; 8 images 16×16×3. */
export function resnet(tf: TensorFlow): PytorchNet {
  const { variables, keep, filter, batchNorm } = layers(tf);
  const [stem, first, second, shortcut] = [filter([5, 5, 3, 8], 1), filter([3, 3, 8, 16], 2), filter([3, 3, 16, 16], 3), filter([1, 1, 8, 16], 4)];
  const head = keep(numbers<Tensor2D>(tf, [16, 4], 5, Math.sqrt(4 / 16)));
  const norms = [8, 16, 16, 16].map(batchNorm);
  const x = numbers<Tensor4D>(tf, [8, 16, 16, 3], 6, 1);
  const y = numbers<Tensor2D>(tf, [8, 4], 7, 1);
  const loss = (): Scalar => {
    const low = tf.maxPool(tf.relu(norms[0](tf.conv2d(x, stem, 2, 2))), 3, 2, 1); //                           [8, 4, 4, 8]
    const inner = norms[2](tf.conv2d(tf.relu(norms[1](tf.conv2d(low, first, 2, 1))), second, 1, 1)); //        [8, 2, 2, 16]
    const features = tf.mean<Tensor2D>(tf.relu(tf.add(inner, norms[3](tf.conv2d(low, shortcut, 2, 0)))), [1, 2]); // [8, 16]
    return tf.mean(tf.square(tf.sub(tf.matMul(features, head), y)));
  };
  return { variables, shown: { stem: variables[0], head: variables[4] }, loss };
}
