/** A mask as tests/golden/segmentation.py packs it: the bits of numpy.packbits in base64. */
export function unpack(packed: string, shape: readonly number[]): Uint8Array {
  const bytes = Buffer.from(packed, "base64");
  return Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
}
