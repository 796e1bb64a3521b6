import { isOnDevice } from "./device-memory.js";
import type { OrtTensor } from "./runtime.js";
import type { Value } from "./value.js";

/**
 * Arrays of dead values, used again for the outputs of later runs: fresh memory costs a page fault for every 4 KB.
 * A value that dies may still be an input of what is recorded, so its array waits until the next run is over. Memory of a
 * GPU is freed then; ONNX Runtime keeps what it may use again.
 */
export class Buffers {
  readonly #free = new Map<string, OrtTensor[]>();
  #waiting: { key: string; tensor: OrtTensor }[] = [];
  #bytes = 0;

  constructor(readonly limitBytes: number) {}

  /** An array of that type and shape to write into, if one is free. */
  take(value: Value): OrtTensor | null {
    const tensor = this.#free.get(keyOf(value))?.pop();
    if (tensor === undefined) return null;
    this.#bytes -= bytesOf(tensor);
    return tensor;
  }

  /** Gives back the array of a value that nobody uses any more. */
  retire(value: Value): void {
    if (!value.recyclable || value.tensor === undefined) return;
    this.#waiting.push({ key: keyOf(value), tensor: value.tensor });
  }

  /** A run is over: what waited is free. */
  runEnded(): void {
    for (const { key, tensor } of this.#waiting) {
      if (isOnDevice(tensor)) {
        tensor.dispose();
        continue;
      }
      if (this.#bytes + bytesOf(tensor) > this.limitBytes) continue;
      const tensors = this.#free.get(key);
      if (tensors === undefined) this.#free.set(key, [tensor]);
      else tensors.push(tensor);
      this.#bytes += bytesOf(tensor);
    }
    this.#waiting = [];
  }

  clear(): void {
    for (const { tensor } of this.#waiting) if (isOnDevice(tensor)) tensor.dispose();
    this.#free.clear();
    this.#waiting = [];
    this.#bytes = 0;
  }
}

const keyOf = ({ dtype, shape }: Value): string => `${dtype}[${shape.join()}]`;
const bytesOf = (tensor: OrtTensor): number => (tensor.data as Float32Array).byteLength;
