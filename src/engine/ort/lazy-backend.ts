import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs";
import { Buffers } from "./buffers.js";
import type { Rule } from "./lowering/rule.js";
import { sizeOf, type Dtype } from "./lowering/rule.js";
import type { Executable } from "./program.js";
import { Programs } from "./programs.js";
import { Recorder, type Operand, type Recording } from "./recording.js";
import type { OrtTensor, Runtime, SessionOptions, TensorMap } from "./runtime.js";
import { arrayFor, Value, type Numbers } from "./value.js";

export interface LazyOptions extends SessionOptions {
  /** `"eager"` computes every kernel at once, so that an error shows where the operation was called. */
  readonly mode?: "lazy" | "eager";
  /** Compiled graphs kept at most. */
  readonly graphs?: number;
  /** Memory kept for later outputs at most, in bytes. */
  readonly spareBytes?: number;
}

/** Strings and complex numbers never reach a graph: they are kept as TensorFlow.js hands them over. */
interface Foreign {
  readonly values: BackendValues;
  readonly shape: readonly number[];
  readonly dtype: DataType;
  refs: number;
}

/** Kernel calls recorded at most before they are computed: a loop that reads nothing must not grow without end. */
const maximumRecorded = 20_000;
/** Values up to this length, when JavaScript makes them, are built into a graph until they change. */
const constantLength = 8;

/**
 * A TensorFlow.js backend that computes nothing until someone reads: kernel calls are recorded, and a flush compiles
 * what is still wanted into one ONNX graph, or finds the graph it compiled for the same recording before, and runs it.
 */
export class LazyBackend {
  readonly #values = new WeakMap<object, Value>();
  readonly #foreign = new WeakMap<object, Foreign>();
  readonly #recorder = new Recorder();
  readonly #programs: Programs;
  readonly #buffers: Buffers;
  #count = 0;
  readonly counters = { runs: 0, runMs: 0, graphsCompiled: 0, compileMs: 0, kernelsRecorded: 0 };
  /** Kernels that ran on TensorFlow.js's plain JavaScript instead, by name. */
  readonly elsewhere = new Map<string, number>();

  constructor(
    readonly runtime: Runtime,
    /** Fetches a tensor that another backend holds. */
    readonly adopt: (dataId: object) => void,
    readonly options: LazyOptions,
  ) {
    this.#programs = new Programs(options.graphs ?? 48);
    this.#buffers = new Buffers(options.spareBytes ?? 2 ** 29);
  }

  // What TensorFlow.js asks of a backend.

  write(values: BackendValues | null, shape: number[], dtype: DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  move(dataId: object, values: BackendValues | null, shape: number[], dtype: DataType, refs: number): void {
    this.#count++;
    if (dtype === "string" || dtype === "complex64") {
      this.#foreign.set(dataId, { values: values!, shape, dtype, refs });
      return;
    }
    const value = new Value(shape, dtype as Dtype);
    value.refs = refs;
    value.data = copyOf(values as ArrayLike<number> | null, value.dtype, sizeOf(shape));
    value.constant = value.data.length <= constantLength;
    this.#values.set(dataId, value);
  }

  async read(dataId: object): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  readSync(dataId: object): BackendValues {
    return this.#foreign.get(dataId)?.values ?? this.numbers(this.value(dataId)).slice();
  }

  disposeData(dataId: object, force = false): boolean {
    const holder = this.#values.get(dataId) ?? this.#foreign.get(dataId);
    if (holder === undefined) return true;
    holder.refs--;
    if (!force && holder.refs > 0) return false;
    holder.refs = 0;
    if (holder instanceof Value) this.#buffers.retire(holder);
    this.#values.delete(dataId);
    this.#foreign.delete(dataId);
    this.#count--;
    return true;
  }

  refCount(dataId: object): number {
    return (this.#values.get(dataId) ?? this.#foreign.get(dataId))?.refs ?? 0;
  }

  incRef(dataId: object): void {
    const holder = this.#foreign.get(dataId) ?? this.value(dataId);
    holder.refs++;
  }

  numDataIds(): number {
    return this.#count;
  }

  memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  floatPrecision(): 32 {
    return 32;
  }

  epsilon(): number {
    return 1e-7;
  }

  timerAvailable(): boolean {
    return true;
  }

  async time(work: () => void): Promise<{ kernelMs: number }> {
    this.flush();
    const started = performance.now();
    work();
    this.flush();
    return { kernelMs: performance.now() - started };
  }

  dispose(): void {
    this.#programs.dispose();
    this.#buffers.clear();
  }

  // What the kernels ask.

  value(dataId: object): Value {
    let value = this.#values.get(dataId);
    if (value === undefined) {
      this.adopt(dataId);
      value = this.#values.get(dataId)!;
    }
    return value;
  }

  isForeign(dataId: object): boolean {
    return this.#foreign.has(dataId);
  }

  /** The numbers of a value, computed now if they were not. Not a copy. */
  numbers(value: Value): Numbers {
    if (value.data === undefined && value.source !== undefined) this.flush();
    if (value.data === undefined) throw new Error(`This tensor was never computed: ${value.failure?.message ?? "its data was freed"}`);
    return value.data;
  }

  /** Records a kernel call; the result can be used at once. */
  record(kernel: string, rule: Rule, inputs: readonly (TensorInfo | undefined)[], attrs: unknown): TensorInfo[] {
    const operands = inputs.map((input): Operand | undefined =>
      input === undefined ? undefined : { value: this.value(input.dataId), shape: input.shape, dtype: input.dtype as Dtype });
    const values = this.#recorder.add(kernel, rule, operands, attrs);
    this.counters.kernelsRecorded++;
    const infos = values.map((value): TensorInfo => {
      const dataId = {};
      this.#values.set(dataId, value);
      this.#count++;
      return { dataId, shape: value.shape as number[], dtype: value.dtype };
    });
    if (this.options.mode === "eager" || this.#recorder.length >= maximumRecorded) this.flush();
    return infos;
  }

  /** Computes everything recorded that is still wanted. */
  flush(): void {
    if (this.#recorder.length === 0) return;
    const recording = this.#recorder.take();
    try {
      this.#compute(recording);
    } catch (error) {
      const failure = error as Error;
      for (const node of recording.nodes) for (const output of node.outputs) if (output.data === undefined) output.failure = failure;
      throw new Error(`ONNX Runtime could not compute a recorded step: ${failure.message}`, { cause: error });
    } finally {
      for (const node of recording.nodes) for (const output of node.outputs) output.source = undefined;
    }
  }

  #compute(recording: Recording): void {
    const program = this.#programs.find(recording);
    if (program.needed.length === 0) return;
    const started = performance.now();
    const executable = program.executable(recording, this.runtime, this.options, () => {
      this.counters.graphsCompiled++;
      this.counters.compileMs += performance.now() - started;
    });
    this.#run(executable, recording);
  }

  #run({ session, feeds, results }: Executable, { nodes, leaves }: Recording): void {
    const inputs: TensorMap = {};
    for (const { leaf, name } of feeds) inputs[name] = this.#tensor(leaves[leaf]);
    const wanted: Record<string, OrtTensor | null> = {};
    for (const { node, output, name } of results) wanted[name] = this.#buffers.take(nodes[node].outputs[output]);
    const started = performance.now();
    const computed = session.run(inputs, wanted);
    this.counters.runMs += performance.now() - started;
    this.counters.runs++;
    for (const { node, output, name } of results) {
      const value = nodes[node].outputs[output];
      value.tensor = wanted[name] ?? computed[name];
      value.data = value.tensor.data as Numbers;
      value.recyclable = true;
    }
    this.#buffers.runEnded();
  }

  #tensor(value: Value): OrtTensor {
    value.tensor ??= this.runtime.tensor(value.dtype, value.data!, value.shape);
    return value.tensor;
  }
}

/** Always a copy: recorded work may run after the caller has changed the array. */
function copyOf(values: ArrayLike<number> | null, dtype: Dtype, length: number): Numbers {
  const numbers = arrayFor(dtype, length);
  if (values !== null) numbers.set(values);
  return numbers;
}
