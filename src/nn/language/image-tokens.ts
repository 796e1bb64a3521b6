import type { BpeTokenizer } from "./tokenizer.js";

/** Stands in a sequence of ids where the picture's tokens go. */
export const imageTokenId = -200;

/** Of a label that is not predicted, as PyTorch's cross-entropy has it. */
export const ignoredLabel = -100;

/**
 * Ids of a text with `<image>` in it: `<s>`, and −200 in place of each `<image>`.
 * @example encodeWithImage(tokenizer, "<image>\nhi") // [1, −200, 13, 5365] with LLaMA's
 * @see LLaVA, tokenizer_image_token; PRS-Med spec §2.4
 */
export function encodeWithImage(tokenizer: Pick<BpeTokenizer, "encode" | "model">, text: string): number[] {
  const parts = text.split("<image>").map((chunk) => (chunk === "" ? [] : tokenizer.encode(chunk)));
  return [tokenizer.model.bosId, ...parts.flatMap((ids, i) => (i === 0 ? ids : [imageTokenId, ...ids]))];
}

/** One sequence with its picture spliced in: what stands at each place of the language model. */
export interface Spliced {
  /** Token id at every place; −200 at the places of the picture. */
  readonly ids: readonly number[];
  /** What the *next* place holds is learned from `labels[next]`; −100 at the picture's places. */
  readonly labels: readonly number[];
}

/**
 * Gives each −200 its `imageTokens` places. Labels are shifted by the loss, so `<s>` is never a target.
 * @example spliceImage([1, −200, 13, 5365], 576).ids.length // 579
 */
export function spliceImage(ids: readonly number[], imageTokens: number): Spliced {
  const places = ids.flatMap((id) => (id === imageTokenId ? Array<number>(imageTokens).fill(imageTokenId) : [id]));
  return { ids: places, labels: places.map((id) => (id === imageTokenId ? ignoredLabel : id)) };
}
