import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { transformerBlock } from "./block.js";
import { layers, numbers, type PytorchNet } from "./net.js";

/** One block of a vision transformer on 4 images of 16 patches: width 32, 4 heads. */
export function vit(tf: TensorFlow): PytorchNet {
  const [batch, tokens, width] = [4, 16, 32];
  const made = layers(tf);
  const embed = made.linear(12, width, 1);
  const positions = made.keep(numbers<Tensor2D>(tf, [tokens, width], 2, 0.1));
  const block = transformerBlock(tf, made, width, 4);
  const [last, head] = [made.layerNorm(width), made.linear(width, 4, 7)];
  const x = numbers<Tensor3D>(tf, [batch, tokens, 12], 8, 1);
  const y = numbers<Tensor2D>(tf, [batch, 4], 9, 1);
  const loss = (): Scalar => {
    const z = block(tf.add(embed(x), positions)); //                          [batch, tokens, width]
    const scores = head(tf.mean(last(z), 1, true)).reshape([batch, 4]);
    return tf.mean(tf.square(tf.sub(scores, y)));
  };
  return { variables: made.variables, shown: { embed: made.variables[0], positions: made.variables[2], head: made.variables.at(-2)! }, loss };
}
