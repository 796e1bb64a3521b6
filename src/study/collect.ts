import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { collectGarbage, tryLock, type Collected } from "../cache/index.js";
import { studyStore } from "./run-study.js";

export interface CollectedStudies extends Collected {
  /** Folders of attempts with a key that is no longer the newest of their run. */
  readonly folders: number;
  readonly folderBytes: number;
}

/**
 * Removes finished outputs that no run or report asks for any more, and the working folders of keys that are not the newest of
 * their run. What is newest, and what somebody is working on, stays.
 */
export async function collectStudies(root: string, { dryRun = false }: { dryRun?: boolean } = {}): Promise<CollectedStudies> {
  const store = studyStore(root);
  const collected = await collectGarbage(store, { dryRun });
  const kept = new Set([...(await store.newest())].map((key) => key.slice(0, 12)));
  let [folders, folderBytes] = [0, 0];
  for (const run of await runFolders(join(root, "runs"))) {
    const keys = await readdir(run).catch(() => []);
    const ages = await Promise.all(keys.map(async (key) => ({ key, changed: (await stat(join(run, key))).mtimeMs })));
    const latest = ages.sort((a, b) => b.changed - a.changed).at(0)?.key;
    for (const { key } of ages) {
      // The folder begun last may hold the checkpoint of a run that is not done yet.
      if (key === latest || kept.has(key)) continue;
      const lock = await tryLock(join(run, key, "lock"));
      if (lock === undefined) continue;
      folders++;
      folderBytes += await sizeOf(join(run, key));
      await lock.release();
      if (!dryRun) await rm(join(run, key), { recursive: true, force: true });
    }
  }
  return { ...collected, folders, folderBytes };
}

/** `runs/<study>/<run>` of every study; a study's name may hold slashes, a key's folder is known by its twelve digits. */
async function runFolders(runs: string): Promise<string[]> {
  const entries = await readdir(runs, { recursive: true, withFileTypes: true }).catch(() => []);
  return [...new Set(entries.filter((entry) => entry.isDirectory() && /^[0-9a-f]{12}$/.test(entry.name)).map((entry) => entry.parentPath))].sort();
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0))); // prettier-ignore
  return sizes.reduce((sum, size) => sum + size, 0);
}
