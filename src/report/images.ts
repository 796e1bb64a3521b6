import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import type { Token } from "./markdown.js";

const types: Readonly<Record<string, string>> = { ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml" };

/**
 * Puts the pictures that the text names (`![what it shows](photo.png)`) into the page, because a page that stands alone may
 * fetch none. What is missing, far away or without a description is told.
 */
export async function embedImages(tokens: readonly Token[], folder: string, warn: (code: string, message: string) => void): Promise<void> {
  const images = tokens.flatMap((token) => token.children ?? []).filter((token) => token.type === "image");
  for (const token of images) {
    const source = String(token.attrGet("src"));
    if (token.content.trim() === "") warn("missing-alt", `the picture ${short(source)} has no description; write ![what it shows](${short(source)})`);
    if (/^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,/.test(source)) continue;
    const type = types[extname(source).toLowerCase()];
    const bytes = /^[a-z]+:/i.test(source) || type === undefined ? undefined : await readFile(resolve(folder, decodeURI(source))).catch(() => undefined);
    if (bytes === undefined) {
      warn("missing-picture", `the picture ${short(source)} ${/^[a-z]+:/i.test(source) ? "is not on this machine; save it beside the template" : "cannot be read; PNG, JPEG, GIF, WebP or SVG files below the report's folder can be"}`);
      token.attrSet("src", "data:,");
    } else {
      token.attrSet("src", `data:${type};base64,${bytes.toString("base64")}`);
    }
  }
}

const short = (source: string): string => (source.length > 60 ? `${source.slice(0, 57)}…` : source);
