import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import { ngrams, plainWords, shared } from "./tokens.js";

/**
 * ROUGE-1: F-measure of the words that hypothesis and reference share.
 *
 * Convention `f-measure, unstemmed`: the `rouge_score` package with `use_stemmer=False`; tokens are runs of ASCII letters
 * and digits in lower case.
 *
 * @returns a score in [0, 1]; excluded (`empty-reference`) without a reference
 * @example rouge1("in the top left area", "in the top right area") // 0.8
 * @see Lin, ACL workshop 2004
 */
export function rouge1(hypothesis: string, reference: string): CaseScore {
  const [h, r] = [plainWords(hypothesis), plainWords(reference)];
  return fMeasure(shared(ngrams(h, 1), ngrams(r, 1)), h.length, r.length);
}

/**
 * ROUGE-L: F-measure of the longest common subsequence, which keeps the order of words.
 * The same conventions as {@link rouge1}.
 * @example rougeL("a b c d", "a c b d") // 0.75
 */
export function rougeL(hypothesis: string, reference: string): CaseScore {
  const [h, r] = [plainWords(hypothesis), plainWords(reference)];
  let row = new Int32Array(r.length + 1);
  for (const word of h) {
    const next = new Int32Array(r.length + 1);
    for (let j = 1; j <= r.length; j++) next[j] = word === r[j - 1] ? row[j - 1] + 1 : Math.max(row[j], next[j - 1]);
    row = next;
  }
  return fMeasure(row[r.length], h.length, r.length);
}

function fMeasure(common: number, hypothesis: number, reference: number): CaseScore {
  if (reference === 0) return excluded("empty-reference");
  return score(hypothesis === 0 ? 0 : (2 * common) / (hypothesis + reference));
}
