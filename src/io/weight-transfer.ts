import { silent, stopIfAborted, type Progress } from "../core/index.js";
import type { DataArray } from "./dtype.js";
import { streamSafetensors, type TensorInput, type TensorPlace } from "./safetensors-write.js";
import type { TensorFile } from "./tensor-file.js";
import type { WeightPlan, WeightSlot } from "./weight-plan.js";

/** Reads what a plan uses, as float32 under the names of the target. */
export async function readPlanned(
  file: TensorFile,
  { used }: Pick<WeightPlan, "used">,
  { progress = silent, signal }: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const task = progress.begin("read", used.length);
  const out = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const slot of used) {
    stopIfAborted(signal);
    out.set(slot.to, await readSlot(file, slot));
    task.update(out.size);
  }
  task.end(`${out.size} tensors`);
  return out;
}

/** One tensor as the model keeps it. */
async function readSlot(file: TensorFile, { from, also = [], becomes }: WeightSlot): Promise<{ readonly shape: readonly number[]; readonly data: Float32Array }> {
  const { shape, data } = await file.read(from);
  if (becomes === undefined) return { shape, data: floats(data) };
  const others: Float32Array[] = [];
  for (const other of also) others.push(floats((await file.read(other.from)).data));
  return { shape: becomes.shape, data: becomes.convert(floats(data), ...others) };
}

const floats = (data: DataArray): Float32Array => (data instanceof Float32Array ? data : Float32Array.from({ length: data.length }, (_, i) => Number(data[i])));

export interface WritePlanned {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Writes what a plan uses under the names of the target, holding one tensor at a time. 16-bit floats stay as they are;
 * everything else, and what the model keeps otherwise, becomes float32.
 */
export async function writePlanned(path: string, file: TensorFile, { used }: Pick<WeightPlan, "used">, options: WritePlanned = {}): Promise<void> {
  const dtypes = new Map(file.tensors.map(({ name, dtype }) => [name, dtype]));
  const slots = new Map(used.map((slot) => [slot.to, slot]));
  const places = used.map(({ from, to, shape, becomes }): TensorPlace => {
    const dtype = dtypes.get(from)!;
    const kept = becomes === undefined && (dtype === "float16" || dtype === "bfloat16");
    return { name: to, shape: becomes?.shape ?? shape, dtype: kept ? dtype : "float32" };
  });
  const read = (slot: WeightSlot): Promise<TensorInput> => (slot.becomes === undefined ? file.read(slot.from) : readSlot(file, slot));
  await write(path, places, (name) => read(slots.get(name)!), options);
}

/** Writes every tensor of a file as it is, holding one at a time. */
export async function writeEverything(path: string, file: TensorFile, options: WritePlanned = {}): Promise<void> {
  await write(path, file.tensors, (name) => file.read(name), options);
}

async function write(
  path: string,
  places: readonly TensorPlace[],
  read: (name: string) => Promise<TensorInput>,
  { metadata = {}, progress = silent, signal }: WritePlanned,
): Promise<void> {
  const task = progress.begin("write", places.length);
  let done = 0;
  const reading = async (name: string): Promise<TensorInput> => {
    stopIfAborted(signal);
    task.update(done++);
    return read(name);
  };
  await streamSafetensors(path, places, reading, { format: "pt", ...metadata });
  task.end(`${places.length} tensors`);
}
