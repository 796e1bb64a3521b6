import { bytesPer, storedArray, type DataArray } from "../dtype.js";
import { isKind, type Refuse, type TorchTensor, type TorchValue } from "./values.js";

/**
 * A tensor from the arguments of `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …)`, checked to lie
 * within its storage.
 * @param type a `torch.dtype`, where the storage is of bytes
 */
export function tensorOf(
  [storage, offset, shape, stride]: readonly TorchValue[],
  refuse: Refuse,
  type?: TorchValue,
): TorchTensor {
  if (
    !isKind(storage, "storage") ||
    !isSizes([offset]) ||
    !isSizes(shape) ||
    !isSizes(stride) ||
    shape.length !== stride.length
  )
    throw refuse("describes a tensor wrongly");
  const dtype = isKind(type, "global") ? type.dtype : storage.dtype;
  if (dtype === undefined) throw refuse("holds a tensor without a type of number");
  const scale = storage.dtype === undefined ? bytesPer[dtype] : 1;
  const tensor: TorchTensor = { kind: "tensor", storage, dtype, offset: Number(offset), shape, stride };
  if (!Number.isSafeInteger(elementsOf(tensor) * 8)) throw refuse(`holds a tensor of shape [${shape.join(", ")}]`);
  const end = tensor.offset + extentOf(tensor);
  if (end * scale > storage.elements && elementsOf(tensor) > 0)
    throw refuse(`holds a tensor that ends at number ${end} of a storage of ${storage.elements / scale}`);
  return tensor;
}

function isSizes(value: TorchValue | undefined): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 64 &&
    value.every((size) => typeof size === "number" && Number.isSafeInteger(size) && size >= 0)
  );
}

/** Numbers in a tensor. */
export function elementsOf({ shape }: Pick<TorchTensor, "shape">): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Numbers of the storage from a tensor's first to its last; 0 when it has none. */
export function extentOf({ shape, stride }: Pick<TorchTensor, "shape" | "stride">): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((sum, size, axis) => sum + (size - 1) * stride[axis], 1);
}

/** Whether the numbers lie in the file as they are read, the last axis fastest. */
export function isContiguous({ shape, stride }: Pick<TorchTensor, "shape" | "stride">): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/**
 * A strided tensor in row-major order.
 * @param source the numbers from the tensor's first to its last
 * @example contiguous(Float32Array.of(1, 2, 3, 4), { shape: [2, 2], stride: [1, 2], dtype: "float32" }) // 1, 3, 2, 4
 */
export function contiguous(source: DataArray, tensor: Pick<TorchTensor, "shape" | "stride" | "dtype">): DataArray {
  const { shape, stride, dtype } = tensor;
  const count = elementsOf(tensor);
  const out = storedArray(new Uint8Array(count * bytesPer[dtype]), dtype, true) as Float64Array; // one type of array for both
  const from = source as Float64Array;
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < count; i++) {
    out[i] = from[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += stride[axis];
      if (++index[axis] < shape[axis]) break;
      at -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out as DataArray;
}
