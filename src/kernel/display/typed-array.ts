import { bundle, type MimeBundle } from "./bundle.js";
import { describeSummary, formatNumber, summarize } from "./numbers.js";

export type TypedArray = Exclude<NodeJS.TypedArray, Buffer>;

export const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && !Buffer.isBuffer(value);

/** `Float32Array(4) [1, 2, 3, 4]` with its statistics; the middle of a long one is left out. */
export function describeTypedArray(array: TypedArray): MimeBundle {
  const head = `${array.constructor.name}(${array.length}) [${preview(array)}]`;
  return bundle(array.length === 0 ? head : `${head}\n${describeSummary(summarize(array))}`);
}

export function preview(values: ArrayLike<number | bigint>, most = 12): string {
  const text = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, i) => formatNumber(values[from + i]));
  if (values.length <= most) return text(0, values.length).join(", ");
  const half = most / 2;
  return [...text(0, half), "…", ...text(values.length - half, values.length)].join(", ");
}
