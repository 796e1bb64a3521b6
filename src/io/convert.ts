import { InvalidValue } from "../core/index.js";
import { dtypeOf, type DataArray, type Dtype, type NumberArray } from "./dtype.js";
import { packBfloats, packHalves, toBfloat16, toHalf, unpackBfloats, unpackHalves } from "./half.js";

interface IntegerRange {
  readonly array: (length: number) => Exclude<NumberArray, Float32Array | Float64Array>;
  readonly low: number;
  readonly high: number;
}

const integers: Partial<Record<Dtype, IntegerRange>> = {
  bool: { array: (length) => new Uint8Array(length), low: 0, high: 1 },
  int8: { array: (length) => new Int8Array(length), low: -128, high: 127 },
  uint8: { array: (length) => new Uint8Array(length), low: 0, high: 255 },
  int16: { array: (length) => new Int16Array(length), low: -32768, high: 32767 },
  uint16: { array: (length) => new Uint16Array(length), low: 0, high: 65535 },
  int32: { array: (length) => new Int32Array(length), low: -(2 ** 31), high: 2 ** 31 - 1 },
  uint32: { array: (length) => new Uint32Array(length), low: 0, high: 2 ** 32 - 1 },
};

/**
 * Numbers as an array of the stored type, 16-bit floats as their bits. Floats are rounded to the nearest;
 * an integer type takes only what it holds exactly.
 * @throws InvalidValue naming the first number that does not fit
 */
export function converted(data: DataArray | readonly number[], dtype: Dtype, where: string): DataArray {
  if (!Array.isArray(data) && dtypeOf(data as DataArray) === dtype) return data as DataArray;
  const refuse = (value: unknown, index: number): never => {
    throw new InvalidValue(
      where,
      `${dtype} cannot hold every number, index ${index}`,
      value,
      "Choose a wider dtype, or round and clip first.",
    );
  };
  if (dtype === "int64" || dtype === "uint64") return bigIntegers(data, dtype, refuse);
  const value = (i: number): number => Number(data[i]);
  const range = integers[dtype];
  if (range !== undefined) {
    const array = range.array(data.length);
    for (let i = 0; i < array.length; i++) {
      array[i] = value(i);
      if (array[i] !== value(i) || array[i] > range.high) refuse(data[i], i);
    }
    return array;
  }
  if (dtype === "float32") return Float32Array.from({ length: data.length }, (_, i) => value(i));
  if (dtype === "float64") return Float64Array.from({ length: data.length }, (_, i) => value(i));
  if (data instanceof Float32Array) return dtype === "float16" ? packHalves(data) : packBfloats(data);
  const pack = dtype === "float16" ? toHalf : toBfloat16;
  return Uint16Array.from({ length: data.length }, (_, i) => pack(value(i)));
}

function bigIntegers(
  data: DataArray | readonly number[],
  dtype: "int64" | "uint64",
  refuse: (value: unknown, index: number) => never,
): DataArray {
  const array = dtype === "int64" ? new BigInt64Array(data.length) : new BigUint64Array(data.length);
  for (let i = 0; i < array.length; i++) {
    const value = data[i];
    if (typeof value === "number" && !Number.isInteger(value)) refuse(value, i);
    array[i] = BigInt(value);
    if (array[i] !== BigInt(value)) refuse(value, i);
  }
  return array;
}

/** 16-bit floats from their bits as float32; every other array as it is. */
export function readable(stored: DataArray, dtype: Dtype): DataArray {
  if (dtype !== "float16" && dtype !== "bfloat16") return stored;
  return dtype === "float16" ? unpackHalves(stored as Uint16Array) : unpackBfloats(stored as Uint16Array);
}
