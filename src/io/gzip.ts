import { promisify } from "node:util";
import { constants, gunzip, gunzipSync } from "node:zlib";
import { BadFile } from "../core/index.js";
import { corrupt, requireWithin, truncated } from "./problems.js";

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The first bytes of a gzip stream, to read a header from; fewer when the stream is shorter or damaged further on.
 * Only a small part of the packed bytes is looked at, so no stream, however packed, can make this slow.
 * @throws BadFile `corrupt-data` when not even the first bytes can be unpacked
 */
export function gunzipStart(packed: Uint8Array, wanted: number, name: string): Uint8Array {
  let best: Uint8Array = new Uint8Array(0);
  let failure: unknown;
  for (const length of [2048, 65536, 512, 128]) {
    try {
      const start = gunzipSync(packed.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
      if (start.length > best.length) best = start;
      if (best.length >= wanted || length >= packed.length) break;
    } catch (error) {
      failure = error; // damaged in this part: a shorter one may end before that
    }
  }
  if (best.length > 0 || failure === undefined) return best.subarray(0, wanted);
  throw corrupt(name, `its gzip stream is damaged (${(failure as Error).message})`, failure);
}

/** Beyond what its header announces, a file may hold this much: padding that some writers leave. */
const slack = 2 ** 20;

/**
 * Unpacks a gzip stream whose first bytes have told its size, with its checksum verified.
 * Memory is taken once, and never more than the size (and a MiB) asks for.
 * @throws BadFile `truncated-file`, `corrupt-data`, `too-large`
 */
export async function gunzipExactly(
  packed: Uint8Array,
  expected: number,
  name: string,
  maxBytes: number,
): Promise<Uint8Array> {
  requireWithin(name, "unpacks to", expected, maxBytes);
  // Deflate packs at best 1032 : 1, so a header may not announce more than the file could hold.
  if (expected > packed.length * 1032)
    throw truncated(name, Math.ceil(expected / 1032), packed.length, "its contents need at the least");
  const bytes = await unpack(packed, expected, name);
  if (bytes.length < expected) throw truncated(name, expected, bytes.length);
  return bytes.subarray(0, expected);
}

async function unpack(packed: Uint8Array, expected: number, name: string): Promise<Uint8Array> {
  try {
    const chunkSize = Math.max(64, Math.min(expected + 1, 2 ** 31 - 1));
    return await promisify(gunzip)(packed, { maxOutputLength: expected + slack, chunkSize } as Parameters<typeof gunzip>[1] &
      object);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR") {
      throw new BadFile("truncated-file", name, "its gzip stream ends too early", "Copy it again from the source.", {
        cause: error,
      });
    }
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw corrupt(name, `unpacks to more than the ${expected} bytes its header announces`, error);
    throw corrupt(name, `its gzip stream is damaged (${message})`, error);
  }
}
