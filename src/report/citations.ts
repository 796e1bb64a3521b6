import { FolioError } from "../core/index.js";

/** `refs.bib`, formatted by CSL: what stands in the text and what stands at the end. */
export interface Citations {
  /** The mark in the text, for keys that are all known. */
  mark(keys: readonly string[]): { readonly text: string; readonly targets: readonly string[] };
  has(key: string): boolean;
  /** Cited entries, in the order their style asks for. */
  entries(): readonly { readonly key: string; readonly label: string; readonly text: string; readonly url?: string }[];
}

export class BadBibliography extends FolioError {
  readonly code = "bad-bibliography";
  constructor(
    readonly file: string,
    readonly problem: string,
  ) {
    super(`${file}: cannot be read as BibTeX: ${problem}. Correct it there.`);
  }
}

interface CslEntry {
  readonly id: string;
  readonly title?: string;
  readonly DOI?: string;
  readonly URL?: string;
}

interface CiteLibrary {
  new (data: unknown): { readonly data: CslEntry[]; format(kind: string, options: object): string };
}

/** Reads BibTeX; entries are numbered as they are first cited, or sorted by author for `author-year`. */
export async function readCitations(source: string, style: "numeric" | "author-year", file: string): Promise<Citations> {
  const { Cite } = (await import("@citation-js/core")) as unknown as { Cite: CiteLibrary };
  await Promise.all([import("@citation-js/plugin-bibtex"), import("@citation-js/plugin-csl")]);
  const all = parse(Cite, source, file);
  const known = new Map(all.map((entry) => [entry.id, entry]));
  const cited: string[] = [];
  const number = (key: string): number => {
    if (!cited.includes(key)) cited.push(key);
    return cited.indexOf(key) + 1;
  };
  const formatted = (key: string): string =>
    new Cite(known.get(key)).format("bibliography", { format: "text", template: style === "numeric" ? "vancouver" : "apa", lang: "en-US" }).trim();
  return {
    has: (key) => known.has(key),
    mark(keys) {
      const numbers = keys.map(number);
      if (style === "author-year") {
        const text = new Cite(keys.map((key) => known.get(key))).format("citation", { format: "text", template: "apa", lang: "en-US" });
        return { text, targets: keys };
      }
      return { text: `[${ranges(numbers)}]`, targets: keys };
    },
    entries() {
      const listed = cited.map((key, i) => {
        const { DOI, URL } = known.get(key)!;
        const url = DOI ? `https://doi.org/${DOI}` : URL;
        return { key, label: style === "numeric" ? `[${i + 1}]` : "", text: formatted(key).replace(/^\d+\.\s*/, ""), ...(url !== undefined && { url }) };
      });
      return style === "numeric" ? listed : listed.sort((a, b) => (a.text < b.text ? -1 : 1));
    },
  };
}

function parse(Cite: CiteLibrary, source: string, file: string): CslEntry[] {
  try {
    return source.trim() === "" ? [] : new Cite(source).data;
  } catch (error) {
    throw new BadBibliography(file, (error as Error).message.replaceAll(/\s+/g, " ").slice(0, 200));
  }
}

/** 1, 2, 3, 5 → "1–3, 5". */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const n of sorted) {
    const last = runs.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`)).join(", ");
}
