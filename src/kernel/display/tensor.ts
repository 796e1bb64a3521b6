import { inspect } from "node:util";
import { bundle, type MimeBundle } from "./bundle.js";
import { pngBundle } from "./image.js";
import { describeSummary, summarize, type Summary } from "./numbers.js";
import { encodeDisplayPng } from "./png.js";
import { preview } from "./typed-array.js";

/** What a TensorFlow.js tensor looks like from outside; nothing here loads TensorFlow.js. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size?: number;
  data(): Promise<ArrayLike<number>>;
}

export function isTensor(value: unknown): value is TensorLike {
  if (typeof value !== "object" || value === null) return false;
  const { shape, dtype, data } = value as Partial<TensorLike>;
  return Array.isArray(shape) && typeof dtype === "string" && typeof data === "function";
}

/** Most of a collection's parts that are looked at. */
const mostParts = 100;

/** Lets Node's inspector print the tensors inside a value by shape and type instead of their class's bookkeeping. */
export function nameTensorsIn(value: unknown, depth = 3): void {
  if (typeof value !== "object" || value === null || depth === 0 || ArrayBuffer.isView(value)) return;
  if (isTensor(value)) return nameTensorsLike(value);
  const parts: readonly unknown[] =
    value instanceof Map || value instanceof Set
      ? [...value.values()]
      : Object.values(Object.getOwnPropertyDescriptors(value)).map((property) => property.value as unknown);
  for (const part of parts.slice(0, mostParts)) nameTensorsIn(part, depth - 1);
}

function nameTensorsLike(tensor: TensorLike): void {
  let holder: object = tensor;
  for (let next: unknown = holder; next !== null && next !== Object.prototype; next = Object.getPrototypeOf(next)) holder = next as object;
  if (holder === tensor || Object.hasOwn(holder, inspect.custom)) return;
  const name = function (this: TensorLike): string {
    return `Tensor [${this.shape.join(", ")}] ${this.dtype}`;
  };
  Object.defineProperty(holder, inspect.custom, { value: name, configurable: true, writable: true });
}

/** Shape, type and statistics of a tensor; a picture too when its shape is that of one. */
export async function describeTensor(tensor: TensorLike): Promise<MimeBundle> {
  const head = `Tensor [${tensor.shape.join(", ")}] ${tensor.dtype}`;
  if (Reflect.get(tensor, "isDisposed") === true) return bundle(`${head}, disposed`);
  const values = await tensor.data();
  if (tensor.dtype === "string" || tensor.dtype === "complex64") return bundle(head);
  if (values.length === 0) return bundle(`${head}, empty`);
  const summary = summarize(values);
  const text =
    tensor.shape.length === 0 ? `${head}: ${preview(values)}` : `${head}\n[${preview(values)}]\n${describeSummary(summary)}`;
  const layout = imageLayout(tensor.shape);
  if (layout === undefined) return bundle(text);
  const png = encodeDisplayPng(
    toPixels(values, layout, summary, tensor.dtype),
    layout.width,
    layout.height,
    layout.channels,
  );
  return pngBundle(png, text, layout.width, layout.height);
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** [H, W], [H, W, 1|3|4] or a batch of one of these, at least 8 pixels a side and at most 4096. */
function imageLayout(shape: readonly number[]): Layout | undefined {
  const dims = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  if (dims.length !== 2 && dims.length !== 3) return undefined;
  const [height, width, channels = 1] = dims;
  if (![1, 3, 4].includes(channels) || Math.min(height, width) < 8 || Math.max(height, width) > 4096) return undefined;
  return { width, height, channels: channels as 1 | 3 | 4 };
}

/** 0 … 1 and 0 … 255 are taken as they are, any other range is stretched to black … white. */
function toPixels(
  values: ArrayLike<number>,
  { width, height, channels }: Layout,
  { min, max }: Summary,
  dtype: string,
): Uint8Array {
  const unit = min >= 0 && max <= 1;
  const bytes = dtype === "int32" && min >= 0 && max <= 255 && max > 1;
  const [low, span] = unit ? [0, 1] : bytes ? [0, 255] : [min, max - min || 1];
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(Math.min(1, Math.max(0, (values[i] - low) / span)) * 255);
  return pixels;
}
