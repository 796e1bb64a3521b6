import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

interface SegmentSumCall {
  readonly inputs: { readonly x?: TensorInfo; readonly segmentIds?: TensorInfo };
  readonly attrs: { readonly numSegments: number };
  readonly backend: object;
}

/** Adds every row of x to the row of the output that its id names; a negative or too large id drops the row. */
export function unsortedSegmentSum({ inputs, attrs: { numSegments }, backend }: SegmentSumCall): ReturnType<KernelFunc> {
  const x = inputs.x!;
  const segmentIds = inputs.segmentIds!;
  const wasm = backend as BackendWasm;
  const output = wasm.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], x.dtype);
  const rows = wasm.typedArrayFromHeap(x);
  const ids = wasm.typedArrayFromHeap(segmentIds);
  const sums = wasm.typedArrayFromHeap(output).fill(0);
  const width = ids.length === 0 ? 0 : rows.length / ids.length;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] < 0 || ids[i] >= numSegments) continue;
    const to = ids[i] * width;
    for (let j = 0; j < width; j++) sums[to + j] += rows[i * width + j];
  }
  return output;
}
