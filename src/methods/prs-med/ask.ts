import { seededRandom, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { PrsCase } from "../../datasets/index.js";
import { generate, generateTokens, type GenerateOptions, type SamplingOptions } from "../../nn/index.js";
import { pixelTensor, rowTensor, textTensors, tokenTensor } from "./batch.js";
import { imageTokens } from "./config.js";
import { drawMask, encodeMap, encodingOf, hiddenStates, languageModel, modalityLogits, spliced, type PrsMedModel } from "./model.js";
import { blindPrompt, countedPlaces } from "./train-step.js";
import { towerTable } from "./tower-table.js";
import type { Tensor3D, TensorFlow } from "./tensorflow.js";
import { cleanAnswer, encodeRow, promptPlaces, type EncodedRow } from "./text.js";

/** What PRS-Med says to one question. */
export interface Reply {
  /** [S, S] probabilities. */
  readonly probability: Float32Array;
  /** Null for a model without text, or when none was asked for. */
  readonly answer: string | null;
  /** Class of the modality head. */
  readonly modality: number;
  /** Where each of the question's pieces was looked at from: [g·g] a piece, over all pieces summing to 1 at each place. */
  readonly attention: readonly { readonly piece: string; readonly map: Float32Array }[];
}

export interface AskOptions extends Partial<SamplingOptions> {
  /** Rows at once; the last batch is padded, so that all have one shape. 40 unless given. */
  readonly batch?: number;
  /** `skip` leaves the text out, which is most of the time. */
  readonly answers?: "generate" | "skip";
  readonly maxNewTokens?: number;
  readonly seed?: number;
  /** Called with each row's answer so far. */
  readonly onText?: (row: number, text: string) => void;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Mask and answer for every row: the mask from one pass over the prompt alone – never over an answer – and the answer word by word.
 * The published text is sampled (T = 0.2 and 0.7, top-p 0.95); greedy unless `temperature` is given.
 * @throws Interrupted
 * @see PRS-Med spec §5.1, §8.2
 */
export async function askAll(tf: TensorFlow, model: PrsMedModel, cases: readonly PrsCase[], options: AskOptions = {}): Promise<Reply[]> {
  const { batch = 40, progress = silent, signal } = options;
  const rows = encodePrompts(model, cases);
  const table = await towerTable(tf, model, cases.map(({ pixels }) => pixels), signal);
  const task = progress.begin("ask", cases.length);
  const replies: Reply[] = [];
  for (let from = 0; from < cases.length; from += batch) {
    stopIfAborted(signal);
    const at = Array.from({ length: Math.min(batch, Math.max(cases.length, 1)) }, (_, i) => Math.min(from + i, cases.length - 1));
    const count = Math.min(at.length, cases.length - from);
    const drawn = await drawBatch(tf, model, at, { cases, rows, table });
    const answers = options.answers === "skip" || blind(model) ? at.map(() => null) : await answerBatch(tf, model, at, count, { rows, table }, { ...options, first: from });
    for (let i = 0; i < count; i++) replies.push({ ...drawn[i], answer: answers[i] });
    task.update(replies.length);
  }
  task.end(`${replies.length} answers`);
  return replies;
}

/** Questions in words that training never had fall into letters and need more places than training used. */
function encodePrompts({ tokenizer, config }: PrsMedModel, cases: readonly Pick<PrsCase, "question">[]): EncodedRow[] {
  const encoding = encodingOf(config);
  const longest = Math.max(0, ...cases.map(({ question }) => promptPlaces(tokenizer, question, encoding.imageTokens)));
  const places = longest + 24 <= encoding.places ? encoding.places : 32 * Math.ceil((longest + 24) / 32);
  return cases.map(({ question }) => encodeRow(tokenizer, question, undefined, { ...encoding, places }));
}

const blind = ({ config: { form } }: PrsMedModel): boolean => form.conditioning === "none" || form.conditioning === "oracle";

interface Known {
  readonly rows: readonly EncodedRow[];
  readonly table: Float32Array;
}

async function drawBatch(tf: TensorFlow, model: PrsMedModel, at: readonly number[], { cases, rows, table }: Known & { readonly cases: readonly PrsCase[] }): Promise<Omit<Reply, "answer">[]> {
  const { config } = model;
  const chosen = at.map((row) => cases[row]);
  const counted = at.map((row) => countedPlaces(rows[row], config.form.conditioning));
  const [probability, looks, classes] = tf.tidy(() => {
    const map = encodeMap(tf, pixelTensor(tf, chosen.map(({ pixels }) => pixels), config.imageSize), model.weights, config, "eval");
    const prompt = blind(model)
      ? blindPrompt(tf, chosen, config.lm.width, config.form.conditioning)
      : hiddenStates(tf, tokenTensor(tf, table, at, imageTokens(config), config.clip.visionWidth), textTensors(tf, at.map((row) => rows[row])).ids, model, languageModel(model, config.parts.lora === "trained" ? "with" : "without"));
    const { logits, attention } = drawMask(tf, map, prompt, blind(model) || config.form.padding === "attended" ? undefined : rowTensor(tf, counted), model, "eval");
    return [logits.sigmoid(), attention, modalityLogits(tf, map, model.weights)];
  });
  const [maps, attention, logits] = await Promise.all([probability.data<"float32">(), looks.data<"float32">(), classes.data<"float32">()]);
  const [places, tokens] = [looks.shape[1]!, looks.shape[2]!];
  tf.dispose([probability, looks, classes]);
  const size = config.imageSize ** 2;
  return at.map((row, i) => ({
    probability: maps.slice(i * size, (i + 1) * size),
    modality: argmax(logits.subarray(i * 6, (i + 1) * 6)),
    attention: blind(model) ? [] : piecesOf(model, rows[row], counted[i], (token) => Float32Array.from({ length: places }, (_, place) => attention[(i * places + place) * tokens + token])),
  }));
}

function piecesOf({ tokenizer, config }: PrsMedModel, row: EncodedRow, counted: Float32Array, mapOf: (token: number) => Float32Array): Reply["attention"] {
  const pictures = imageTokens(config);
  return Array.from(counted, (on, place) => ({ on, place })).filter(({ on, place }) => on === 1 && place > pictures).map(({ place }) => ({ piece: tokenizer.model.pieces[row.ids[place]].text, map: mapOf(place) }));
}

async function answerBatch(tf: TensorFlow, model: PrsMedModel, at: readonly number[], count: number, known: Known, options: AskOptions & { readonly first: number }): Promise<string[]> {
  const { tokenizer } = model;
  const soFar: number[][] = at.map(() => []);
  const embeddings = promptEmbeddings(tf, model, at, known);
  try {
    const onToken = (row: number, id: number): void => {
      soFar[row].push(id);
      if (row < count) options.onText?.(options.first + row, cleanAnswer(tokenizer.decode(soFar[row])));
    };
    const tokens = await generate(tf, embeddings, at.map((row) => known.rows[row].promptLength), answering(model), { ...generation(model, options, options.first), onToken });
    return tokens.map((ids) => cleanAnswer(tokenizer.decode(ids)));
  } finally {
    embeddings.dispose();
  }
}

/** The answer to one row as it grows, a piece at a time. Whoever stops listening frees what it holds. */
export async function* answerAsItComes(tf: TensorFlow, model: PrsMedModel, { question, pixels }: Pick<PrsCase, "question" | "pixels">, options: AskOptions = {}): AsyncGenerator<string> {
  const known = { rows: encodePrompts(model, [{ question }]), table: await towerTable(tf, model, [pixels], options.signal) };
  const embeddings = promptEmbeddings(tf, model, [0], known);
  const ids: number[] = [];
  try {
    for await (const { id } of generateTokens(tf, embeddings, [known.rows[0].promptLength], answering(model), generation(model, options, 0))) {
      ids.push(id);
      yield cleanAnswer(model.tokenizer.decode(ids));
    }
  } finally {
    embeddings.dispose();
  }
}

const answering = (model: PrsMedModel): ReturnType<typeof languageModel> => languageModel(model, model.config.parts.lora === "trained" ? "with" : "without");

function promptEmbeddings(tf: TensorFlow, model: PrsMedModel, at: readonly number[], { rows, table }: Known): Tensor3D {
  const { config, weights } = model;
  return tf.tidy(() => spliced(tf, tokenTensor(tf, table, at, imageTokens(config), config.clip.visionWidth), textTensors(tf, at.map((row) => rows[row])).ids, weights, answering(model)));
}

/** Ends at `</s>`, and where a model without it would begin a new turn. */
function generation({ tokenizer }: PrsMedModel, { temperature = 0, topP = 0.95, maxNewTokens = 32, seed = 1, signal }: AskOptions, first: number): GenerateOptions {
  const ends = (id: number): boolean => id >= tokenizer.size || id === tokenizer.model.eosId || id === tokenizer.model.unknownId || /[#\n]/.test(tokenizer.model.pieces[id].text);
  return { temperature, topP, maxNewTokens, signal, random: seededRandom(seed).stream("answers").stream(first), stop: (ids) => ends(ids.at(-1)!) };
}

function argmax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}
