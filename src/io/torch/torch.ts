import { BadFile } from "../../core/index.js";
import { defaultMaxBytes, readRange, withFile, type ReadLimits } from "../bytes.js";
import { readable } from "../convert.js";
import { bytesPer, storedArray } from "../dtype.js";
import { corrupt, requireWithin, truncated } from "../problems.js";
import type { Tensor } from "../safetensors.js";
import { isTorchArchive, openArchive } from "./archive.js";
import type { TorchContainer, TorchFormat } from "./container.js";
import { flatten, type TorchScalar } from "./flatten.js";
import { isTorchLegacy, openLegacy } from "./legacy.js";
import { contiguous, elementsOf, extentOf, isContiguous } from "./tensor.js";
import type { TorchTensor } from "./values.js";

export interface TorchTensorInfo {
  readonly name: string;
  readonly dtype: Tensor["dtype"];
  readonly shape: readonly number[];
  /** Once it is read, row by row. */
  readonly bytes: number;
}

export interface TorchFile {
  /** `torch`: torch.save since 1.6; `torch-legacy`: before; `torchscript`: torch.jit.save. */
  readonly format: TorchFormat;
  /** In the order of the file. */
  readonly tensors: readonly TorchTensorInfo[];
  /** Single numbers and texts beside the tensors, such as `epoch`. */
  readonly values: ReadonlyMap<string, TorchScalar>;
  /** Names of tensors that share their numbers, wholly or in part. */
  readonly shared: readonly (readonly string[])[];
  /** Reads one tensor and nothing else. @throws BadFile `no-such-tensor`, `truncated-file`, `too-large` */
  read(name: string): Promise<Tensor>;
}

/** A tensor whose indices overlap may take this much more than its storage has. */
const expansion = 2 ** 26;

/**
 * Opens what torch.save or torch.jit.save wrote (`.pt`, `.pth`, `.ckpt`, `.bin`): unpickles its description without
 * running anything and checks every tensor against its storage; the numbers are read when asked for.
 * @throws BadFile `not-found`, `refused-global` naming what is not plain data, `bad-header`, `corrupt-data`,
 *   `truncated-file`, `unsupported`, `too-large`
 * @example
 * const weights = await openTorch("resnet34-b627a593.pth");
 * weights.tensors[0];                         // { name: "conv1.weight", dtype: "float32", shape: [64, 3, 7, 7], bytes: 37632 }
 * (await weights.read("conv1.weight")).data;  // Float32Array(9408)
 */
export async function openTorch(path: string, { maxBytes = defaultMaxBytes }: ReadLimits = {}): Promise<TorchFile> {
  const container = await withFile(path, async (file, size) => {
    const head = await readRange(file, path, 0, Math.min(size, 512));
    if (isTorchLegacy(head)) return openLegacy(file, path, size);
    if (isTorchArchive(head)) return openArchive(file, path, size);
    throw new BadFile(
      "unknown-format",
      path,
      "is not what torch.save writes",
      "Check the file; folio inspect says what it is.",
    );
  });
  const { tensors, values } = flatten(container.roots, path);
  for (const [name, tensor] of tensors) requireStored(path, name, tensor, container);
  const infos = [...tensors].map(([name, { dtype, shape }]) => ({
    name,
    dtype,
    shape,
    bytes: elementsOf({ shape }) * bytesPer[dtype],
  }));
  const read = async (name: string): Promise<Tensor> => {
    const tensor = tensors.get(name);
    if (tensor === undefined)
      throw new BadFile(
        "no-such-tensor",
        path,
        `has no tensor ${JSON.stringify(name)}`,
        `It has ${tensors.size}; folio weights inspect lists them.`,
      );
    return readTensor(path, name, tensor, container, maxBytes);
  };
  return { format: container.format, tensors: infos, values, shared: sharedNames(tensors), read };
}

/** Every tensor of a file by name. @throws BadFile as {@link openTorch}, and `too-large` for all of them together */
export async function readTorch(
  path: string,
  { maxBytes = defaultMaxBytes }: ReadLimits = {},
): Promise<Map<string, Tensor>> {
  const file = await openTorch(path, { maxBytes });
  requireWithin(path, "holds tensors of", file.tensors.reduce((sum, { bytes }) => sum + bytes, 0), maxBytes); // prettier-ignore
  const tensors = new Map<string, Tensor>();
  for (const { name } of file.tensors) tensors.set(name, await file.read(name));
  return tensors;
}

function requireStored(path: string, name: string, { storage, dtype }: TorchTensor, container: TorchContainer): void {
  const stored = container.stored(storage);
  const what = `${JSON.stringify(name.slice(0, 80))}`;
  if (stored === undefined) throw corrupt(path, `lacks the numbers of its tensor ${what}`);
  const needed = storage.elements * (storage.dtype === undefined ? 1 : bytesPer[dtype]);
  if (stored < needed) throw truncated(path, needed, stored, `its tensor ${what} asks for`);
}

async function readTensor(
  path: string,
  name: string,
  tensor: TorchTensor,
  container: TorchContainer,
  maxBytes: number,
): Promise<Tensor> {
  const { storage, dtype, shape } = tensor;
  const size = bytesPer[dtype];
  const needed = elementsOf(tensor) * size;
  const span = extentOf(tensor) * size;
  const what = `its tensor ${JSON.stringify(name.slice(0, 80))} takes`;
  requireWithin(path, what, Math.max(needed, span), maxBytes);
  if (needed > span) requireWithin(path, what, needed, span + expansion);
  const bytes = await withFile(path, async (file) =>
    readRange(file, path, (await container.start(file, storage)) + tensor.offset * size, span),
  );
  const stored = storedArray(bytes, dtype, container.littleEndian);
  return { dtype, shape, data: readable(isContiguous(tensor) ? stored : contiguous(stored, tensor), dtype) };
}

function sharedNames(tensors: ReadonlyMap<string, TorchTensor>): string[][] {
  const byStorage = new Map<string, string[]>();
  for (const [name, { storage }] of tensors) {
    const names = byStorage.get(storage.key);
    if (names === undefined) byStorage.set(storage.key, [name]);
    else names.push(name);
  }
  return [...byStorage.values()].filter((names) => names.length > 1);
}
