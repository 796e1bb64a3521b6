import { bundle, type MimeBundle } from "./bundle.js";
import { describePng } from "./image.js";

/** A function that also works as a template tag: html`<b>${x}</b>`. */
type Form = (text: string | TemplateStringsArray, ...values: readonly unknown[]) => MimeBundle;

const form =
  (type: string, plain: (text: string) => string = (text) => text): Form =>
  (text, ...values) => {
    const whole = typeof text === "string" ? text : String.raw({ raw: text }, ...values);
    return bundle(plain(whole), { [type]: whole });
  };

/** HTML, shown as written: never put text from outside into it unescaped. */
export const html: Form = form("text/html", (text) => text.replaceAll(/<(script|style)[^]*?<\/\1>|<[^>]*>/g, "").trim());
export const markdown: Form = form("text/markdown");
export const latex: Form = form("text/latex");
export const svg: Form = form("image/svg+xml", (text) => /<title>([^<]*)<\/title>/.exec(text)?.[1] ?? "SVG image");

/** A PNG file's bytes. `alt` is what a reader who cannot see it must know. */
export function png(file: Uint8Array, alt?: string): MimeBundle {
  const { data, metadata } = describePng(file);
  return alt === undefined ? { data, metadata } : bundle(alt, data, metadata);
}

/** A tree that can be opened and closed. */
export const json = (value: unknown): MimeBundle =>
  bundle(JSON.stringify(value, null, 2), { "application/json": value }, { "application/json": { expanded: false } });

/** Any other MIME types; give `text/plain` too, for the places that know none of them. */
export function mime(data: Readonly<Record<string, unknown>>, metadata: Readonly<Record<string, unknown>> = {}): MimeBundle {
  const { "text/plain": text, ...rest } = data;
  return bundle(typeof text === "string" ? text : Object.keys(rest).join(", "), rest, metadata);
}
