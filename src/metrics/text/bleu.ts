import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import { ngrams, shared, wordsAndMarks } from "./tokens.js";

/**
 * BLEU-4 of one sentence: the geometric mean of the clipped 1- to 4-gram precisions times the brevity penalty.
 *
 * Convention `sentence, unsmoothed, one-reference`, tokens are lower-case words and punctuation marks. Without
 * smoothing a sentence that shares no 4-gram with its reference scores 0. It rewards wording, not meaning: swapping
 * "left" for "right" in a ten-word sentence still scores 0.71.
 *
 * @param hypothesis text or tokens
 * @param reference  text or tokens
 * @returns a score in [0, 1]; excluded (`empty-reference`) without a reference
 * @example bleu("the tumour is located in the top left area .", "the tumour is located in the top right area .") // 0.7071
 * @see Papineni et al., ACL 2002
 */
export function bleu(hypothesis: string | readonly string[], reference: string | readonly string[]): CaseScore {
  const h = typeof hypothesis === "string" ? wordsAndMarks(hypothesis) : hypothesis;
  const r = typeof reference === "string" ? wordsAndMarks(reference) : reference;
  if (r.length === 0) return excluded("empty-reference");
  if (h.length === 0) return score(0);
  let logSum = 0;
  for (let n = 1; n <= 4; n++) {
    const possible = Math.max(1, h.length - n + 1);
    logSum += Math.log(shared(ngrams(h, n), ngrams(r, n)) / possible) / 4;
  }
  const brevity = h.length > r.length ? 1 : Math.exp(1 - r.length / h.length);
  return score(brevity * Math.exp(logSum));
}
