import { escapeHtml } from "./html-text.js";

const tags = new Set(["table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "b", "strong", "i", "em", "code", "pre", "br", "p", "ul", "ol", "li", "sub", "sup", "span", "div"]);
const attributes = new Set(["scope", "colspan", "rowspan"]);

/**
 * A table from a notebook's output as HTML that can do nothing: only tags of tables and text, of their attributes only spans
 * and scopes, everything else as text or gone. Undefined where there is no table, because then the plain text says more.
 */
export function safeMarkup(html: string): string | undefined {
  if (!/<table[\s>]/i.test(html)) return undefined;
  const bare = html.replaceAll(/<(script|style|template|svg|math|iframe|object|textarea|title|noscript)\b[^]*?(<\/\1\s*>|$)/gi, "").replaceAll(/<!--[^]*?(-->|$)/g, "");
  const open: string[] = [];
  const parts = bare.split(/(<\/?[a-z][^<>]*>)/i).map((part) => {
    const tag = /^<(\/?)([a-z][a-z0-9]*)([^<>]*)>$/i.exec(part);
    if (!tag) return escapeHtml(unescaped(part));
    const [, closing, name, rest] = tag;
    const known = name.toLowerCase();
    if (!tags.has(known)) return "";
    if (closing) {
      const at = open.lastIndexOf(known);
      return at < 0 ? "" : open.splice(at).reverse().map((one) => `</${one}>`).join("");
    }
    if (known !== "br") open.push(known);
    const kept = [...rest.matchAll(/([a-z]+)\s*=\s*"?([a-z0-9]+)"?/gi)].filter(([, attribute]) => attributes.has(attribute.toLowerCase()));
    return `<${known}${kept.map(([, attribute, value]) => ` ${attribute.toLowerCase()}="${value}"`).join("")}>`;
  });
  return parts.join("") + open.reverse().map((one) => `</${one}>`).join("");
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: "\u00a0" };
const unescaped = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name]);
