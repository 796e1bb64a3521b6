import { readFile } from "node:fs/promises";
import { BadFile, InvalidValue, writeFileAtomic } from "../../core/index.js";
import { encodeSentencePiece, parseSentencePiece, type SentencePieceModel } from "./sentencepiece-model.js";

/**
 * A byte-pair tokenizer that splits text exactly as SentencePiece does with the same model: merges by score, the leftmost of equals first,
 * runs of unknown characters as one `<unk>`, bytes instead where the model has them.
 *
 * @example
 * const tokenizer = await BpeTokenizer.read("tokenizer.model"); // LLaVA-Med's
 * tokenizer.encode("Where is the tumor?");                   // ids, without <s> and </s>
 */
export class BpeTokenizer {
  readonly model: SentencePieceModel;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #whole: readonly string[];

  constructor(model: SentencePieceModel) {
    this.model = model;
    this.#ids = new Map(model.pieces.flatMap(({ text, kind }, id) => (kind === "normal" || kind === "user-defined" ? [[text, id] as const] : [])));
    this.#whole = model.pieces.filter(({ kind }) => kind === "user-defined").map(({ text }) => text).sort((a, b) => b.length - a.length);
  }

  /** @throws BadFile when there is no SentencePiece BPE model of identity normalisation */
  static async read(path: string): Promise<BpeTokenizer> {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new BadFile("not-found", path, "is not there", "Give the tokenizer.model of the checkpoint.", { cause });
    });
    return new BpeTokenizer(parseSentencePiece(bytes, path));
  }

  /** Writes a `tokenizer.model` that the SentencePiece library opens too. */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, encodeSentencePiece(this.model));
  }

  get size(): number {
    return this.model.pieces.length;
  }

  /** Token ids, without `<s>` and `</s>`. */
  encode(text: string): number[] {
    return this.#merge(this.#symbols(this.#normalised(text))).flatMap((symbol, i, symbols) => {
      const id = this.#ids.get(symbol);
      if (id !== undefined) return [id];
      if (this.model.byteFallback) return [...Buffer.from(symbol)].map((byte) => this.#byteId(byte));
      return i > 0 && !this.#ids.has(symbols[i - 1]) ? [] : [this.model.unknownId];
    });
  }

  /** The pieces of a text as people can read them, "▁" for a space. */
  pieces(text: string): string[] {
    return this.encode(text).map((id) => this.model.pieces[id].text);
  }

  /** Text of ids; control tokens vanish. @throws InvalidValue for an id outside the vocabulary */
  decode(ids: readonly number[]): string {
    const bytes = ids.flatMap((id) => {
      const piece = this.model.pieces[id];
      if (piece === undefined) throw new InvalidValue("BpeTokenizer.decode", `an id must be below ${this.size}`, id);
      if (piece.kind === "control") return [];
      if (piece.kind === "byte") return [Number.parseInt(piece.text.slice(3, 5), 16)];
      return [...Buffer.from(piece.kind === "unknown" ? " ⁇ " : piece.text)];
    });
    const text = new TextDecoder().decode(Uint8Array.from(bytes));
    const { removeExtraWhitespaces, addDummyPrefix } = this.model;
    const first = removeExtraWhitespaces ? /^▁+/ : addDummyPrefix ? /^▁/ : /^(?!)/;
    return text.replace(first, "").replaceAll("▁", " ");
  }

  #normalised(text: string): string {
    const spaced = this.model.removeExtraWhitespaces ? text.replaceAll(/ +/g, " ").replace(/^ | $/g, "") : text;
    if (spaced === "") return "";
    return `${this.model.addDummyPrefix ? " " : ""}${spaced}`.replaceAll(" ", "▁");
  }

  /** Characters, and user-defined pieces in one. */
  #symbols(text: string): string[] {
    const symbols: string[] = [];
    for (let at = 0; at < text.length; ) {
      const symbol = this.#whole.find((piece) => text.startsWith(piece, at)) ?? String.fromCodePoint(text.codePointAt(at)!);
      symbols.push(symbol);
      at += symbol.length;
    }
    return symbols;
  }

  #merge(symbols: string[]): string[] {
    const scoreAt = (i: number): number => {
      if (i + 1 >= symbols.length || this.#whole.includes(symbols[i]) || this.#whole.includes(symbols[i + 1])) return -Infinity;
      const id = this.#ids.get(symbols[i] + symbols[i + 1]);
      return id === undefined ? -Infinity : this.model.pieces[id].score;
    };
    const scores = symbols.map((_, i) => scoreAt(i));
    for (;;) {
      let best = 0;
      for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
      if (!(scores[best] > -Infinity)) return symbols;
      symbols.splice(best, 2, symbols[best] + symbols[best + 1]);
      scores.splice(best, 1);
      scores[best] = scoreAt(best);
      if (best > 0) scores[best - 1] = scoreAt(best - 1);
    }
  }

  #byteId(byte: number): number {
    const name = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const id = this.model.pieces.findIndex(({ text, kind }) => kind === "byte" && text === name);
    return id < 0 ? this.model.unknownId : id;
  }
}
