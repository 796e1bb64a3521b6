export interface TarEntry {
  readonly name: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

/** Files of an uncompressed ustar archive; folders and links are left out. Enough for the archives that npm's Chromium brings. */
export function untar(archive: Uint8Array): TarEntry[] {
  const entries: TarEntry[] = [];
  const text = (from: number, length: number): string => Buffer.from(archive.buffer, archive.byteOffset + from, length).toString("utf8").replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12).trim() || "0", 8);
    const kind = text(at + 156, 1);
    const prefix = text(at + 345, 155);
    const name = `${prefix ? `${prefix}/` : ""}${text(at, 100)}`;
    if (kind === "0" || kind === "") {
      entries.push({ name, mode: Number.parseInt(text(at + 100, 8).trim() || "644", 8), data: archive.subarray(at + 512, at + 512 + size) });
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}
