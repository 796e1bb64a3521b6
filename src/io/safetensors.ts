import { BadFile } from "../core/index.js";
import { defaultMaxBytes, readRange, withFile, type ReadLimits } from "./bytes.js";
import { readable } from "./convert.js";
import { storedArray, type DataArray, type Dtype } from "./dtype.js";
import { requireWithin } from "./problems.js";
import { headerLength, parseSafetensorsHeader, type SafetensorsHeader, type TensorInfo } from "./safetensors-header.js";

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

function noSuchTensor(path: string, name: string, tensors: readonly TensorInfo[]): BadFile {
  const some = tensors.slice(0, 3).map((tensor) => tensor.name).join(", "); // prettier-ignore
  return new BadFile(
    "no-such-tensor",
    path,
    `has no tensor ${JSON.stringify(name)}`,
    `It has ${tensors.length}: ${some}${tensors.length > 3 ? " …" : "."}`,
  );
}
