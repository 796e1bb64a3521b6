import type { FileHandle } from "node:fs/promises";
import type { TorchStorage, TorchValue } from "./values.js";

export type TorchFormat = "torch" | "torch-legacy" | "torchscript";

/** Where a file keeps what its pickle speaks of. */
export interface TorchContainer {
  readonly format: TorchFormat;
  /** What was saved, and what a TorchScript archive keeps beside it. */
  readonly roots: readonly { readonly prefix: string; readonly value: TorchValue }[];
  readonly littleEndian: boolean;
  /** Bytes that a storage has in the file. */
  readonly stored: (storage: TorchStorage) => number | undefined;
  /** Where a storage's first byte lies in the file. */
  readonly start: (file: FileHandle, storage: TorchStorage) => Promise<number>;
}
