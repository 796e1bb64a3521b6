import { totalmem } from "node:os";
import type { BackendValues, DataType, Tensor, TensorInfo } from "@tensorflow/tfjs";
import { UsageError } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";
import { Buffers } from "./buffers.js";
import { Capture } from "./capture.js";
import { DeviceMemory, isOnDevice } from "./device-memory.js";
import { sizeOf, type Dtype, type Rule } from "./lowering/rule.js";
import type { Executable } from "./program.js";
import { Programs } from "./programs.js";
import { Recorder, type Operand, type Recording } from "./recording.js";
import type { CompileOptions } from "./compile-options.js";
import type { OrtTensor, Runtime, TensorMap } from "./runtime.js";
import { AdamUpdates } from "./update/adam-update.js";
import { arrayFor, Value, type Numbers } from "./value.js";

export interface LazyOptions extends CompileOptions {
  /** `"eager"` computes every kernel at once, so that an error shows where the operation was called. */
  readonly mode?: "lazy" | "eager";
  /** Compiled graphs kept at most. */
  readonly graphs?: number;
  /** Working memory of compiled graphs kept at most, in bytes; half of the machine's memory unless said otherwise. */
  readonly graphBytes?: number;
  /** `"fixed"` builds the weights of matrix products into the graphs, see {@link packableLeaves}. */
  readonly weights?: "fixed" | "variable";
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

/** A value and the input or output of a graph it stands for. */
export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

/** What a flush computed, and with which graph. */
export interface Computed {
  readonly executable: Executable;
  readonly recording: Recording;
}

const reading = "it reads a tensor";
/** Kernel calls recorded at most before they are computed: a loop that reads nothing must not grow without end. */
const maximumRecorded = 20_000;
/** Values up to this length, when JavaScript makes them, are built into a graph until they change. */
const constantLength = 8;
/** Shorter arrays are handed to a GPU at every run: some change without notice, such as a learning rate. */
const leastUploaded = 64;

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
  readonly #updates: AdamUpdates;
  /** Where results stay when the provider's memory can be held on to. */
  readonly device?: DeviceMemory;
  #count = 0;
  readonly runtime: Runtime;
  readonly counters = { runs: 0, runMs: 0, graphsCompiled: 0, compileMs: 0, kernelsRecorded: 0, stepsReplayed: 0, updatesOutsideGraph: 0, weightsPacked: 0, chainsFused: 0 };
  /** The call that is being captured for replay, see `replay.ts`. */
  #capture?: Capture;
  /** Kernels that ran on TensorFlow.js's plain JavaScript instead, by name. */
  readonly elsewhere = new Map<string, number>();
  /** Calls of steps that were recorded and not replayed, by the reason. */
  readonly recordedSteps = new Map<string, number>();

  constructor(
    runtime: Runtime,
    /** Fetches a tensor that another backend holds. */
    readonly adopt: (dataId: object) => void,
    readonly options: LazyOptions,
  ) {
    // Half, since the estimate is high: with twelve graphs of a training that count as 9.2 GB the whole process stood at 4.2. Graphs that
    // are used in turn and do not all fit are compiled anew at every turn.
    this.#programs = new Programs({ programs: options.graphs ?? 48, bytes: options.graphBytes ?? totalmem() / 2 }, options.weights);
    this.#buffers = new Buffers(options.spareBytes ?? 2 ** 29);
    if (options.keepsOnDevice) this.device = new DeviceMemory(runtime, options);
    this.runtime = this.device?.runtime ?? runtime;
    this.#updates = new AdamUpdates(runtime);
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
    this.#capture?.made.add(value);
    this.#values.set(dataId, value);
  }

  async read(dataId: object): Promise<BackendValues> {
    const { queue } = this.runtime;
    if (queue === undefined || this.#foreign.has(dataId)) return this.readSync(dataId);
    const value = this.value(dataId);
    this.#capture?.spoil(reading);
    if (value.source !== undefined) this.flush();
    await queue.settled();
    return this.numbers(value).slice();
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
    this.#buffers.clear();
    this.device?.clear();
    this.#programs.dispose();
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

  /** The value behind a tensor if this backend holds it. */
  peek(dataId: object): Value | undefined {
    return this.#values.get(dataId);
  }

  isForeign(dataId: object): boolean {
    return this.#foreign.has(dataId);
  }

  /** The numbers of a value, computed now if they were not. Not a copy. */
  numbers(value: Value): Numbers {
    this.#capture?.spoil(reading);
    this.settle(value);
    value.data ??= this.device!.download(value.tensor!);
    return value.data;
  }

  /** Sees to it that a value is computed, wherever its numbers then lie. */
  settle(value: Value): void {
    if (!value.known && value.source !== undefined) this.flush();
    if (!value.known && value.failure === undefined && this.runtime.queue !== undefined)
      throw new UsageError(
        "This engine was opened with asynchronous runs, and the numbers of a tensor are asked for at once: read with await t.data(), not dataSync(). Kernels that ONNX does not have need them, too.",
      );
    if (!value.known) throw new Error(`This tensor was never computed: ${value.failure?.message ?? "its data was freed"}`);
  }

  /** Records a kernel call; the result can be used at once. */
  record(kernel: string, rule: Rule, inputs: readonly (TensorInfo | undefined)[], attrs: unknown): TensorInfo[] {
    const operands = inputs.map((input): Operand | undefined =>
      input === undefined ? undefined : { value: this.value(input.dataId), shape: input.shape, dtype: input.dtype as Dtype },
    );
    const values = this.#recorder.add(kernel, rule, operands, attrs);
    this.counters.kernelsRecorded++;
    const infos = values.map((value) => this.publish(value));
    if (this.options.mode === "eager" || this.#recorder.length >= maximumRecorded) this.flush();
    return infos;
  }

  /** The value behind a tensor made by {@link write}, which is asked anew each time a captured step is replayed. */
  makeLive(dataId: object, read: () => number): void {
    const value = this.value(dataId);
    value.constant = false;
    this.#capture?.live.set(value, read);
  }

  /** Zeros that are known at once and take no memory until someone writes there: what an optimizer starts from. */
  zeros(tf: TensorFlow, shape: number[]): Tensor {
    return tf.engine().makeTensorFromTensorInfo({ dataId: this.write(null, shape, "float32"), shape, dtype: "float32" });
  }

  /** Watches the calls until {@link endCapture}; steps inside are computed together. */
  beginCapture(): Capture {
    this.flush();
    this.#capture = new Capture();
    return this.#capture;
  }

  countRecordedStep(reason: string): void {
    this.recordedSteps.set(reason, (this.recordedSteps.get(reason) ?? 0) + 1);
  }

  /** Computes what was captured; undefined when that was nothing. */
  endCapture(): Computed | undefined {
    this.#capture = undefined;
    return this.flush();
  }

  get capture(): Capture | undefined {
    return this.#capture;
  }

  /** The end of an optimizer's step: everything recorded may be computed now, unless the step is part of a larger one. */
  endStep(): void {
    if (this.#capture === undefined) this.flush();
  }

  /** Hands over what was recorded without computing it; its tensors never get numbers. */
  takeRecording(): Recording {
    const recording = this.#recorder.take();
    const failure = new Error("it was recorded for export and not computed");
    for (const { outputs } of recording.nodes) {
      for (const output of outputs) {
        output.source = undefined;
        output.failure = failure;
      }
    }
    return recording;
  }

  /** Computes everything recorded that is still wanted; on an asynchronous runtime, sees to it that it will be. */
  flush(): Computed | undefined {
    if (this.#recorder.length === 0) return undefined;
    this.#capture?.spoil("it is computed in pieces");
    const recording = this.#recorder.take();
    const fail = (error: unknown): Error => {
      const failure = new Error(`ONNX Runtime could not compute a recorded step: ${(error as Error).message}`, { cause: error });
      for (const node of recording.nodes) for (const output of node.outputs) if (!output.known) output.failure = failure;
      return failure;
    };
    try {
      const prepared = this.#prepareRun(recording);
      if (prepared === undefined) return undefined;
      const { executable, feeds, results } = prepared;
      // What fails later is told by the tensors that it leaves without numbers.
      if (this.runtime.queue !== undefined) this.runtime.queue.add(() => this.#runLater(executable, feeds, results)).catch(fail);
      else this.run(executable, feeds, results);
      return { executable, recording };
    } catch (error) {
      throw fail(error);
    } finally {
      for (const node of recording.nodes) for (const output of node.outputs) output.source = undefined;
    }
  }

  /** The graph of a recording and the values it runs from and to; undefined when nobody wants any of it. */
  #prepareRun(recording: Recording) {
    const program = this.#programs.find(recording);
    if (program.needed.length === 0) return undefined;
    const started = performance.now();
    const executable = program.executable(recording, this.runtime, this.options, ({ packed, fused }) => {
      this.counters.chainsFused += fused;
      this.counters.weightsPacked += packed.length;
      this.counters.graphsCompiled++;
      this.counters.compileMs += performance.now() - started;
    });
    const { nodes, leaves } = recording;
    return {
      executable,
      feeds: executable.feeds.map(({ leaf, name }) => ({ name, value: leaves[leaf] })),
      results: executable.results.map(({ node, output, name }) => ({ name, value: nodes[node].outputs[output] })),
    };
  }

  /** Runs a compiled graph from known values, and gives each result's value its new numbers. */
  run({ program, session, updates, besideGraph }: Executable, feeds: readonly NamedValue[], results: readonly NamedValue[]): void {
    this.#programs.used(program);
    const prepared = this.#prepare(updates, feeds, results);
    const inputs: TensorMap = {};
    for (const { name, value } of feeds) if (!besideGraph.has(name)) inputs[name] = this.#fed(value);
    const wanted: Record<string, OrtTensor | null> = {};
    for (const { name, value } of results) if (!besideGraph.has(name)) wanted[name] = this.device === undefined ? this.#buffers.take(value) : null;
    for (const { gradients } of prepared) for (const [name, tensor] of gradients) wanted[name] = tensor;
    const started = performance.now();
    const computed = session.run(inputs, wanted) as TensorMap;
    for (const { finish } of prepared) finish();
    this.counters.updatesOutsideGraph += prepared.length;
    this.#ran(started);
    for (const { name, value } of results) {
      if (besideGraph.has(name)) continue;
      this.#buffers.retire(value); // a variable that a replayed step has written before
      receive(value, wanted[name] ?? computed[name]);
      value.recyclable = this.device === undefined || isOnDevice(value.tensor!);
    }
    this.#buffers.runEnded();
  }

  /** The same on an asynchronous runtime, where no arrays are used again: what still reads them is not known. */
  async #runLater({ program, session }: Executable, feeds: readonly NamedValue[], results: readonly NamedValue[]): Promise<void> {
    this.#programs.used(program);
    const inputs: TensorMap = {};
    for (const { name, value } of feeds) {
      if (value.data === undefined) throw value.failure ?? new Error("a tensor it needs was freed");
      inputs[name] = this.#tensor(value);
    }
    const started = performance.now();
    const computed = await session.run(inputs, Object.fromEntries(results.map(({ name }) => [name, null])));
    this.#ran(started);
    for (const { name, value } of results) receive(value, computed[name]);
  }

  #ran(started: number): void {
    this.counters.runMs += performance.now() - started;
    this.counters.runs++;
  }

  #prepare(updates: Executable["updates"], feeds: readonly NamedValue[], results: readonly NamedValue[]) {
    if (updates.length === 0) return [];
    const byName = (values: readonly NamedValue[]) => new Map(values.map(({ name, value }) => [name, value]));
    const [given, wanted] = [byName(feeds), byName(results)];
    return updates.map((update) => this.#updates.prepare(update, given, wanted));
  }

  /** Hands a value that was computed outside the recording to TensorFlow.js. */
  publish(value: Value): TensorInfo {
    const dataId = {};
    this.#values.set(dataId, value);
    this.#count++;
    return { dataId, shape: value.shape as number[], dtype: value.dtype };
  }

  /** What a run reads. On a GPU, long arrays that are read a second time go there for good. */
  #fed(value: Value): OrtTensor {
    const tensor = this.#tensor(value);
    if (this.device === undefined || isOnDevice(tensor) || tensor.size < leastUploaded || value.timesFed++ === 0) return tensor;
    value.tensor = this.device.upload(tensor);
    value.recyclable = true;
    return value.tensor;
  }

  #tensor(value: Value): OrtTensor {
    value.tensor ??= this.runtime.tensor(value.dtype, value.data!, value.shape);
    return value.tensor;
  }
}

function receive(value: Value, tensor: OrtTensor): void {
  value.tensor = tensor;
  value.data = isOnDevice(tensor) ? undefined : (tensor.data as Numbers);
  value.version++;
  value.constant = false;
}

/** Always a copy: recorded work may run after the caller has changed the array. */
function copyOf(values: ArrayLike<number> | null, dtype: Dtype, length: number): Numbers {
  const numbers = arrayFor(dtype, length);
  if (values !== null) numbers.set(values);
  return numbers;
}
