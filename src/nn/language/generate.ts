import { stopIfAborted, type Random } from "../../core/index.js";
import type { Tensor1D, Tensor2D, Tensor3D, TensorFlow } from "../tensorflow.js";
import { causalLm, embedIds, lmLogits, nextHidden, type CausalLm, type KvCache } from "./causal-lm.js";
import { sampleToken, type SamplingOptions } from "./sample.js";

export interface GenerateOptions extends SamplingOptions {
  readonly maxNewTokens: number;
  /** Ends a row, given all of its new tokens; the token that ends it is left out. */
  readonly stop: (tokens: readonly number[]) => boolean;
  readonly random: Random;
  /** Called for every token that stays. */
  readonly onToken?: (row: number, id: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Continues every row of a batch, with a cache of keys and values instead of reading everything again.
 * @param embeddings [B, T, d], padded at the right; T bounds prompt and answer together
 * @param lengths of the prompts, B of them
 * @returns the new tokens of each row, without the one that ended it
 * @throws Interrupted
 */
export async function generate(tf: TensorFlow, embeddings: Tensor3D, lengths: readonly number[], lm: CausalLm, options: GenerateOptions): Promise<number[][]> {
  const rows: number[][] = lengths.map(() => []);
  for await (const { row, id } of generateTokens(tf, embeddings, lengths, lm, options)) {
    rows[row].push(id);
    options.onToken?.(row, id);
  }
  return rows;
}

/** A token that a row has got. */
export interface NewToken {
  readonly row: number;
  readonly id: number;
}

/** {@link generate}, token by token: for answers that are shown while they come. Whoever stops listening frees the cache. */
export async function* generateTokens(tf: TensorFlow, embeddings: Tensor3D, lengths: readonly number[], lm: CausalLm, options: GenerateOptions): AsyncGenerator<NewToken> {
  const [batch, places, width] = embeddings.shape;
  const rows: number[][] = lengths.map(() => []);
  const ended = lengths.map((length) => length >= places);
  let { logits, cache } = tf.tidy(() => {
    const { hidden, cache } = causalLm(tf, embeddings, lm);
    const last = tf.gather(hidden.reshape<Tensor2D>([batch * places, width]), tf.tensor1d(lengths.map((length, row) => row * places + length - 1), "int32"));
    return { logits: lmLogits(tf, last, lm), cache };
  });
  try {
    for (let step = 0; step < options.maxNewTokens; step++) {
      stopIfAborted(options.signal);
      const values = await logits.data<"float32">();
      const vocabulary = logits.shape[1];
      const tokens = rows.map((row, i) => {
        if (ended[i]) return 0;
        const id = sampleToken(values.subarray(i * vocabulary, (i + 1) * vocabulary), options, options.random);
        ended[i] = options.stop([...row, id]);
        if (!ended[i]) row.push(id);
        return id;
      });
      for (const [row, ids] of rows.entries()) if (!ended[row]) yield { row, id: ids.at(-1)! };
      for (const [i, row] of rows.entries()) if (lengths[i] + row.length >= places) ended[i] = true;
      if (ended.every(Boolean) || step === options.maxNewTokens - 1) return;
      const next = oneStep(tf, tokens, lengths.map((length, i) => Math.min(places - 1, length + Math.max(0, rows[i].length - 1))), cache, lm);
      release(tf, logits, cache);
      ({ logits, cache } = next);
    }
  } finally {
    release(tf, logits, cache);
  }
}

function oneStep(tf: TensorFlow, tokens: readonly number[], positions: readonly number[], cache: KvCache, lm: CausalLm): { logits: Tensor2D; cache: KvCache } {
  return tf.tidy(() => {
    const embedding = embedIds(tf, tf.tensor2d([...tokens], [tokens.length, 1], "int32"), lm);
    const next = nextHidden(tf, embedding, tf.tensor1d([...positions], "int32") as Tensor1D, cache, lm);
    return { logits: lmLogits(tf, next.hidden, lm).reshape<Tensor2D>([tokens.length, -1]), cache: next.cache };
  });
}

function release(tf: TensorFlow, logits: Tensor2D, cache: KvCache): void {
  logits.dispose();
  for (const { keys, values } of cache) tf.dispose([keys, values]);
}
