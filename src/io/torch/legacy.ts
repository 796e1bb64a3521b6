import type { FileHandle } from "node:fs/promises";
import { BadFile } from "../../core/index.js";
import { readRange, viewOf } from "../bytes.js";
import { bytesPer } from "../dtype.js";
import { badHeader, corrupt, truncated, unsupported } from "../problems.js";
import type { TorchContainer } from "./container.js";
import { storageOf, torchGlobal } from "./globals.js";
import { longestPickle, unpickle, type PickleRules } from "./pickle.js";
import { isKind, type TorchStorage, type TorchValue } from "./values.js";

/** A pickle of protocol 2 that holds the number 0x1950a86a20f9469cfc6c. */
const magic = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");
const version = 1001;

/** Whether a file begins as torch.save did before version 1.6. */
export function isTorchLegacy(head: Uint8Array): boolean {
  return magic.every((byte, at) => head[at] === byte);
}

/**
 * The form before version 1.6: five pickles (magic number, version, system, what was saved, keys of the storages), then
 * each storage's count and numbers.
 * @throws BadFile
 */
export async function openLegacy(file: FileHandle, path: string, size: number): Promise<TorchContainer> {
  const storages = new Map<string, TorchStorage>();
  const plain: PickleRules = {
    global: (module, name) => torchGlobal(module, name, path, false),
    persistent: (_, refuse) => {
      throw refuse("keeps something outside where nothing may be");
    },
  };
  const withStorages: PickleRules = {
    ...plain,
    persistent: (id, refuse) => {
      const storage = storageOf(id, refuse);
      if (!isKind(storage, "storage")) return storage;
      const { dtype } = storages.get(storage.key) ?? storage;
      if (dtype === undefined || dtype !== storage.dtype) throw refuse("has a storage of two types or of none");
      storages.set(storage.key, storage);
      return storage;
    },
  };
  let at = magic.length;
  const next = async (rules: PickleRules): Promise<TorchValue> => {
    const { value, length } = await pickleAt(file, path, at, size, rules);
    at += length;
    return value;
  };
  const found = await next(plain);
  if (found !== version)
    throw unsupported(
      path,
      `is of the legacy torch version ${String(found).slice(0, 20)}, not ${version}`,
      "Save it again with a current PyTorch.",
    );
  const system = await next(plain);
  if (!(system instanceof Map)) throw badHeader(path, "does not say on what system it was saved");
  const value = await next(withStorages);
  const keys = await next(plain);
  if (!Array.isArray(keys)) throw badHeader(path, "has no list of its storages");
  const places = await storagePlaces(file, path, { at, size, keys, storages });
  return {
    format: "torch-legacy",
    roots: [{ prefix: "", value }],
    littleEndian: system.get("little_endian") !== false,
    stored: ({ key, offset, dtype }) => (places.has(key) ? places.get(key)!.bytes - offset * bytesPer[dtype!] : undefined),
    start: (_, { key, offset, dtype }) => Promise.resolve(places.get(key)!.start + offset * bytesPer[dtype!]),
  };
}

/** A pickle whose length only its end tells: more is read until it has one. */
async function pickleAt(
  file: FileHandle,
  path: string,
  at: number,
  size: number,
  rules: PickleRules,
): Promise<{ value: TorchValue; length: number }> {
  for (let window = 2 ** 16; ; window *= 8) {
    const length = Math.min(window, size - at, longestPickle);
    const last = length < window;
    try {
      return unpickle(await readRange(file, path, at, length), path, rules);
    } catch (error) {
      if (last || !(error instanceof BadFile) || error.code !== "truncated-file") throw error;
    }
  }
}

interface StorageList {
  readonly at: number;
  readonly size: number;
  readonly keys: readonly TorchValue[];
  readonly storages: ReadonlyMap<string, TorchStorage>;
}

async function storagePlaces(
  file: FileHandle,
  path: string,
  { at, size, keys, storages }: StorageList,
): Promise<Map<string, { start: number; bytes: number }>> {
  const places = new Map<string, { start: number; bytes: number }>();
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined || places.has(storage.key))
      throw corrupt(path, "lists a storage twice, or one that no tensor has");
    if (at + 8 > size) throw truncated(path, at + 8, size, "its list of storages asks for");
    const count = viewOf(await readRange(file, path, at, 8)).getBigUint64(0, true);
    const bytes = Number(count) * bytesPer[storage.dtype!];
    if (at + 8 + bytes > size) throw truncated(path, at + 8 + bytes, size, "its list of storages asks for");
    places.set(storage.key, { start: at + 8, bytes });
    at += 8 + bytes;
  }
  return places;
}
