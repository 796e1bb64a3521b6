import MarkdownIt from "markdown-it";
import footnotes from "markdown-it-footnote";
import { blockKinds, marker, markerPattern, type Item } from "./template/items.js";

/** The parsed text: markdown-it's tokens, in which `folio_item` and `folio_block` point at items and headings carry ids and numbers. */
export interface ParsedText {
  readonly tokens: readonly Token[];
  readonly sections: readonly Section[];
  readonly markdown: Markdown;
}

export type Markdown = InstanceType<typeof MarkdownIt>;

export type Token = ReturnType<Markdown["parse"]>[number];

export interface Section {
  readonly id: string;
  /** "2.1"; empty for unnumbered ones (`{.unnumbered}`). */
  readonly number: string;
  readonly level: number;
  readonly text: string;
}

/**
 * Parses the template's output. Raw HTML stays text, so nothing in it can run; `$x_i$` and `$$…$$` become math items;
 * `## Heading {#sec-id}` fixes an id, otherwise one is made from the words; from the first `## Heading {.appendix}` on,
 * sections go by letters.
 */
export function parseText(text: string, items: Item[]): ParsedText {
  const source = text.replaceAll(/^\$\$\s*([^$]+?)\s*\$\$\s*$/gm, (_, tex: string) => marker(items.push({ kind: "math", tex, display: true }) - 1));
  const markdown = new MarkdownIt({ html: false, typographer: true, linkify: false }).use(footnotes);
  markdown.inline.ruler.before("escape", "folio_math", (state, silent) => {
    const { src, pos } = state;
    if (src[pos] !== "$" || src[pos + 1] === "$" || /\s/.test(src[pos + 1] ?? " ")) return false;
    const end = src.indexOf("$", pos + 1);
    if (end < 0 || end >= state.posMax || /\s/.test(src[end - 1]) || /\d/.test(src[end + 1] ?? "")) return false;
    if (!silent) {
      items.push({ kind: "math", tex: src.slice(pos + 1, end) });
      state.push("folio_item", "", 0).meta = { item: items.length - 1 };
    }
    state.pos = end + 1;
    return true;
  });
  const tokens = blocks(markdown.parse(source, {}).map((token) => (token.children ? withItems(token, markdown) : token)), items);
  return { tokens, sections: numberSections(tokens), markdown };
}

/** The item that a `folio_item` or `folio_block` token stands for. */
export function itemOf(token: Token, items: readonly Item[]): Item {
  return items[(token.meta as { item: number }).item];
}

/** Splits text at markers. */
function withItems(token: Token, markdown: Markdown): Token {
  token.children = token.children!.flatMap((child) => {
    if (child.type !== "text" || !child.content.includes("\uE000")) return [child];
    const parts: Token[] = [];
    let rest = 0;
    for (let at = child.content.indexOf("\uE000"); at >= 0; at = child.content.indexOf("\uE000", rest)) {
      markerPattern.lastIndex = at;
      const match = markerPattern.exec(child.content);
      if (!match) break;
      if (at > rest) parts.push(textToken(child, child.content.slice(rest, at)));
      parts.push(itemToken(markdown, "folio_item", Number(match[1])));
      rest = at + match[0].length;
    }
    if (rest < child.content.length) parts.push(textToken(child, child.content.slice(rest)));
    return parts;
  });
  return token;
}

function textToken(like: Token, content: string): Token {
  return Object.assign(Object.create(Object.getPrototypeOf(like) as object) as Token, like, { content });
}

function itemToken(markdown: Markdown, type: string, index: number): Token {
  const [like] = markdown.parse("x", {});
  return Object.assign(like, { type, tag: "", nesting: 0, meta: { item: index }, children: null, map: null });
}

/** A paragraph that is nothing but one block item becomes that block. */
function blocks(tokens: readonly Token[], items: readonly Item[]): Token[] {
  const result: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const only = tokens[i].type === "paragraph_open" && tokens[i + 1]?.children?.length === 1 ? tokens[i + 1].children![0] : undefined;
    const item = only?.type === "folio_item" ? itemOf(only, items) : undefined;
    if (only && item && (blockKinds.has(item.kind) || (item.kind === "missing" && item.block))) {
      only.type = "folio_block";
      result.push(only);
      i += 2;
    } else {
      result.push(tokens[i]);
    }
  }
  return result;
}

function numberSections(tokens: readonly Token[]): Section[] {
  const counters: number[] = [];
  const ids = new Set<string>();
  let appendix = false;
  const numberText = (): string => counters.map((count, depth) => (appendix && depth === 0 ? String.fromCharCode(64 + count) : String(count))).join(".");
  return tokens.flatMap((token, i) => {
    if (token.type !== "heading_open") return [];
    const level = Number(token.tag.slice(1));
    const inline = tokens[i + 1];
    const last = inline.children?.at(-1);
    const own = last?.type === "text" ? /\s*\{(#[\w-]+)?\s*(\.unnumbered|\.appendix)?\}\s*$/.exec(last.content) : null;
    if (own && last) last.content = last.content.slice(0, own.index);
    const text = (inline.children ?? []).map((child) => child.content).join("").trim();
    const numbered = own?.[2] !== ".unnumbered";
    const opens = own?.[2] === ".appendix" && !appendix;
    if (opens) {
      appendix = true;
      counters.length = 0;
    }
    if (numbered) {
      const depth = Math.max(0, level - 2);
      counters.length = Math.min(counters.length, depth + 1);
      while (counters.length < depth + 1) counters.push(0);
      counters[depth] += 1;
    }
    const id = unique(own?.[1]?.slice(1) ?? `sec-${slug(text)}`, ids);
    token.attrSet("id", id);
    const number = numbered ? numberText() : "";
    token.meta = { number, ...(opens && { appendix: true }) };
    return [{ id, number, level, text }];
  });
}

const slug = (text: string): string => text.toLowerCase().normalize("NFKD").replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "section";

function unique(id: string, taken: Set<string>): string {
  let free = id;
  for (let n = 2; taken.has(free); n++) free = `${id}-${n}`;
  taken.add(free);
  return free;
}
