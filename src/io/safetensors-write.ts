import { InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { viewOf } from "./bytes.js";
import { converted } from "./convert.js";
import { dtypeOf, storedBytes, type DataArray, type Dtype } from "./dtype.js";
import { safetensorTypes } from "./safetensors-header.js";

export interface TensorInput {
  readonly data: DataArray | readonly number[];
  readonly shape: readonly number[];
  /** As the array has it unless given; a plain array is stored as float32. */
  readonly dtype?: Dtype;
}

type Named<T> = ReadonlyMap<string, T> | Readonly<Record<string, T>>;
type Metadata = Readonly<Record<string, string>>;

/**
 * Writes a safetensors file, atomically, laid out as the reference implementation lays it out: widest types first, then by name.
 * @throws InvalidValue for the reserved name or a number that an integer `dtype` cannot hold; ShapeMismatch
 */
export async function writeSafetensors(path: string, tensors: Named<TensorInput>, metadata: Metadata = {}): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** {@link writeSafetensors} to bytes. */
export function encodeSafetensors(tensors: Named<TensorInput>, metadata: Metadata = {}): Uint8Array {
  const inputs = new Map(tensors instanceof Map ? (tensors as ReadonlyMap<string, TensorInput>) : Object.entries(tensors));
  const places = [...inputs].map(([name, input]) => ({ name, dtype: typeOf(input), shape: input.shape }));
  const { header, order } = layOut(places, metadata);
  return Buffer.concat([header, ...order.map((place) => bytesOf(place, inputs.get(place.name)!))]);
}

/** A tensor that is still to be read. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/**
 * {@link writeSafetensors} for files larger than memory: each tensor is read when its turn comes, and only one is held.
 * @param read called once a tensor, in the order of the file
 * @throws ShapeMismatch when a tensor read has another shape than announced, and what `read` throws; nothing is left behind then
 * @example await streamSafetensors("out.safetensors", file.tensors, (name) => file.read(name));
 */
export async function streamSafetensors(
  path: string,
  places: readonly TensorPlace[],
  read: (name: string) => Promise<TensorInput>,
  metadata: Metadata = {},
): Promise<void> {
  const { header, order } = layOut(places, metadata);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield header;
    for (const place of order) yield bytesOf(place, await read(place.name));
  }
  await writeFileAtomic(path, chunks());
}

function layOut(places: readonly TensorPlace[], metadata: Metadata): { header: Uint8Array; order: readonly TensorPlace[] } {
  const order = [...places].sort(
    (a, b) => codeIndex(b.dtype) - codeIndex(a.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  let end = 0;
  const entries = order.map(({ name, dtype, shape }) => {
    if (name === "__metadata__") throw new InvalidValue("writeSafetensors", "no tensor may be named __metadata__", name);
    const start = end;
    end += countOf(shape) * bytesPerElement(dtype);
    return [name, { dtype: codes[codeIndex(dtype)], shape, data_offsets: [start, end] }] as const;
  });
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = [...(sorted.length > 0 ? [["__metadata__", Object.fromEntries(sorted)] as const] : []), ...entries];
  const text = Buffer.from(`{${all.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`);
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " "); // padded, so that the numbers are aligned
  header.set(text, 8);
  viewOf(header).setBigUint64(0, BigInt(header.length - 8), true);
  return { header, order };
}

const codes = Object.keys(safetensorTypes) as (keyof typeof safetensorTypes)[];
const codeIndex = (dtype: Dtype): number => codes.findIndex((code) => safetensorTypes[code] === dtype);
const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const bytesPerElement = (dtype: Dtype): number => storedBytes(converted([0], dtype, "writeSafetensors")).length;
const typeOf = ({ data, dtype }: TensorInput): Dtype => dtype ?? (Array.isArray(data) ? "float32" : dtypeOf(data as DataArray));

function bytesOf({ name, dtype, shape }: TensorPlace, { data, shape: actual }: TensorInput): Uint8Array {
  if (data.length !== countOf(shape) || actual.join() !== shape.join())
    throw new ShapeMismatch(`writeSafetensors: ${name}`, shape, actual.join() === shape.join() ? [data.length] : actual, "Check the shape.");
  return storedBytes(converted(data, dtype, `writeSafetensors: ${name}`));
}
