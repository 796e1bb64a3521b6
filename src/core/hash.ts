import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson } from "./files.js";

/** SHA-256 of text, bytes or any JSON value, in hex. */
export function sha256(value: string | Uint8Array | object): string {
  const data = typeof value === "string" || value instanceof Uint8Array ? value : canonicalJson(value);
  return createHash("sha256").update(data).digest("hex");
}

export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** One hash for a folder: names (with "/" between parts) and contents of every file below it, in sorted order. */
export async function sha256Folder(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(relative(folder, file).replaceAll("\\", "/")).update("\0").update(await sha256File(file)).update("\0");
  return hash.digest("hex");
}
