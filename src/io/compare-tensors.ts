import { silent, stopIfAborted, type Progress } from "../core/index.js";
import type { DataArray } from "./dtype.js";
import type { TensorFile } from "./tensor-file.js";

export interface TensorDifference {
  readonly name: string;
  /** Largest |a − b|; infinite where only one is not a number. */
  readonly absolute: number;
  /** `absolute` divided by the largest size in either tensor; 0 where both are 0. */
  readonly relative: number;
}

export interface TensorComparison {
  /** Every tensor both have in the same shape. */
  readonly compared: readonly TensorDifference[];
  readonly onlyFirst: readonly string[];
  readonly onlySecond: readonly string[];
  readonly otherShape: readonly {
    readonly name: string;
    readonly first: readonly number[];
    readonly second: readonly number[];
  }[];
  readonly otherDtype: readonly { readonly name: string; readonly first: string; readonly second: string }[];
}

/** Compares two files tensor by tensor, one tensor of each in memory. */
export async function compareTensors(
  a: TensorFile,
  b: TensorFile,
  { progress = silent, signal }: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<TensorComparison> {
  const [first, second] = [a, b].map(({ tensors }) => new Map(tensors.map((tensor) => [tensor.name, tensor])));
  const both = a.tensors
    .filter(({ name }) => second.has(name))
    .map((info) => ({ name: info.name, first: info, second: second.get(info.name)! }));
  const sameShape = ({ first, second }: (typeof both)[number]): boolean => first.shape.join() === second.shape.join();
  const alike = both.filter(sameShape);
  const task = progress.begin("compare", alike.length);
  const compared: TensorDifference[] = [];
  for (const { name } of alike) {
    stopIfAborted(signal);
    compared.push({ name, ...difference((await a.read(name)).data, (await b.read(name)).data) });
    task.update(compared.length);
  }
  task.end(`${compared.length} tensors`);
  return {
    compared,
    onlyFirst: a.tensors.filter(({ name }) => !second.has(name)).map(({ name }) => name),
    onlySecond: b.tensors.filter(({ name }) => !first.has(name)).map(({ name }) => name),
    otherShape: both
      .filter((pair) => !sameShape(pair))
      .map(({ name, first, second }) => ({ name, first: first.shape, second: second.shape })),
    otherDtype: both
      .filter(({ first, second }) => first.dtype !== second.dtype)
      .map(({ name, first, second }) => ({ name, first: first.dtype, second: second.dtype })),
  };
}

/**
 * How far two arrays of one length are apart. Not-a-number equals itself, as does each infinity.
 * @example difference([1, 4], [1, 5]) // { absolute: 1, relative: 0.2 }
 */
export function difference(
  a: DataArray | readonly number[],
  b: DataArray | readonly number[],
): Omit<TensorDifference, "name"> {
  let [absolute, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const size = Math.max(Math.abs(Number(a[i])), Math.abs(Number(b[i])));
    if (Number.isFinite(size) && size > largest) largest = size;
    absolute = Math.max(absolute, gap(a[i], b[i]));
  }
  return { absolute, relative: absolute === 0 ? 0 : absolute / largest };
}

/** 64-bit integers are subtracted as such: numbers beyond 2⁵³ could not tell them apart. */
function gap(x: number | bigint, y: number | bigint): number {
  if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return 0;
  const apart = typeof x === "bigint" && typeof y === "bigint" ? Number(x - y) : Number(x) - Number(y);
  return Number.isNaN(apart) ? Infinity : Math.abs(apart);
}
