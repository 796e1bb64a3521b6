import { BadFile } from "../core/index.js";
import { readSafetensors, writeSafetensors } from "../io/index.js";
import type { NamedArray } from "./named.js";

/** What a checkpoint holds: tensors by name, and everything else as text. */
export interface Checkpoint {
  readonly arrays: ReadonlyMap<string, NamedArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes a checkpoint whole or not at all, as a safetensors file of float32 tensors that Python can open too. */
export async function writeCheckpoint(path: string, { arrays, metadata }: Checkpoint): Promise<void> {
  await writeSafetensors(path, arrays, { format: "pt", ...metadata });
}

/**
 * Reads what {@link writeCheckpoint} wrote.
 * @throws BadFile when the file is missing, cut short, or holds other than float32 tensors
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const arrays = new Map<string, NamedArray>();
  for (const [name, { data, shape }] of tensors) {
    if (!(data instanceof Float32Array))
      throw new BadFile(
        "unsupported",
        path,
        `tensor ${name} is not of float32`,
        "Give a checkpoint that folio train wrote.",
      );
    arrays.set(name, { shape, data });
  }
  return { arrays, metadata: Object.fromEntries(metadata) };
}
