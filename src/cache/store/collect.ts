import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../lock.js";
import type { Entry } from "./entry.js";
import type { Store } from "./store.js";

export interface Collected {
  readonly entries: number;
  readonly objects: number;
  readonly bytes: number;
  readonly keptEntries: number;
  readonly keptBytes: number;
}

/**
 * Removes what no longer can be asked for: entries that `keep` does not want, and objects no kept entry refers to.
 * Holds the store's lock, so that nothing is removed that another process is just putting there.
 * @param keep by default each name's newest entry
 */
export async function collectGarbage(store: Store, { keep, dryRun = false }: { keep?: (entry: Entry, newest: boolean) => boolean; dryRun?: boolean } = {}): Promise<Collected> {
  const wants = keep ?? ((_: Entry, newest: boolean): boolean => newest);
  return withLock(join(store.folder, "lock"), async () => {
    const all = await store.entries();
    const judged = await Promise.all(all.map(async (entry) => ({ entry, kept: wants(entry, (await store.latest(entry.name))?.key === entry.key) })));
    const used = new Set(judged.filter(({ kept }) => kept).flatMap(({ entry }) => Object.values(entry.files).map(({ sha256 }) => sha256)));
    const objects = await listObjects(join(store.folder, "objects"));
    const [left, gone] = [objects.filter(({ hash }) => used.has(hash)), objects.filter(({ hash }) => !used.has(hash))];
    const forgotten = judged.filter(({ kept }) => !kept);
    if (!dryRun) {
      // Entries first: a kill in between leaves objects nobody names, never an entry without its objects.
      for (const { entry } of forgotten) await rm(join(store.folder, "entries", `${entry.key}.json`), { force: true });
      for (const { hash } of gone) await rm(store.objectPath(hash), { force: true });
    }
    const sum = (list: readonly { bytes: number }[]): number => list.reduce((total, { bytes }) => total + bytes, 0);
    return { entries: forgotten.length, objects: gone.length, bytes: sum(gone), keptEntries: judged.length - forgotten.length, keptBytes: sum(left) };
  });
}

async function listObjects(folder: string): Promise<{ hash: string; bytes: number }[]> {
  const paths = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = paths.filter((entry) => entry.isFile());
  return Promise.all(files.map(async (entry) => ({ hash: entry.name, bytes: (await stat(join(entry.parentPath, entry.name))).size })));
}
