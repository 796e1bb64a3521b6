import type { BpeTokenizer } from "../../nn/index.js";
import { encodeWithImage, imageTokenId } from "../../nn/index.js";
import { InvalidValue } from "../../core/index.js";

/** What training, validation and testing feed; identical but for the answer, so that hidden states of the question are, too. */
export const promptOf = (question: string): string => `<image>\n### User: ${question} \n### Assistant: \n`;

const before = "\n### User:";

/** A row as the language model reads it, padded to T places. */
export interface EncodedRow {
  /** [T] token ids; 0 at the picture's places and in the padding. */
  readonly ids: Int32Array;
  /** [T] how much a place counts as a target of the text loss; 0 for `<s>`, the picture and the padding. */
  readonly targetWeights: Float32Array;
  /** [T] 1 where the question's own words stand. */
  readonly question: Float32Array;
  /** Places up to the answer. */
  readonly promptLength: number;
  /** Places in use. */
  readonly length: number;
}

export interface EncodeOptions {
  readonly places: number;
  readonly imageTokens: number;
  /** Factor of the words that say where and which; 1 counts all alike. */
  readonly wordWeight: number;
  readonly answerEnd: "none" | "eos";
}

/**
 * Token ids of a prompt and, in training, its answer.
 * @throws InvalidValue when the prompt alone does not fit
 * @see PRS-Med spec §2.4
 */
export function encodeRow(tokenizer: BpeTokenizer, question: string, answer: string | undefined, { places, imageTokens, wordWeight, answerEnd }: EncodeOptions): EncodedRow {
  const prompt = withPlaces(encodeWithImage(tokenizer, promptOf(question)), imageTokens);
  if (prompt.length >= places) throw new InvalidValue("question", `must fit into ${places - imageTokens} tokens with its template`, question);
  const answers = answer === undefined ? [] : weighedAnswer(tokenizer, answer, wordWeight);
  const end = answer !== undefined && answerEnd === "eos" ? [{ id: tokenizer.model.eosId, weight: 1 }] : [];
  const row = {
    ids: new Int32Array(places), targetWeights: new Float32Array(places), question: new Float32Array(places),
    promptLength: prompt.length, length: Math.min(places, prompt.length + answers.length + end.length),
  };
  prompt.forEach((id, at) => {
    row.ids[at] = id === imageTokenId ? 0 : id;
    row.targetWeights[at] = answer !== undefined && at > imageTokens ? 1 : 0; // question and template are targets too, as in the original
  });
  [...answers, ...end].slice(0, places - prompt.length).forEach(({ id, weight }, i) => {
    row.ids[prompt.length + i] = id;
    row.targetWeights[prompt.length + i] = weight;
  });
  const from = 1 + imageTokens + tokenizer.encode(before).length;
  const to = 1 + imageTokens + tokenizer.encode(`${before} ${question}`).length;
  row.question.fill(1, from, Math.max(to, from + 1));
  return row;
}

/** A caption: only the picture stands before it. */
export function encodeCaption(tokenizer: BpeTokenizer, caption: string, { places, imageTokens, wordWeight }: EncodeOptions): EncodedRow {
  const prompt = withPlaces(encodeWithImage(tokenizer, "<image>"), imageTokens);
  const row = { ids: new Int32Array(places), targetWeights: new Float32Array(places), question: new Float32Array(places), promptLength: prompt.length, length: 0 };
  const words = [...weighedAnswer(tokenizer, `\n${caption}`, wordWeight), { id: tokenizer.model.eosId, weight: 1 }].slice(0, places - prompt.length);
  row.ids[0] = prompt[0];
  words.forEach(({ id, weight }, i) => {
    row.ids[prompt.length + i] = id;
    row.targetWeights[prompt.length + i] = weight;
  });
  return { ...row, length: prompt.length + words.length };
}

/** Places that a prompt takes. */
export const promptPlaces = (tokenizer: BpeTokenizer, question: string, imageTokens: number): number => withPlaces(encodeWithImage(tokenizer, promptOf(question)), imageTokens).length;

const withPlaces = (ids: readonly number[], imageTokens: number): number[] => ids.flatMap((id) => (id === imageTokenId ? Array<number>(imageTokens).fill(id) : [id]));

/** Words of the answer that a picture decides. */
const decisive = new Set(["top", "bottom", "left", "right", "center", "centre", "bright", "dark"]);

function weighedAnswer(tokenizer: BpeTokenizer, answer: string, wordWeight: number): { id: number; weight: number }[] {
  // Pieces never cross a space, so the whole is its words one after the other.
  return answer.split(" ").flatMap((word, i) => {
    const weight = decisive.has(word.toLowerCase().replaceAll(/[^a-z]/g, "")) ? wordWeight : 1;
    const ids = tokenizer.encode(word);
    return (i === 0 && word === "" ? [] : ids).map((id) => ({ id, weight }));
  });
}

/** The seven things a question can name, and the words it may use for them. */
export const concepts = [
  ["bright", "brighter", "brightest", "light", "lighter", "white"], ["dark", "darker", "darkest", "black"], ["top", "upper"], ["bottom", "lower"], ["left"], ["right"],
  ["center", "centre", "central", "middle"],
] as const;

/** [7] of 0 and 1. @example conceptsOf("Where is the darker one?") // [0, 1, 0, 0, 0, 0, 0] */
export function conceptsOf(text: string): number[] {
  const words = new Set(text.toLowerCase().match(/[a-z]+/g));
  return concepts.map((names) => Number(names.some((name) => words.has(name))));
}

/** What a decoded answer says, without template marks: the original's cleaning. */
export const cleanAnswer = (text: string): string => text.split("###")[0].replaceAll("\n", " ").replaceAll(/\s+/g, " ").trim();
