import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { sha256, sha256File, writeJsonAtomic } from "../core/index.js";

/** Hashes files and folders by content, and remembers what it has read. */
export interface ContentHasher {
  /** One hash for a file, or for the names and contents of everything below a folder. */
  of(path: string): Promise<string>;
  /** Keeps what was learnt for the next process. */
  save(): Promise<void>;
}

interface Remembered {
  readonly sign: string;
  readonly hash: string;
}

/**
 * A hasher that does not read a file again whose size, inode, modification **and change** time stand as they stood: programs
 * can set the modification time of a file but not the time at which that was done. A file that changed within the last two
 * seconds is read anew next time, because another change could fall into the same tick of the clock.
 */
export async function contentHasher(memory: string, now: () => number = Date.now): Promise<ContentHasher> {
  const known = new Map<string, Remembered>(Object.entries(JSON.parse(await readFile(memory, "utf8").catch(() => "{}")) as Record<string, Remembered>));
  let learnt = false;
  const hashFile = async (path: string): Promise<string> => {
    const { size, mtimeNs, ctimeNs, ctimeMs, ino } = await stat(path, { bigint: true });
    const sign = [size, mtimeNs, ctimeNs, ino].join(" ");
    const before = known.get(path);
    if (before?.sign === sign) return before.hash;
    const hash = await sha256File(path);
    if (Math.abs(now() - Number(ctimeMs)) > 2000) {
      known.set(path, { sign, hash });
      learnt = true;
    }
    return hash;
  };
  return {
    async of(path) {
      if (!(await stat(path)).isDirectory()) return hashFile(path);
      const entries = await readdir(path, { withFileTypes: true, recursive: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
      const lines: string[] = [];
      for (const file of files) lines.push(`${relative(path, file).replaceAll("\\", "/")}\0${await hashFile(file)}`);
      return sha256(lines.join("\0"));
    },
    async save() {
      if (learnt) await writeJsonAtomic(memory, Object.fromEntries(known));
      learnt = false;
    },
  };
}
