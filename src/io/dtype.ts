import { endianness } from "node:os";

/** How one number is stored. `bool` is a byte, 0 or 1; `bfloat16` is the upper half of a float32. */
export type Dtype =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64";

export type NumberArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** What a reader hands out; 64-bit integers stay exact. */
export type DataArray = NumberArray | BigInt64Array | BigUint64Array;

export const bytesPer: Readonly<Record<Dtype, 1 | 2 | 4 | 8>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
};

const arrays = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float64: Float64Array,
};

type Stored = DataArray;

/**
 * Bytes of a file as an array of the stored type (16-bit floats as their bits), without a copy where alignment and byte
 * order allow. May turn the bytes round in place.
 */
export function storedArray(bytes: Uint8Array, dtype: Dtype, littleEndian: boolean): Stored {
  const size = bytesPer[dtype];
  // Small buffers of Node share one pool: a view would show the reader its neighbours' bytes.
  const own =
    bytes.byteOffset % size === 0 && bytes.buffer.byteLength - bytes.byteLength < 4096 ? bytes : new Uint8Array(bytes);
  if (littleEndian !== hostIsLittleEndian) swapBytes(own, size);
  return new arrays[dtype](own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / size);
}

/** An array as the bytes of a file, in a buffer of its own. */
export function storedBytes(array: Stored, littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();
  if (littleEndian !== hostIsLittleEndian) swapBytes(bytes, array.BYTES_PER_ELEMENT);
  return bytes;
}

/** The type an array is stored as when nobody says otherwise. */
export function dtypeOf(array: DataArray): Dtype {
  const name = array[Symbol.toStringTag] as string; // of a Buffer too "Uint8Array"
  if (name.startsWith("Big")) return name === "BigInt64Array" ? "int64" : "uint64";
  return name.replace(/(Clamped)?Array$/, "").toLowerCase() as Dtype;
}

const hostIsLittleEndian = endianness() === "LE";

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}
