import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Writes a whole file (in one piece, or piece by piece) or nothing: to a temporary neighbour, flushed to disk, then renamed over the target.
 * A reader never sees half a file, and a kill at any moment leaves the old one.
 */
export async function writeFileAtomic(path: string, contents: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(contents as Uint8Array); // the types leave out the AsyncIterable that Node documents
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes JSON as {@link canonicalJson} does, atomically, with a newline at the end. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${canonicalJson(value, 2)}\n`);
}

/** JSON with the keys of every object sorted, so equal values give equal bytes. Non-finite numbers are refused. */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(
    value,
    (key, item: unknown) => {
      if (typeof item === "number" && !Number.isFinite(item)) throw new TypeError(`canonicalJson: ${key} is ${item}; JSON has no such number, use null`);
      if (item === null || typeof item !== "object" || Array.isArray(item)) return item;
      return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    indent,
  );
}

/** The folder of the package this code runs from: the one with package.json, kernels/, notebooks/. */
export const packageRoot: string = join(import.meta.dirname, "..", "..");
