import type { Tensor, Tensor3D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { gelu } from "../../ops/gelu.js";
import type { layers } from "./net.js";

/**
 * A transformer block: layer norm before attention and before two linear layers with GELU.
 * @param mask added to the scores of every head, [tokens, tokens]
 */
export function transformerBlock(tf: TensorFlow, { layerNorm, linear }: ReturnType<typeof layers>, width: number, heads: number, mask?: Tensor) {
  const [before, qkv, out] = [layerNorm(width), linear(width, 3 * width, 3), linear(width, width, 4)];
  const [after, up, down] = [layerNorm(width), linear(width, 4 * width, 5), linear(4 * width, width, 6)];
  return (x: Tensor3D): Tensor3D => {
    const [batch, tokens] = x.shape;
    const [q, k, v] = tf
      .split(qkv(before(x)), 3, 2)
      .map((part) => part.reshape([batch, tokens, heads, width / heads]).transpose([0, 2, 1, 3])); // [batch, heads, tokens, width/heads]
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)); //             [batch, heads, tokens, tokens]
    const weights = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
    const z = tf.add<Tensor3D>(x, out(tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([batch, tokens, width])));
    return tf.add(z, down(gelu(tf, up(after(z)))));
  };
}
