import { BadFile, InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { defaultMaxBytes, readRange, viewOf, withFile, type ReadLimits } from "./bytes.js";
import { converted, readable } from "./convert.js";
import { dtypeOf, storedArray, storedBytes, type DataArray, type Dtype } from "./dtype.js";
import { requireWithin } from "./problems.js";
import {
  headerLength,
  parseSafetensorsHeader,
  safetensorTypes,
  type SafetensorsHeader,
  type TensorInfo,
} from "./safetensors-header.js";

export interface Tensor {
  /** As stored; float16 and bfloat16 come as a Float32Array, bool as a Uint8Array of 0 and 1. */
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: DataArray;
}

export interface Safetensors extends SafetensorsHeader {
  /** Reads one tensor and nothing else. @throws BadFile `no-such-tensor`, `truncated-file`, `too-large` */
  read(name: string): Promise<Tensor>;
}

/**
 * Opens a safetensors file: reads and checks its header, and each tensor when asked for. No file stays open.
 * @throws BadFile `not-found`, `bad-header`, `truncated-file`, `unsupported`
 * @example
 * const weights = await openSafetensors("model.safetensors");
 * weights.tensors.map(({ name, shape }) => name); // ["conv1.weight", …]
 * (await weights.read("conv1.weight")).data;      // Float32Array(9408)
 */
export async function openSafetensors(path: string, { maxBytes = defaultMaxBytes }: ReadLimits = {}): Promise<Safetensors> {
  const header = await withFile(path, async (file, size) => {
    const length = headerLength(await readRange(file, path, 0, Math.min(8, size)), size, path);
    return parseSafetensorsHeader(await readRange(file, path, 8, length), size, path);
  });
  const byName = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const read = async (name: string): Promise<Tensor> => {
    const info = byName.get(name);
    if (info === undefined) throw noSuchTensor(path, name, header.tensors);
    requireWithin(path, `its tensor ${JSON.stringify(name)} takes`, info.bytes, maxBytes);
    const bytes = await withFile(path, (file) => readRange(file, path, info.start, info.bytes));
    return { dtype: info.dtype, shape: info.shape, data: readable(storedArray(bytes, info.dtype, true), info.dtype) };
  };
  return { ...header, read };
}

/** Every tensor of a file by name, in the order of the file. @throws BadFile as {@link openSafetensors} */
export async function readSafetensors(
  path: string,
  limits?: ReadLimits,
): Promise<{ tensors: Map<string, Tensor>; metadata: ReadonlyMap<string, string> }> {
  const file = await openSafetensors(path, limits);
  const tensors = new Map<string, Tensor>();
  for (const { name } of file.tensors) tensors.set(name, await file.read(name));
  return { tensors, metadata: file.metadata };
}

export interface TensorInput {
  readonly data: DataArray | readonly number[];
  readonly shape: readonly number[];
  /** As the array has it unless given; a plain array is stored as float32. */
  readonly dtype?: Dtype;
}

/**
 * Writes a safetensors file, atomically, laid out as the reference implementation lays it out: widest types first, then by name.
 * @throws InvalidValue for the reserved name or a number that an integer `dtype` cannot hold; ShapeMismatch
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorInput> | Readonly<Record<string, TensorInput>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** {@link writeSafetensors} to bytes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorInput> | Readonly<Record<string, TensorInput>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const list = [
    ...(tensors instanceof Map ? (tensors as ReadonlyMap<string, TensorInput>).entries() : Object.entries(tensors)),
  ]
    .map(([name, input]) => encoded(name, input))
    .sort(
      (a, b) => codes.indexOf(b.code) - codes.indexOf(a.code) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
    );
  let end = 0;
  const entries = list.map(
    ({ name, code, shape, bytes }) => [name, { dtype: code, shape, data_offsets: [end, (end += bytes.length)] }] as const,
  );
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = [...(sorted.length > 0 ? [["__metadata__", Object.fromEntries(sorted)] as const] : []), ...entries];
  const text = Buffer.from(`{${all.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`);
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " "); // padded, so that the numbers are aligned
  header.set(text, 8);
  viewOf(header).setBigUint64(0, BigInt(header.length - 8), true);
  return Buffer.concat([header, ...list.map(({ bytes }) => bytes)]);
}

const codes = Object.keys(safetensorTypes) as (keyof typeof safetensorTypes)[];

function encoded(
  name: string,
  { data, shape, dtype }: TensorInput,
): { name: string; code: keyof typeof safetensorTypes; shape: readonly number[]; bytes: Uint8Array } {
  if (name === "__metadata__") throw new InvalidValue("writeSafetensors", "no tensor may be named __metadata__", name);
  const type = dtype ?? (Array.isArray(data) ? "float32" : dtypeOf(data as DataArray));
  const count = shape.reduce((product, size) => product * size, 1);
  if (data.length !== count) throw new ShapeMismatch(`writeSafetensors: ${name}`, shape, [data.length], "Check the shape.");
  const bytes = storedBytes(converted(data, type, `writeSafetensors: ${name}`));
  return { name, code: codes.find((code) => safetensorTypes[code] === type)!, shape, bytes };
}

function noSuchTensor(path: string, name: string, tensors: readonly TensorInfo[]): BadFile {
  const some = tensors.slice(0, 3).map((tensor) => tensor.name).join(", "); // prettier-ignore
  return new BadFile(
    "no-such-tensor",
    path,
    `has no tensor ${JSON.stringify(name)}`,
    `It has ${tensors.length}: ${some}${tensors.length > 3 ? " …" : "."}`,
  );
}
