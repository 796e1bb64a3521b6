import { open, type FileHandle } from "node:fs/promises";
import { BadFile } from "../../core/index.js";

const sharedStrings = 3; // SHT_STRTAB
const dynamicSection = 6; // SHT_DYNAMIC
const needed = 1n; // DT_NEEDED

/**
 * The shared libraries that a 64-bit little-endian ELF file asks the loader for, as its own dynamic section names them.
 *
 * @throws BadFile when it is no such file
 * @see System V ABI, ELF-64 object file format, §5 and §7
 */
export async function neededLibraries(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const header = await bytes(file, 0n, 64n);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      throw new BadFile("not-elf", path, "is no 64-bit ELF library", "Install the provider again.");
    const [start, size, count] = [header.readBigUInt64LE(40), BigInt(header.readUInt16LE(58)), header.readUInt16LE(60)];
    const table = await bytes(file, start, size * BigInt(count));
    const sections = Array.from({ length: count }, (_, i) => {
      const at = i * Number(size);
      return { type: table.readUInt32LE(at + 4), offset: table.readBigUInt64LE(at + 24), size: table.readBigUInt64LE(at + 32), link: table.readUInt32LE(at + 40) };
    });
    const dynamic = sections.find(({ type }) => type === dynamicSection);
    const strings = dynamic && sections[dynamic.link];
    if (dynamic === undefined || strings?.type !== sharedStrings) return [];
    const [entries, names] = [await bytes(file, dynamic.offset, dynamic.size), await bytes(file, strings.offset, strings.size)];
    const found: string[] = [];
    for (let at = 0; at + 16 <= entries.length; at += 16) {
      if (entries.readBigUInt64LE(at) !== needed) continue;
      const from = Number(entries.readBigUInt64LE(at + 8));
      found.push(names.toString("latin1", from, names.indexOf(0, from)));
    }
    return found;
  } finally {
    await file.close();
  }
}

async function bytes(file: FileHandle, from: bigint, length: bigint): Promise<Buffer> {
  const buffer = Buffer.alloc(Number(length));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, Number(from));
  return buffer.subarray(0, bytesRead);
}
