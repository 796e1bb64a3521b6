import type { Scalar, Tensor2D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { transformerBlock } from "./block.js";
import { layers, numbers, type PytorchNet } from "./net.js";

/** A causal language model of one block that foretells the next of 12 words: 3 texts of 8 tokens, width 16, 2 heads. */
export function transformer(tf: TensorFlow): PytorchNet {
  const [batch, tokens, width, vocabulary] = [3, 8, 16, 12];
  const made = layers(tf);
  const embedding = made.keep(numbers<Tensor2D>(tf, [vocabulary, width], 1, 1));
  const positions = made.keep(numbers<Tensor2D>(tf, [tokens, width], 2, 0.1));
  const future = tf.tensor2d(
    Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e9 : 0)),
    [tokens, tokens],
  );
  const block = transformerBlock(tf, made, width, 2, future);
  const [last, head] = [made.layerNorm(width), made.linear(width, vocabulary, 7)];
  const words = Int32Array.from({ length: batch * (tokens + 1) }, (_, i) => (i * i + 3 * i) % vocabulary);
  const texts = tf.tensor2d(words, [batch, tokens + 1], "int32");
  const read = tf.slice(texts, [0, 0], [batch, tokens]);
  const next = tf.oneHot(tf.slice(texts, [0, 1], [batch, tokens]).reshape<never>([batch * tokens]), vocabulary);
  const loss = (): Scalar => {
    const z = block(tf.add(tf.gather(embedding, read), positions)); //        [batch, tokens, width]
    const logits = head(last(z)).reshape([batch * tokens, vocabulary]);
    return tf.losses.softmaxCrossEntropy(next, logits) as Scalar;
  };
  return { variables: made.variables, shown: { embedding: made.variables[0], positions: made.variables[1], head: made.variables.at(-2)! }, loss };
}
