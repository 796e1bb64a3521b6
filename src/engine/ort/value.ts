import type { OrtTensor } from "./runtime.js";
import type { Dtype } from "./lowering/rule.js";
import type { RecordedNode } from "./recording.js";

export type Numbers = Float32Array | Int32Array | Uint8Array;

/** The data behind one or more tensors: numbers, or a promise of them in the form of a recorded node. */
export class Value {
  /** Tensors that use it; at 0 nobody will ever ask for it again. */
  refs = 1;
  /** Row-major, once known; fetched when someone asks where the numbers lie on a GPU. */
  data?: Numbers;
  /** The numbers as ONNX Runtime sees them; made when first needed, kept as long as the data. */
  tensor?: OrtTensor;
  /** How often a graph has read it from an array. */
  timesFed = 0;
  /** What will compute it, until then. */
  source?: { readonly node: RecordedNode; readonly output: number };
  /** Few numbers that JavaScript made: worth building into a graph as long as they do not change. */
  constant = false;
  /** Whether `data` was written by a run and may be written again when nobody uses it any more. */
  recyclable = false;
  /** Counts how often `data` was written anew in place, as replayed steps and updates outside the graph do. */
  version = 0;
  /** Why it will never be known. */
  failure?: Error;
  /** Its number among the inputs of the recording that is being read; valid while `stamp` is that recording's. */
  leaf = 0;
  stamp = 0;

  /** Whether its numbers were computed or given, wherever they lie. */
  get known(): boolean {
    return this.data !== undefined || this.tensor !== undefined;
  }

  constructor(
    readonly shape: readonly number[],
    readonly dtype: Dtype,
  ) {}
}

export function arrayFor(dtype: Dtype, length: number): Numbers {
  return dtype === "float32" ? new Float32Array(length) : dtype === "int32" ? new Int32Array(length) : new Uint8Array(length);
}
