import { InvalidValue } from "../../core/index.js";
import type { Piece } from "./sentencepiece-model.js";
import { BpeTokenizer } from "./tokenizer.js";

export interface TrainBpeOptions {
  /** At most so many pieces, `<unk>`, `<s>`, `</s>` and single characters among them. */
  readonly vocabulary: number;
}

/**
 * Learns a byte-pair vocabulary: the commonest pair of neighbours becomes one piece, again and again, never across a space or between
 * a letter and a punctuation mark. Of equally common pairs the shorter comes first, then the earlier in code-unit order, so the same texts always
 * give the same tokenizer. Ids are `<unk>` 0, `<s>` 1, `</s>` 2, then merges, then characters.
 *
 * @throws InvalidValue when the characters alone do not fit
 * @see Sennrich et al. 2016, algorithm 1
 */
export function trainBpe(texts: readonly string[], { vocabulary }: TrainBpeOptions): BpeTokenizer {
  const words = countWords(texts);
  const characters = [...new Set([...words.keys()].flatMap((word) => [...word]))].sort();
  const room = vocabulary - 3 - characters.length;
  if (room < 0) throw new InvalidValue("trainBpe", `the vocabulary must hold ${characters.length} characters and 3 marks`, vocabulary);
  let split = [...words].map(([word, count]) => ({ symbols: [...word], count }));
  const merges: string[] = [];
  while (merges.length < room) {
    const best = commonestPair(split);
    if (best === undefined) break;
    merges.push(best.join(""));
    split = split.map(({ symbols, count }) => ({ symbols: joined(symbols, best), count }));
  }
  const marks: Piece[] = [["<unk>", "unknown"], ["<s>", "control"], ["</s>", "control"]].map(([text, kind]) => ({ text, score: 0, kind: kind as Piece["kind"] }));
  const learned = [...new Set([...merges, ...characters])].map((text, i): Piece => ({ text, score: -i, kind: "normal" }));
  return new BpeTokenizer({ pieces: [...marks, ...learned], unknownId: 0, bosId: 1, eosId: 2, byteFallback: false, addDummyPrefix: true, removeExtraWhitespaces: false });
}

/** How often each run between spaces occurs, its space in front. */
function countWords(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of ` ${text}`.replaceAll(" ", "▁").match(/▁?[^▁]*/g)!) if (word !== "") counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

interface SplitWord {
  readonly symbols: readonly string[];
  readonly count: number;
}

function commonestPair(words: readonly SplitWord[]): [string, string] | undefined {
  const counts = new Map<string, { pair: [string, string]; count: number }>();
  for (const { symbols, count } of words) {
    for (let i = 0; i + 1 < symbols.length; i++) {
      if (!mayJoin(symbols[i], symbols[i + 1])) continue;
      const key = `${symbols[i]}\u0000${symbols[i + 1]}`;
      const known = counts.get(key);
      if (known) known.count += count;
      else counts.set(key, { pair: [symbols[i], symbols[i + 1]], count });
    }
  }
  let best: { pair: [string, string]; count: number } | undefined;
  for (const candidate of counts.values()) if (best === undefined || before(candidate, best)) best = candidate;
  return best?.pair;
}

function before(a: { pair: [string, string]; count: number }, b: { pair: [string, string]; count: number }): boolean {
  if (a.count !== b.count) return a.count > b.count;
  const [first, second] = [a.pair.join(""), b.pair.join("")];
  return first.length === second.length ? first < second : first.length < second.length;
}

const isWord = (symbol: string): boolean => /^▁?[\p{L}\p{N}]*$/u.test(symbol);
const mayJoin = (a: string, b: string): boolean => isWord(a) && isWord(b) && !b.startsWith("▁");

function joined(symbols: readonly string[], [a, b]: readonly [string, string]): string[] {
  const out: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === a && symbols[i + 1] === b) out.push(a + symbols[++i]);
    else out.push(symbols[i]);
  }
  return out;
}
