const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** IEEE 754 half precision, as its 16 bits, to a number; exact. @example fromHalf(0x3c00) // 1 */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A number to the nearest half, ties to even, beyond 65504 to infinity. @example toHalf(1) // 0x3c00 */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | nearestEven(size * 2 ** 24); // subnormal; 1024 is the first normal one
  const exponent = Math.floor(Math.log2(size));
  const safe = size < 2 ** exponent ? exponent - 1 : exponent; // log2 may round up
  return sign | (((safe + 15) << 10) + nearestEven((size / 2 ** safe - 1) * 1024)); // a carry raises the exponent
}

/** bfloat16, the upper half of a float32; exact. @example fromBfloat16(0x3f80) // 1 */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return float[0];
}

/** A number to the nearest bfloat16, ties to even. @example toBfloat16(1) // 0x3f80 */
export function toBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  float[0] = value;
  return ((bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16) & 0xffff;
}

function nearestEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

let halves: Float32Array | undefined;

/** {@link fromHalf} of a whole array, by a table of all 65,536. */
export function unpackHalves(stored: Uint16Array): Float32Array {
  const table = (halves ??= Float32Array.from({ length: 65536 }, (_, half) => fromHalf(half)));
  const out = new Float32Array(stored.length);
  for (let i = 0; i < out.length; i++) out[i] = table[stored[i]];
  return out;
}

/** {@link fromBfloat16} of a whole array. */
export function unpackBfloats(stored: Uint16Array): Float32Array {
  const out = new Uint32Array(stored.length);
  for (let i = 0; i < out.length; i++) out[i] = stored[i] << 16;
  return new Float32Array(out.buffer);
}

/** {@link toHalf} of a whole array, on its bits: several times faster than number by number. */
export function packHalves(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const sign = (words[i] >>> 16) & 0x8000;
    const size = words[i] & 0x7fffffff;
    if (size > 0x7f800000) out[i] = 0x7e00; // NaN
    else if (size >= 0x477ff000) out[i] = sign | 0x7c00; // from 65520
    else if (size < 0x38800000) out[i] = toHalf(values[i]); // subnormal
    else out[i] = sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  }
  return out;
}

/** {@link toBfloat16} of a whole array. */
export function packBfloats(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = (words[i] & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : (words[i] + 0x7fff + ((words[i] >>> 16) & 1)) >>> 16;
  }
  return out;
}
