import { BadFile, UsageError } from "../core/index.js";
import type { TorchTensorInfo } from "./torch/torch.js";

/** A tensor of a file that a slot takes. */
export interface WeightSource {
  /** Its name in published files, without what a checkpoint puts before it (`model.`, `state_dict.`). */
  readonly from: string;
  /** In the file, in PyTorch's order of dimensions. */
  readonly shape: readonly number[];
}

/** One tensor that a model needs. */
export interface WeightSlot extends WeightSource {
  /** Its name here. */
  readonly to: string;
  /** Further tensors that go into it, in the order `becomes.convert` takes them: keys and values behind queries. */
  readonly also?: readonly WeightSource[];
  /** Where the model keeps it otherwise than the file does. */
  readonly becomes?: ConvertedTensor;
}

export interface ConvertedTensor {
  readonly shape: readonly number[];
  /** What is done, for who reads the plan: `127 positions resized to 15`. */
  readonly how: string;
  readonly convert: (data: Float32Array, ...also: readonly Float32Array[]) => Float32Array;
}

/** What a model takes from a file. */
export interface WeightTarget {
  readonly name: string;
  readonly slots: readonly WeightSlot[];
  /** Published tensors that have no place in it, and why. */
  readonly unneeded: readonly { readonly pattern: RegExp; readonly reason: string }[];
}

export interface WeightPlan {
  /** What stands before the published names in this file. */
  readonly prefix: string;
  readonly used: readonly WeightSlot[];
  readonly unneeded: readonly { readonly name: string; readonly reason: string }[];
  /** In the file, and nobody knows what for. */
  readonly leftOver: readonly string[];
  /** Names of the file that the model needs and that are not there. */
  readonly missing: readonly string[];
  readonly otherShape: readonly {
    readonly name: string;
    readonly expected: readonly number[];
    readonly actual: readonly number[];
  }[];
}

/**
 * Finds a place for every tensor of a file, and says which have none and which are missing.
 *
 * What a checkpoint puts before the published names is found by trying: the prefix under which most of them are there.
 *
 * @param prefix takes this one instead of looking
 * @throws UsageError when two prefixes fit alike (a model and its running average), naming them
 * @example planWeights(file.tensors, target).missing // []
 */
export function planWeights(tensors: readonly TorchTensorInfo[], target: WeightTarget, prefix?: string): WeightPlan {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const before = prefix ?? findPrefix(byName, target);
  const placed = (source: WeightSource) => ({ from: before + source.from, shape: source.shape });
  const slots = target.slots.map((slot) => ({ ...slot, ...placed(slot), ...(slot.also && { also: slot.also.map(placed) }) }));
  const sources = new Map(slots.flatMap(sourcesOf).map((source) => [source.from, { ...source, tensor: byName.get(source.from) }]));
  const others = tensors.filter(({ name }) => !sources.has(name)).map(({ name }) => {
    const own = name.startsWith(before) ? name.slice(before.length) : undefined;
    return { name, reason: own === undefined ? undefined : target.unneeded.find(({ pattern }) => pattern.test(own))?.reason };
  }); // prettier-ignore
  const fits = ({ from, shape }: WeightSource): boolean => byName.get(from)?.shape.join() === shape.join();
  return {
    prefix: before,
    used: slots.filter((slot) => sourcesOf(slot).every(fits)),
    unneeded: others.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }])),
    leftOver: others.filter(({ reason }) => reason === undefined).map(({ name }) => name),
    missing: [...sources.values()].filter(({ tensor }) => tensor === undefined).map(({ from }) => from),
    otherShape: [...sources.values()].flatMap(({ from, shape, tensor }) => (tensor && !fits({ from, shape }) ? [{ name: from, expected: shape, actual: tensor.shape }] : [])),
  };
}

/** Every tensor of the file that goes into a slot, its own first. */
export const sourcesOf = ({ from, shape, also = [] }: WeightSlot): readonly WeightSource[] => [{ from, shape }, ...also];

function findPrefix(byName: ReadonlyMap<string, TorchTensorInfo>, { name, slots }: WeightTarget): string {
  const first = slots[0].from;
  const prefixes = [...byName.keys()]
    .filter((key) => key === first || key.endsWith(`.${first}`))
    .map((key) => key.slice(0, key.length - first.length));
  const counted = prefixes.map((prefix) => ({
    prefix,
    count: slots.filter(({ from }) => byName.has(prefix + from)).length,
  }));
  counted.sort((a, b) => b.count - a.count);
  if (counted.length > 1 && counted[0].count === counted[1].count)
    throw new UsageError(
      `The tensors of ${name} are there twice, under ${JSON.stringify(counted[0].prefix)} and ${JSON.stringify(counted[1].prefix)}. Choose one with --prefix.`,
    );
  return counted[0]?.prefix ?? "";
}

/**
 * Refuses a plan that would leave the model with other weights than the file's.
 * @throws BadFile `missing-tensor` naming the first tensors a plan lacks or that have another shape; `other-architecture`
 *   when the file has more in a part of the model than the model has, as a ResNet-34 where a ResNet-18 is asked for
 */
export function requireComplete(plan: WeightPlan, target: WeightTarget, file: string): void {
  const { missing, otherShape, leftOver, prefix } = plan;
  if (missing.length > 0) {
    const some = `${missing.slice(0, 3).join(", ")}${missing.length > 3 ? " …" : ""}`;
    throw new BadFile(
      "missing-tensor",
      file,
      `lacks ${missing.length} of the ${new Set(target.slots.flatMap(sourcesOf).map(({ from }) => from)).size} tensors of ${target.name}: ${some}`,
      "Give weights of that architecture.",
    );
  }
  if (otherShape.length > 0) {
    const [{ name, expected, actual }] = otherShape;
    throw new BadFile(
      "missing-tensor",
      file,
      `has ${name} of shape [${actual.join(", ")}] where ${target.name} takes [${expected.join(", ")}]`,
      "Give weights of that architecture.",
    );
  }
  const parts = new Set(target.slots.flatMap(sourcesOf).map(({ from }) => from.split(".")[0]));
  const more = leftOver.filter((name) => name.startsWith(prefix) && parts.has(name.slice(prefix.length).split(".")[0]));
  if (more.length > 0)
    throw new BadFile(
      "other-architecture",
      file,
      `has ${more.length} tensors in parts of ${target.name} that it does not have, the first ${more[0]}`,
      "Name the architecture the file is of.",
    );
}
