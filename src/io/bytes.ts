import { constants } from "node:buffer";
import { open, stat, type FileHandle } from "node:fs/promises";
import { BadFile } from "../core/index.js";
import { requireWithin, truncated } from "./problems.js";

/** No reader takes more than this unless its caller says so: 4 GiB, or what this Node can hold in one buffer. */
export const defaultMaxBytes: number = Math.min(2 ** 32, constants.MAX_LENGTH);

export interface ReadLimits {
  /** The most bytes a file may hold or unfold to; {@link defaultMaxBytes} unless given. */
  readonly maxBytes?: number;
}

/**
 * Opens a regular file for reading, hands it to `use`, and closes it whatever happens.
 * @throws BadFile `not-found`, `not-a-file` or `unreadable`, also for what goes wrong inside `use`
 */
export async function withFile<T>(path: string, use: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> {
  try {
    const status = await stat(path); // before open: opening a pipe would wait for a writer
    if (!status.isFile())
      throw new BadFile(
        "not-a-file",
        path,
        `is a ${status.isDirectory() ? "folder" : "device or pipe"}, not a file`,
        "Name a file inside it.",
      );
    const file = await open(path);
    try {
      return await use(file, status.size);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readingFailed(path, error);
  }
}

/** The whole file. @throws BadFile also `too-large`, before anything is read */
export async function readBytes(path: string, { maxBytes = defaultMaxBytes }: ReadLimits = {}): Promise<Uint8Array> {
  return withFile(path, async (file, size) => {
    requireWithin(path, "holds", size, maxBytes);
    return readRange(file, path, 0, size);
  });
}

/** Exactly `length` bytes from `start`, in a buffer of their own. @throws BadFile `truncated-file` */
export async function readRange(file: FileHandle, path: string, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer); // filled to the last byte or never handed out
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 2 ** 30), start + done);
    if (bytesRead === 0) throw truncated(path, start + length, start + done);
    done += bytesRead;
  }
  return bytes;
}

/** An operating-system error as one line; a FolioError passes through. */
function readingFailed(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT" || code === "ENOTDIR")
    return new BadFile("not-found", path, "there is no such file", "Check the path.", { cause: error });
  const remedy = code === "EACCES" || code === "EPERM" ? "Check its permissions." : "Check the disk and the path.";
  return new BadFile("unreadable", path, `cannot be read (${code})`, remedy, { cause: error });
}

/** Bytes as text of one byte a character: magic numbers, chunk names. */
export function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
