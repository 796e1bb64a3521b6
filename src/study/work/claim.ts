import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { takeLock, type Lock } from "../../cache/index.js";
import { endLeftOver } from "./child.js";
import type { Job } from "./job.js";

/**
 * The right to work on a key, wherever else in the project the same key is wanted: two studies that share a run do it once, and
 * who comes second finds it in the store. A holder that died is followed at once, and what its program still does is ended first.
 * @throws Interrupted when the signal fires while another holds it
 */
export async function claimKey({ store, key }: Pick<Job, "store" | "key">, folder: string, signal: AbortSignal): Promise<Lock> {
  const claims = join(store, "claims");
  await mkdir(claims, { recursive: true });
  const lock = await takeLock(join(claims, `${key}.lock`), { signal });
  const note = join(claims, `${key}.folder`);
  const before = await readFile(note, "utf8").catch(() => undefined);
  if (before !== undefined && before !== folder) await endLeftOver(before);
  await writeFile(note, folder);
  return {
    lost: lock.lost,
    async release() {
      await rm(note, { force: true });
      await lock.release();
    },
  };
}
