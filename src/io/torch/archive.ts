import type { FileHandle } from "node:fs/promises";
import { ascii, readRange } from "../bytes.js";
import { badHeader, unsupported } from "../problems.js";
import type { TorchContainer } from "./container.js";
import { storageOf, torchGlobal } from "./globals.js";
import { requirePickleWithin, unpickle } from "./pickle.js";
import { isKind, type TorchStorage, type TorchValue } from "./values.js";
import { storedStart, zipEntries, type ZipEntry } from "./zip.js";

/** Whether a file begins as torch.save and torch.jit.save begin a ZIP file. */
export function isTorchArchive(head: Uint8Array): boolean {
  if (ascii(head, 0, 4) !== "PK\x03\x04" || head.length < 30) return false;
  const name = ascii(head, 30, 30 + Math.min(256, head[26] + 256 * head[27]));
  return /^[^/]*\/(data\.pkl|constants\.pkl|version|byteorder|\.format_version|\.storage_alignment|data\/\d+|code\/.*|constants\/\d+)$/.test(
    name,
  );
}

/**
 * The ZIP form: `NAME/data.pkl`, the numbers in `NAME/data/0` …; a TorchScript archive also has `NAME/constants.pkl`.
 * @throws BadFile
 */
export async function openArchive(file: FileHandle, path: string, size: number): Promise<TorchContainer> {
  const entries = await zipEntries(file, path, size);
  const main = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (main.length !== 1)
    throw badHeader(path, `holds ${main.length} data.pkl, where a torch file has one`, "Check that torch.save wrote it.");
  const root = main[0].slice(0, -"data.pkl".length);
  const script = entries.has(`${root}constants.pkl`);
  const text = async (name: string): Promise<Uint8Array | undefined> => {
    const entry = entries.get(root + name);
    if (entry === undefined) return undefined;
    requirePickleWithin(path, entry.bytes);
    return readRange(file, path, await storedStart(file, path, entry), entry.bytes);
  };
  const order = Buffer.from((await text("byteorder")) ?? "little").toString("latin1");
  if (order !== "little" && order !== "big")
    throw unsupported(path, `has numbers of byte order ${JSON.stringify(order.slice(0, 20))}`, "Save it again.");
  // Both pickles number their storages from 0, each in a folder of its own.
  const read = async (pickle: string, folder: string): Promise<TorchValue> =>
    unpickle((await text(pickle)) ?? new Uint8Array(), path, {
      global: (module, name) => torchGlobal(module, name, path, script),
      persistent: (id, refuse) => {
        const storage = storageOf(id, refuse);
        return isKind(storage, "storage") ? { ...storage, key: `${folder}/${storage.key}` } : storage;
      },
    }).value;
  const data = { prefix: "", value: await read("data.pkl", "data") };
  const constants = script ? [{ prefix: "constants", value: await read("constants.pkl", "constants") }] : [];
  const entryOf = ({ key }: TorchStorage): ZipEntry | undefined => entries.get(root + key);
  return {
    format: script ? "torchscript" : "torch",
    roots: [data, ...constants],
    littleEndian: order === "little",
    stored: (storage) => entryOf(storage)?.bytes,
    start: (file, storage) => storedStart(file, path, entryOf(storage)!),
  };
}
