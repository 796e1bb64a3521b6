import { InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { ascii, readBytes, viewOf, type ReadLimits } from "./bytes.js";
import { converted, readable } from "./convert.js";
import { bytesPer, dtypeOf, storedArray, storedBytes, type DataArray, type Dtype } from "./dtype.js";
import { badHeader, truncated, unsupported } from "./problems.js";
import { rowMajor } from "./row-major.js";

export interface NpyArray {
  readonly shape: readonly number[];
  /** As stored; float16 comes as a Float32Array, bool as a Uint8Array of 0 and 1. */
  readonly dtype: Dtype;
  /** Row-major whatever the file's order: the last axis runs fastest. */
  readonly data: DataArray;
  /** Whether the file stores it the other way round. */
  readonly fortranOrder: boolean;
  readonly littleEndian: boolean;
}

/**
 * Reads a NumPy array file (`.npy`, format 1.0 to 3.0) of bool, int8 … int64, uint8 … uint64, float16/32/64, in either
 * byte order and either axis order.
 * Objects are refused: they are pickles, and reading a pickle runs whatever it says.
 *
 * @throws BadFile `not-found`, `bad-header`, `truncated-file`, `unsupported`, `too-large`
 * @example const { shape, dtype, data } = await readNpy("scores.npy"); // [160, 2], "float32", Float32Array(320)
 * @see numpy.lib.format, NumPy 2
 */
export async function readNpy(path: string, limits?: ReadLimits): Promise<NpyArray> {
  return parseNpy(await readBytes(path, limits), path);
}

/** {@link readNpy} on bytes; `name` is what errors call the file. May turn the bytes round in place. */
export function parseNpy(bytes: Uint8Array, name = "NPY data"): NpyArray {
  const { text, dataStart } = headerOf(bytes, name);
  const { descr, fortranOrder, shape } = fieldsOf(text, name);
  const { dtype, littleEndian } = dtypeFrom(descr, name);
  const count = shape.reduce((product, size) => product * size, 1);
  const end = dataStart + count * bytesPer[dtype];
  if (end > bytes.length) throw truncated(name, end, bytes.length);
  const stored = storedArray(bytes.subarray(dataStart, end), dtype, littleEndian);
  const ordered = fortranOrder ? rowMajor(stored, shape) : stored;
  return { shape, dtype, data: readable(ordered, dtype), fortranOrder, littleEndian };
}

export interface NpyInput {
  /** Row-major. */
  readonly data: DataArray | readonly number[];
  readonly shape: readonly number[];
  /** As the array has it unless given; a plain array is stored as float64. */
  readonly dtype?: Dtype;
}

/**
 * Writes a NumPy array file, atomically, byte for byte as NumPy writes it (format 1.0, little-endian, row-major).
 * @throws InvalidValue for a shape that is none or a number that an integer `dtype` cannot hold; ShapeMismatch
 */
export async function writeNpy(path: string, array: NpyInput): Promise<void> {
  await writeFileAtomic(path, encodeNpy(array));
}

/** {@link writeNpy} to bytes. */
export function encodeNpy({ data, shape, dtype }: NpyInput): Uint8Array {
  const type = dtype ?? (Array.isArray(data) ? "float64" : dtypeOf(data as DataArray));
  const descr = Object.keys(descriptions).find((key) => descriptions[key] === type);
  if (descr === undefined) throw new InvalidValue("writeNpy", "NumPy has no such dtype", type, "Use float32.");
  if (shape.length > 64 || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new InvalidValue("writeNpy", "the shape must be at most 64 whole numbers from 0", shape);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (data.length !== count) throw new ShapeMismatch("writeNpy: data", shape, [data.length], "Check the shape.");
  const order = bytesPer[type] === 1 ? "|" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${order}${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = Math.ceil((10 + text.length + 1) / 64) * 64; // so that the numbers are aligned
  const header = Buffer.from(`\x93NUMPY\x01\x00__${text.padEnd(padded - 11)}\n`, "latin1");
  header.writeUInt16LE(padded - 10, 8);
  return Buffer.concat([header, storedBytes(converted(data, type, "writeNpy"))]);
}

const descriptions: Readonly<Record<string, Dtype | undefined>> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** NumPy's own bound for a header it parses, and more than any array of numbers needs. */
const longestHeader = 10_000;

export function isNpy(bytes: Uint8Array): boolean {
  return ascii(bytes, 0, 6) === "\x93NUMPY";
}

function headerOf(bytes: Uint8Array, name: string): { text: string; dataStart: number } {
  if (!isNpy(bytes)) throw badHeader(name, "does not begin as an NPY file does", "Check that it is an NPY file.");
  const prefix = bytes[6] === 1 ? 10 : 12;
  if (bytes.length < prefix) throw truncated(name, prefix, bytes.length, "its header begins with");
  if (bytes[6] < 1 || bytes[6] > 3)
    throw unsupported(name, `has format ${bytes[6]}.${bytes[7]}; 1.0 to 3.0 can be read`, "Save it again with NumPy.");
  const length = bytes[6] === 1 ? viewOf(bytes).getUint16(8, true) : viewOf(bytes).getUint32(8, true);
  if (length > longestHeader) throw badHeader(name, `announces a header of ${length} bytes; ${longestHeader} are allowed`);
  const dataStart = prefix + length;
  if (dataStart > bytes.length) throw truncated(name, dataStart, bytes.length);
  return { text: ascii(bytes, prefix, dataStart), dataStart };
}

/** The three fields of the header, a Python dictionary of literals; anything else in it is refused. */
function fieldsOf(text: string, name: string): { descr: string; fortranOrder: boolean; shape: number[] } {
  const fields = new Map<string, string>();
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  const rest = body?.replace(
    /\s*(['"])(\w+)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\sL,]*\)|\[.*\])\s*(,|$)/gs,
    (_, __, key: string, value: string) => {
      fields.set(key, value);
      return "";
    },
  );
  const [descr, fortran, tuple] = ["descr", "fortran_order", "shape"].map((key) => fields.get(key));
  if (
    rest?.trim() !== "" ||
    fields.size !== 3 ||
    !descr ||
    !tuple?.startsWith("(") ||
    (fortran !== "True" && fortran !== "False")
  ) {
    throw badHeader(
      name,
      `its header ${JSON.stringify(text.trim().slice(0, 60))} is not {'descr': …, 'fortran_order': …, 'shape': (…)}`,
    );
  }
  if (descr.startsWith("["))
    throw unsupported(name, "holds records of several fields", "Save each field as an array of its own.");
  const shape = [...tuple.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (shape.length > 64 || !shape.every(Number.isSafeInteger)) throw badHeader(name, `announces the shape ${tuple}`);
  return { descr: descr.slice(1, -1), fortranOrder: fortran === "True", shape };
}

function dtypeFrom(descr: string, name: string): { dtype: Dtype; littleEndian: boolean } {
  if (/^[|<>=]?O/.test(descr)) {
    throw unsupported(
      name,
      "holds Python objects (a pickle), which are never read because reading runs them",
      "Save numbers, not objects.",
    );
  }
  const dtype = /^[|<>=]/.test(descr) ? descriptions[descr.slice(1)] : undefined;
  if (dtype === undefined)
    throw unsupported(name, `stores ${JSON.stringify(descr)}`, "Save it as bool, int, uint or float numbers.");
  return { dtype, littleEndian: descr[0] !== ">" };
}
