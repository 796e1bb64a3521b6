import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Each runs as a module of its own, in this order. */
export const clientScripts = ["page", "records", "tables", "explorer", "stack", "raters", "surface", "pages", "paper"] as const;

/** The page's own scripts, compiled beside this file, as text that may stand in a page. */
export async function clientScript(name: string): Promise<string> {
  const code = await readFile(join(import.meta.dirname, "..", "client", `${name}.js`), "utf8");
  return code.replace(/^\/\/# sourceMappingURL=.*$/m, "").replace(/^export \{\};?$/m, "").replaceAll(/<\/script/gi, "<\\/script").trim();
}

export interface PackedLibrary {
  readonly base64: string;
  /** For the page's content security policy: the text that the page unpacks and runs. */
  readonly hash: string;
}

let packed: Promise<PackedLibrary> | undefined;

/** Plotly's cartesian bundle, gzipped: a third of its size, and parsed only when the first figure is seen. */
export function packedPlotly(): Promise<PackedLibrary> {
  return (packed ??= (async () => {
    const path = createRequire(import.meta.url).resolve("plotly.js-cartesian-dist-min");
    const code = await readFile(path, "utf8");
    return { base64: pack(code), hash: scriptHash(code) };
  })());
}

/** Text as the page's script unpacks it; nothing in it can end a script element. Level 9 would take twice as long for half a percent. */
export const pack = (text: string): string => gzipSync(text, { level: 6 }).toString("base64");

/** As it stands in `script-src`. */
export const scriptHash = (code: string): string => `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
