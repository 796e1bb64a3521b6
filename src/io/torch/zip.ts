import type { FileHandle } from "node:fs/promises";
import { readRange, viewOf } from "../bytes.js";
import { badHeader, requireWithin, truncated, unsupported } from "../problems.js";

export interface ZipEntry {
  readonly name: string;
  /** Unpacked; the same as in the file where it is stored. */
  readonly bytes: number;
  readonly stored: boolean;
  /** Where its own header begins. */
  readonly at: number;
}

/** The largest directory that is read: half a million entries. */
const largestDirectory = 2 ** 26;

/**
 * The entries of a ZIP file by name, from the directory at its end; nothing is unpacked.
 * @throws BadFile `truncated-file`, `bad-header`, `unsupported`, `too-large`
 * @see PKWARE APPNOTE 6.3.10, §4.3
 */
export async function zipEntries(file: FileHandle, path: string, size: number): Promise<Map<string, ZipEntry>> {
  const { count, bytes, start } = await directoryPlace(file, path, size);
  requireWithin(path, "has a ZIP directory of", bytes, largestDirectory);
  if (start + bytes > size || count * 46 > bytes) throw badHeader(path, "has a ZIP directory that does not fit into it");
  const directory = Buffer.from((await readRange(file, path, start, bytes)).buffer);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes || directory.readUInt32LE(at) !== 0x02014b50)
      throw badHeader(path, `has no ZIP directory entry ${i + 1} of ${count}`);
    const [nameBytes, extraBytes, noteBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const end = at + 46 + nameBytes + extraBytes + noteBytes;
    if (end > bytes) throw badHeader(path, `has a ZIP directory entry ${i + 1} that does not end`);
    const entry = entryAt(directory.subarray(at, end), nameBytes, extraBytes, path);
    if (entries.has(entry.name)) throw badHeader(path, `holds ${JSON.stringify(entry.name.slice(0, 80))} twice`);
    if (entry.stored && entry.at + 30 + entry.bytes > start)
      throw truncated(path, entry.at + 30 + entry.bytes, start, `that ${JSON.stringify(entry.name.slice(0, 80))} needs`);
    entries.set(entry.name, entry);
    at = end;
  }
  return entries;
}

/** Where a stored entry's bytes begin. @throws BadFile `bad-header`, `unsupported`, `truncated-file` */
export async function storedStart(file: FileHandle, path: string, entry: ZipEntry): Promise<number> {
  if (!entry.stored)
    throw unsupported(
      path,
      `holds ${JSON.stringify(entry.name.slice(0, 80))} compressed or encrypted`,
      "Save it with torch.save.",
    );
  const header = viewOf(await readRange(file, path, entry.at, 30));
  if (header.getUint32(0, true) !== 0x04034b50)
    throw badHeader(path, `has no ZIP entry where its directory says ${JSON.stringify(entry.name.slice(0, 80))} is`);
  return entry.at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
}

interface Place {
  readonly count: number;
  readonly bytes: number;
  readonly start: number;
}

async function directoryPlace(file: FileHandle, path: string, size: number): Promise<Place> {
  const tailStart = Math.max(0, size - 65557); // its last record, behind which a comment of 65,535 bytes may stand
  const tail = Buffer.from((await readRange(file, path, tailStart, size - tailStart)).buffer);
  const at = tail.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (at < 0 || at + 22 > tail.length)
    throw badHeader(path, "has no ZIP directory at its end", "It was cut short; copy it again from the source.");
  const place = { count: tail.readUInt16LE(at + 10), bytes: tail.readUInt32LE(at + 12), start: tail.readUInt32LE(at + 16) };
  if (tail.readUInt16LE(at + 4) !== tail.readUInt16LE(at + 6))
    throw unsupported(path, "is one part of a ZIP file in several", "Join the parts.");
  const locator = at - 20;
  if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) return place;
  const wideAt = safe(tail.readBigUInt64LE(locator + 8), path);
  if (wideAt + 56 > size) throw badHeader(path, "has a ZIP64 directory that does not fit into it");
  const wide = Buffer.from((await readRange(file, path, wideAt, 56)).buffer);
  if (wide.readUInt32LE(0) !== 0x06064b50) throw badHeader(path, "has no ZIP64 directory where it says");
  return {
    count: safe(wide.readBigUInt64LE(32), path),
    bytes: safe(wide.readBigUInt64LE(40), path),
    start: safe(wide.readBigUInt64LE(48), path),
  };
}

function entryAt(record: Buffer, nameBytes: number, extraBytes: number, path: string): ZipEntry {
  const [flags, method] = [record.readUInt16LE(8), record.readUInt16LE(10)];
  const name = record.subarray(46, 46 + nameBytes).toString("utf8");
  const narrow = [24, 20, 42].map((field) => record.readUInt32LE(field)); // unpacked, packed, place
  const [bytes, packed, at] = widened(narrow, record.subarray(46 + nameBytes, 46 + nameBytes + extraBytes), path);
  if (method === 0 && bytes !== packed) throw badHeader(path, `holds ${JSON.stringify(name.slice(0, 80))} with two sizes`);
  return { name, bytes, stored: method === 0 && (flags & 1) === 0, at };
}

/** Numbers that do not fit into 32 bits stand in the ZIP64 extra field, in order. */
function widened(narrow: readonly number[], extra: Buffer, path: string): number[] {
  if (!narrow.includes(0xffffffff)) return [...narrow];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const end = next + extra.readUInt16LE(at + 2);
    return narrow.map((value) => {
      if (value !== 0xffffffff) return value;
      if (next + 8 > Math.min(end, extra.length)) throw badHeader(path, "has a ZIP64 entry without its size");
      return safe(extra.readBigUInt64LE((next += 8) - 8), path);
    });
  }
  throw badHeader(path, "has a ZIP64 entry without its size");
}

function safe(value: bigint, path: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badHeader(path, `has a ZIP directory that speaks of byte ${value}`);
  return Number(value);
}
