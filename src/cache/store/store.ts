import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { createHash, type Hash } from "node:crypto";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sha256, sha256File, writeJsonAtomic } from "../../core/index.js";
import { withLock } from "../lock.js";
import { contentKey, type Entry, type Ingredients, type StoredFile } from "./entry.js";

/**
 * A content-addressed store of finished outputs: `objects/` by the hash of their bytes, `entries/` by the key of their
 * ingredients, `names/` points from a name to its newest entry. Every file appears whole or not at all; any number of
 * processes may read and write it at once.
 */
export interface Store {
  readonly folder: string;
  /** The entry of these ingredients, if all of its files are there. */
  find(key: string): Promise<Entry | undefined>;
  /** The newest entry of a name, for saying what changed since. */
  latest(name: string): Promise<Entry | undefined>;
  /**
   * Keeps files under their ingredients' key.
   * @param files where each lies now, by the path it is to have in the entry
   */
  put(name: string, ingredients: Ingredients, files: Readonly<Record<string, string>>, facts?: Entry["facts"]): Promise<Entry>;
  /**
   * Puts an entry's files where they belong; one that already lies there with the right bytes is left alone.
   * @returns false when an object is damaged or gone: the entry is then forgotten and must be made again
   */
  restore(entry: Entry, target: (path: string) => string): Promise<boolean>;
  /** Makes an entry that was put under another name the newest of this one too. */
  adopt(name: string, entry: Entry): Promise<void>;
  entries(): Promise<Entry[]>;
  /** Keys that are the newest of some name. */
  newest(): Promise<ReadonlySet<string>>;
  objectPath(hash: string): string;
}

export function openStore(folder: string): Store {
  const objectPath = (hash: string): string => join(folder, "objects", hash.slice(0, 2), hash);
  const entryPath = (key: string): string => join(folder, "entries", `${key}.json`);
  const namePath = (name: string): string => join(folder, "names", `${sha256(name).slice(0, 32)}.json`);
  const present = async ({ sha256: hash, bytes }: StoredFile): Promise<boolean> => (await stat(objectPath(hash)).catch(() => undefined))?.size === bytes;

  const find = async (key: string): Promise<Entry | undefined> => {
    const entry = await readEntry(entryPath(key));
    if (entry === undefined) return undefined;
    const there = await Promise.all(Object.values(entry.files).map(present));
    return there.every(Boolean) ? entry : undefined;
  };

  return {
    folder,
    objectPath,
    find,
    async latest(name) {
      const pointer = await readPointer(namePath(name));
      return pointer === undefined ? undefined : readEntry(entryPath(pointer.key));
    },
    async put(name, ingredients, files, facts = {}) {
      const key = contentKey(ingredients);
      const copies = await Promise.all(Object.entries(files).map(async ([path, from]) => ({ path, ...(await copyHashed(from, join(folder, "incoming", randomUUID()))) })));
      const stored = Object.fromEntries(copies.map(({ path, sha256: hash, bytes }) => [path, { sha256: hash, bytes }]));
      const entry: Entry = { schema: "folio.cache/1", key, name, ingredients, files: stored, facts };
      await withLock(join(folder, "lock"), async () => {
        for (const copy of copies) {
          await mkdir(dirname(objectPath(copy.sha256)), { recursive: true });
          await rename(copy.temporary, objectPath(copy.sha256));
        }
        await writeJsonAtomic(entryPath(key), entry);
        await writeJsonAtomic(namePath(name), { name, key });
      });
      return entry;
    },
    async restore(entry, target) {
      for (const [path, { sha256: hash }] of Object.entries(entry.files)) {
        const wanted = target(path);
        if ((await sha256File(wanted).catch(() => undefined)) === hash) continue;
        const copy = await copyHashed(objectPath(hash), `${wanted}.${randomUUID()}.tmp`).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOENT") throw error;
          return undefined;
        });
        if (copy?.sha256 === hash) await rename(copy.temporary, wanted);
        else {
          await Promise.all([copy && rm(copy.temporary), rm(objectPath(hash), { force: true }), rm(entryPath(entry.key), { force: true })]);
          return false;
        }
      }
      return true;
    },
    async adopt(name, { key }) {
      if ((await readPointer(namePath(name)))?.key !== key) await writeJsonAtomic(namePath(name), { name, key });
    },
    async newest() {
      const names = (await readdir(join(folder, "names")).catch(() => [])).filter((name) => name.endsWith(".json"));
      const pointers = await Promise.all(names.map((name) => readPointer(join(folder, "names", name))));
      return new Set(pointers.flatMap((pointer) => pointer?.key ?? []));
    },
    async entries() {
      const names = await readdir(join(folder, "entries")).catch(() => []);
      const found = await Promise.all(names.filter((name) => name.endsWith(".json")).map((name) => readEntry(join(folder, "entries", name))));
      return found.filter((entry) => entry !== undefined);
    },
  };
}

async function readPointer(path: string): Promise<{ readonly key: string } | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { key: string });
}

async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Entry;
  } catch {
    return undefined;
  }
}

/** Copies a file, on the way hashing what is really written, and makes it last. */
async function copyHashed(from: string, temporary: string): Promise<StoredFile & { readonly temporary: string }> {
  await mkdir(dirname(temporary), { recursive: true });
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    await pipeline(createReadStream(from), tap(hash, (n) => (bytes += n)), createWriteStream(temporary, { flags: "wx" }));
    const file = await open(temporary, "r+");
    await file.sync().finally(() => file.close());
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { temporary, sha256: hash.digest("hex"), bytes };
}

const tap = (hash: Hash, count: (bytes: number) => void): Transform =>
  new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      count(chunk.length);
      done(null, chunk);
    },
  });
