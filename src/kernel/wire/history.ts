import type { Fields } from "./message.js";

/** What was run in this session, for history_request. */
export class History {
  readonly #entries: { readonly line: number; readonly source: string }[] = [];

  add(line: number, source: string): void {
    this.#entries.push({ line, source });
  }

  /** @param request the content of a history_request: `tail`, `range` or `search` */
  find(request: Fields): (readonly [session: number, line: number, source: string])[] {
    return this.#select(request).map(({ line, source }) => [1, line, source] as const);
  }

  #select({ hist_access_type: type, n, start, stop, pattern, unique }: Fields): readonly { line: number; source: string }[] {
    const count = typeof n === "number" && n > 0 ? n : this.#entries.length;
    if (type === "range")
      return this.#entries.filter(
        ({ line }) => line >= Number(start ?? 1) && line < (typeof stop === "number" ? stop : Infinity),
      );
    if (type !== "search") return this.#entries.slice(-count);
    const matches = glob(String(pattern ?? "*"));
    const found = this.#entries.filter(({ source }) => matches.test(source));
    const kept =
      unique === true
        ? found.filter(({ source }, i) => found.findLastIndex((other) => other.source === source) === i)
        : found;
    return kept.slice(-count);
  }
}

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", "[^]*")
      .replaceAll("?", "[^]")}$`,
  );
