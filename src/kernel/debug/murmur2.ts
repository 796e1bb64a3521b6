/**
 * MurmurHash2 (Austin Appleby, public domain), 32 bits, of a text's UTF-8 bytes: what Jupyter's front ends make a cell's name of.
 * @example murmur2("", 0) // 0
 */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf8");
  const m = 0x5bd1e995;
  let hash = (seed ^ bytes.length) >>> 0;
  let at = 0;
  for (; bytes.length - at >= 4; at += 4) {
    const mixed = Math.imul(bytes.readUInt32LE(at), m);
    hash = Math.imul(hash, m) ^ Math.imul(mixed ^ (mixed >>> 24), m);
  }
  if (at < bytes.length) {
    for (let i = bytes.length - 1; i >= at; i--) hash ^= bytes[i] << (8 * (i - at));
    hash = Math.imul(hash, m);
  }
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return (hash ^ (hash >>> 15)) >>> 0;
}
