import { readdir } from "node:fs/promises";
import { BadFile } from "../../core/index.js";

/** Names in a folder, sorted by code unit, hidden ones left out; none when the folder is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith(".")).sort();
}

/** Sub-folders, sorted. @throws BadFile `not-found` when the folder is not there, `empty` when it has none */
export async function folders(folder: string, remedy: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new BadFile("not-found", folder, "does not exist", remedy, { cause });
  });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name).sort();
  if (names.length === 0) throw new BadFile("empty", folder, "holds no folder", remedy);
  return names;
}
