import { BadFile, InvalidValue } from "../../core/index.js";

/** One entry of a vocabulary; its place in the list is its id. */
export interface Piece {
  /** Text in which "▁" stands for a space. */
  readonly text: string;
  /** Merges with a higher score come first. */
  readonly score: number;
  readonly kind: "normal" | "unknown" | "control" | "user-defined" | "unused" | "byte";
}

/** A BPE model as SentencePiece stores it. */
export interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  readonly unknownId: number;
  readonly bosId: number;
  readonly eosId: number;
  /** Characters without a piece become their UTF-8 bytes instead of `<unk>`. */
  readonly byteFallback: boolean;
  /** A space is put before the text. */
  readonly addDummyPrefix: boolean;
  /** Spaces at the ends go, and several become one. */
  readonly removeExtraWhitespaces: boolean;
}

const kinds: readonly Piece["kind"][] = ["normal", "normal", "unknown", "control", "user-defined", "unused", "byte"];

/**
 * Reads a SentencePiece `tokenizer.model` of LLaMA, Mistral or LLaVA-Med.
 * @param name what errors call the file
 * @throws BadFile `bad-header` for what is no such file, `unsupported` for unigram models and for normalisation other than identity
 * @see google/sentencepiece, sentencepiece_model.proto
 */
export function parseSentencePiece(bytes: Uint8Array, name: string): SentencePieceModel {
  try {
    const model = fieldsOf(bytes);
    const pieces = all(model, 1).map((entry): Piece => {
      const piece = fieldsOf(entry);
      return { text: textOf(piece, 1), score: floatOf(piece, 2), kind: kinds[numberOf(piece, 3, 1)] ?? "normal" };
    });
    const trainer = fieldsOf(all(model, 2)[0] ?? new Uint8Array());
    const normaliser = fieldsOf(all(model, 3)[0] ?? new Uint8Array());
    if (pieces.length === 0) throw new SyntaxError("no pieces");
    if (numberOf(trainer, 3, 1) !== 2) throw unsupported(name, "is not a BPE model");
    if ((all(normaliser, 2)[0]?.length ?? 0) > 0) throw unsupported(name, `normalises text (${textOf(normaliser, 1) || "a character map"}), and only identity is read`);
    return {
      pieces,
      unknownId: numberOf(trainer, 40, 0), bosId: numberOf(trainer, 41, 1), eosId: numberOf(trainer, 42, 2),
      byteFallback: numberOf(trainer, 35, 0) === 1,
      addDummyPrefix: numberOf(normaliser, 3, 1) === 1, removeExtraWhitespaces: numberOf(normaliser, 4, 1) === 1,
    };
  } catch (cause) {
    if (cause instanceof BadFile) throw cause;
    throw new BadFile("bad-header", name, "is not a SentencePiece model", "Give the tokenizer.model of the checkpoint.", { cause });
  }
}

/** The file that {@link parseSentencePiece} and the SentencePiece library read. */
export function encodeSentencePiece(model: SentencePieceModel): Uint8Array {
  const kindNumber = (kind: Piece["kind"]): number => kinds.lastIndexOf(kind);
  const pieces = model.pieces.map(({ text, score, kind }) => message(1, [...bytesField(1, Buffer.from(text)), ...floatField(2, score), ...varintField(3, kindNumber(kind))]));
  const trainer = [...varintField(3, 2), ...varintField(4, model.pieces.length), ...varintField(35, Number(model.byteFallback)), ...varintField(40, model.unknownId), ...varintField(41, model.bosId), ...varintField(42, model.eosId), ...varintField(43, -1)];
  const normaliser = [...bytesField(1, Buffer.from("identity")), ...varintField(3, Number(model.addDummyPrefix)), ...varintField(4, Number(model.removeExtraWhitespaces)), ...varintField(5, 1)];
  return Uint8Array.from([...pieces.flat(), ...message(2, trainer), ...message(3, normaliser)]);
}

const unsupported = (name: string, what: string): BadFile => new BadFile("unsupported", name, what, "LLaVA-Med's tokenizer.model is BPE without normalisation.");

// Protocol buffers, as far as this file needs them: numbers, floats and byte strings by field number.
type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | number)[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (let count = 0; count < 10; count++) {
      if (at >= bytes.length) throw new RangeError("cut short");
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new RangeError("a number is too long");
  };
  const take = (length: number): Uint8Array => {
    if (!(length <= bytes.length - at)) throw new RangeError("cut short");
    return bytes.subarray(at, (at += length));
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, type] = [Math.floor(key / 8), key % 8];
    let value: Uint8Array | number;
    if (type === 0) value = varint();
    else if (type === 2) value = take(varint());
    else if (type === 5) value = view.getFloat32(take(4).byteOffset - bytes.byteOffset, true);
    else if (type === 1) value = take(8);
    else throw new InvalidValue("protocol buffer", "a field must be of type 0, 1, 2 or 5", type);
    const values = fields.get(field);
    if (values === undefined) fields.set(field, [value]);
    else values.push(value);
  }
  return fields;
}

const all = (fields: Fields, field: number): Uint8Array[] => (fields.get(field) ?? []).filter((value) => value instanceof Uint8Array);
const numberOf = (fields: Fields, field: number, missing: number): number => (fields.get(field)?.at(-1) as number | undefined) ?? missing;
const floatOf = (fields: Fields, field: number): number => numberOf(fields, field, 0);
const textOf = (fields: Fields, field: number): string => new TextDecoder().decode(all(fields, field).at(-1));

function varintBytes(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return [...out, Number(rest)];
}

const varintField = (field: number, value: number): number[] => [...varintBytes(8 * field), ...varintBytes(value)];
const bytesField = (field: number, value: Uint8Array): number[] => [...varintBytes(8 * field + 2), ...varintBytes(value.length), ...value];
const floatField = (field: number, value: number): number[] => [...varintBytes(8 * field + 5), ...new Uint8Array(Float32Array.of(value).buffer)];
const message = (field: number, body: readonly number[]): number[] => bytesField(field, Uint8Array.from(body));
