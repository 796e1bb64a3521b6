import { BadFile } from "../core/index.js";
import type { ReadLimits } from "./bytes.js";
import { openSafetensors, type Tensor } from "./safetensors.js";
import { openShards } from "./safetensors-index.js";
import { sniff } from "./sniff.js";
import { openTorch, type TorchTensorInfo } from "./torch/torch.js";

/** Tensors by name, whatever file they come from. */
export interface TensorFile {
  /** `index`: several files laid out by an index file. */
  readonly format: "safetensors" | "torch" | "torch-legacy" | "torchscript" | "index";
  readonly tensors: readonly TorchTensorInfo[];
  /** Single numbers and texts beside the tensors. */
  readonly values: ReadonlyMap<string, string | number | boolean | null>;
  /** Names of tensors that share their numbers. */
  readonly shared: readonly (readonly string[])[];
  /** Reads one tensor and nothing else. */
  read(name: string): Promise<Tensor>;
}

/**
 * Opens a file of tensors, found by its contents: safetensors, an index over several, or what torch.save and
 * torch.jit.save write. Lists everything and reads no tensor.
 * @throws BadFile `unknown-format` for another type of file, and what {@link openSafetensors} and {@link openTorch} throw
 * @example (await openTensorFile("model.pth")).tensors.length // 218
 */
export async function openTensorFile(path: string, limits: ReadLimits = {}): Promise<TensorFile> {
  if (/\.json$/i.test(path)) return openShards(path, (shard) => openTensorFile(shard, limits), limits);
  const { type } = await sniff(path);
  if (type === "torch") return openTorch(path, limits);
  if (type !== "safetensors")
    throw new BadFile(
      "unknown-format",
      path,
      `is a ${type} file, which holds no named tensors`,
      "Give a safetensors or PyTorch file.",
    );
  const { tensors, metadata, read } = await openSafetensors(path, limits);
  return {
    format: "safetensors",
    tensors: tensors.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes })),
    values: metadata,
    shared: [],
    read,
  };
}
