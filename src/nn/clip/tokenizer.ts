import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { BadFile, InvalidValue } from "../../core/index.js";

/** Text to token numbers and nothing else; start, end and padding are put round them by {@link framed}. */
export interface Tokenizer {
  readonly start: number;
  readonly end: number;
  /** How many tokens there are. */
  readonly size: number;
  encode(text: string): number[];
}

/** Merges in the published vocabulary; with 512 single characters and two marks it has 49,408 tokens. */
const published = 49152 - 256 - 2;

/**
 * CLIP's byte-pair encoding of lower-cased text.
 *
 * The published code also mends broken encodings (ftfy) and HTML entities first; text that needs neither gives the same tokens.
 *
 * @param merges pairs in the order in which they were learned, `"h e"`; later ones have larger numbers
 * @example clipTokenizer(await readClipVocabulary("bpe_simple_vocab_16e6.txt.gz")).encode("a photo") // [320, 1125]
 * @see Sennrich et al. 2016; OpenAI CLIP, simple_tokenizer.py
 */
export function clipTokenizer(merges: readonly string[]): Tokenizer {
  const characters = byteCharacters();
  const symbols = [...characters, ...characters.map((character) => `${character}</w>`), ...merges.map((pair) => pair.replace(" ", ""))];
  const numbers = new Map(symbols.map((symbol, number) => [symbol, number]));
  const ranks = new Map(merges.map((pair, rank) => [pair, rank]));
  const byByte = byteTable(characters);
  const encodeWord = (word: string): number[] => {
    const letters = Array.from(Buffer.from(word, "utf8"), (byte) => byByte[byte]);
    letters[letters.length - 1] += "</w>";
    return merged(letters, ranks).map((symbol) => numbers.get(symbol)!);
  };
  const known = new Map<string, number[]>();
  return {
    start: symbols.length,
    end: symbols.length + 1,
    size: symbols.length + 2,
    encode: (text) => (text.trim().toLowerCase().match(words) ?? []).flatMap((word) => {
      if (!known.has(word)) known.set(word, encodeWord(word));
      return known.get(word)!;
    }),
  };
}

const words = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;

/** Joins neighbours, always the pair that was learned first, until none is left. */
function merged(letters: readonly string[], ranks: ReadonlyMap<string, number>): string[] {
  let parts = [...letters];
  while (parts.length > 1) {
    const pairs = parts.slice(1).map((right, i) => ranks.get(`${parts[i]} ${right}`) ?? Infinity);
    const best = Math.min(...pairs);
    if (best === Infinity) break;
    const joined: string[] = [];
    for (let i = 0; i < parts.length; i++) {
      const joins = i < parts.length - 1 && pairs[i] === best;
      joined.push(joins ? parts[i] + parts[i + 1] : parts[i]);
      if (joins) i++;
    }
    parts = joined;
  }
  return parts;
}

/** Bytes that print as they are; the others take characters from 256 on. In the order of the vocabulary. */
const printed = [...span(33, 126), ...span(161, 172), ...span(174, 255)];

function byteCharacters(): string[] {
  const others = span(0, 255).filter((byte) => !printed.includes(byte));
  return [...printed.map((byte) => String.fromCodePoint(byte)), ...others.map((_, i) => String.fromCodePoint(256 + i))];
}

function byteTable(characters: readonly string[]): string[] {
  const order = [...printed, ...span(0, 255).filter((byte) => !printed.includes(byte))];
  const table: string[] = [];
  for (const [i, byte] of order.entries()) table[byte] = characters[i];
  return table;
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * The merges in CLIP's own vocabulary file, `bpe_simple_vocab_16e6.txt.gz`, packed or not. It comes with the weights; Folio brings none.
 * @throws BadFile when the file is not there or is another
 */
export async function readClipVocabulary(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new BadFile("not-found", path, "cannot be read", "Take bpe_simple_vocab_16e6.txt.gz from the CLIP repository.", { cause });
  });
  const text = unpacked(bytes, path).toString("utf8");
  const lines = text.split("\n").slice(1, published + 1);
  if (lines.length < published || !lines.every((line) => /^\S+ \S+$/.test(line))) {
    throw new BadFile("bad-header", path, `is not a list of ${published} merges`, "Take bpe_simple_vocab_16e6.txt.gz from the CLIP repository.");
  }
  return lines;
}

function unpacked(bytes: Buffer, path: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: 2 ** 26 });
  } catch (cause) {
    throw new BadFile("corrupt-data", path, "cannot be unpacked", "Copy it again from the source.", { cause });
  }
}

/**
 * A vocabulary of whole words, for small models that are trained here.
 * @throws InvalidValue for a word it does not have
 * @example wordTokenizer(["a", "bright", "spot"]).encode("A bright spot.") // [0, 1, 2]
 */
export function wordTokenizer(vocabulary: readonly string[]): Tokenizer {
  const numbers = new Map(vocabulary.map((word, number) => [word, number]));
  return {
    start: vocabulary.length,
    end: vocabulary.length + 1,
    size: vocabulary.length + 2,
    encode: (text) => (text.toLowerCase().match(/\p{L}+/gu) ?? []).map((word) => {
      const number = numbers.get(word);
      if (number === undefined) throw new InvalidValue("wordTokenizer", `the vocabulary of ${vocabulary.length} words must hold every word`, word);
      return number;
    }),
  };
}

/**
 * Start, tokens, end, then zeros up to `length`.
 * @throws InvalidValue when they do not fit
 */
export function framed(tokens: readonly number[], { start, end }: Tokenizer, length: number): number[] {
  if (tokens.length + 2 > length) throw new InvalidValue("framed", `a text may have ${length - 2} tokens`, tokens.length);
  return [start, ...tokens, end, ...Array.from({ length: length - 2 - tokens.length }, () => 0)];
}
