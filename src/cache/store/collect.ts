import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../lock.js";
import type { Store } from "./store.js";

export interface Collected {
  readonly entries: number;
  readonly objects: number;
  readonly bytes: number;
  readonly keptEntries: number;
  readonly keptBytes: number;
}

/**
 * Removes what no longer can be asked for: entries that are not the newest of any name, objects no kept entry refers to, and
 * copies that a process began a day ago and never finished. Holds the store's lock, so that nothing is removed that another
 * process is just putting there.
 */
export async function collectGarbage(store: Store, { dryRun = false }: { dryRun?: boolean } = {}): Promise<Collected> {
  return withLock(join(store.folder, "lock"), async () => {
    const newest = await store.newest();
    const judged = (await store.entries()).map((entry) => ({ entry, kept: newest.has(entry.key) }));
    const used = new Set(judged.filter(({ kept }) => kept).flatMap(({ entry }) => Object.values(entry.files).map(({ sha256 }) => sha256)));
    const objects = await listObjects(join(store.folder, "objects"));
    const [left, gone] = [objects.filter(({ hash }) => used.has(hash)), objects.filter(({ hash }) => !used.has(hash))];
    const forgotten = judged.filter(({ kept }) => !kept);
    if (!dryRun) {
      // Entries first: a kill in between leaves objects nobody names, never an entry without its objects.
      for (const { entry } of forgotten) await rm(join(store.folder, "entries", `${entry.key}.json`), { force: true });
      for (const { hash } of gone) await rm(store.objectPath(hash), { force: true });
      await removeAbandoned(join(store.folder, "incoming"));
    }
    const sum = (list: readonly { bytes: number }[]): number => list.reduce((total, { bytes }) => total + bytes, 0);
    return { entries: forgotten.length, objects: gone.length, bytes: sum(gone), keptEntries: judged.length - forgotten.length, keptBytes: sum(left) };
  });
}

const dayMs = 86_400_000;

async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > dayMs) await rm(join(folder, name), { force: true });
  }
}

async function listObjects(folder: string): Promise<{ hash: string; bytes: number }[]> {
  const paths = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = paths.filter((entry) => entry.isFile());
  return Promise.all(files.map(async (entry) => ({ hash: entry.name, bytes: (await stat(join(entry.parentPath, entry.name))).size })));
}
