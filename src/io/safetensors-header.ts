import { bytesPer, type Dtype } from "./dtype.js";
import { badHeader, truncated, unsupported } from "./problems.js";

/** Names as files write them, in the order in which the reference writer sorts tensors, last first. */
export const safetensorTypes = {
  BOOL: "bool",
  U8: "uint8",
  I8: "int8",
  I16: "int16",
  U16: "uint16",
  F16: "float16",
  BF16: "bfloat16",
  I32: "int32",
  U32: "uint32",
  F32: "float32",
  F64: "float64",
  I64: "int64",
  U64: "uint64",
} as const satisfies Record<string, Dtype>;

export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Where in the file, from its first byte. */
  readonly start: number;
  readonly bytes: number;
}

export interface SafetensorsHeader {
  /** In the order of the file. */
  readonly tensors: readonly TensorInfo[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** The longest header the reference implementation takes. */
const longestHeader = 100_000_000;

/** The header's length from the file's first 8 bytes. @throws BadFile `bad-header`, `truncated-file` */
export function headerLength(start: Uint8Array, fileBytes: number, file: string): number {
  if (start.length < 8) throw truncated(file, 8, start.length, "a safetensors file begins with");
  const length = Buffer.from(start).readBigUInt64LE(0);
  if (length < 2n || length > BigInt(longestHeader)) {
    throw badHeader(
      file,
      `announces a header of ${length} bytes; 2 to ${longestHeader} are allowed`,
      "Check that it is a safetensors file.",
    );
  }
  if (8 + Number(length) > fileBytes) throw truncated(file, 8 + Number(length), fileBytes);
  return Number(length);
}

/**
 * Reads and checks a header: every tensor's bytes follow the one before without a gap, fit its shape and type, and
 * together fill the file.
 * @throws BadFile `bad-header`, `truncated-file`, `unsupported`
 * @see https://github.com/huggingface/safetensors, README "Format"
 */
export function parseSafetensorsHeader(text: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  const { __metadata__: metadata, ...entries } = object(json(text, file), file, "its header");
  const dataStart = 8 + text.length;
  const tensors = Object.entries(entries).map(([name, entry]) => tensorInfo(name, entry, dataStart, file));
  tensors.sort((a, b) => a.start - b.start || a.bytes - b.bytes);
  let end = dataStart;
  for (const { name, start, bytes } of tensors) {
    if (start !== end)
      throw badHeader(file, `its tensor ${JSON.stringify(name)} begins at byte ${start}, but the one before ends at ${end}`);
    end += bytes;
  }
  if (end > fileBytes) throw truncated(file, end, fileBytes);
  if (end < fileBytes) throw badHeader(file, `holds ${fileBytes - end} bytes behind its last tensor`);
  return { tensors, metadata: metadataOf(metadata, file) };
}

function json(text: Uint8Array, file: string): unknown {
  try {
    if (text[0] !== 0x7b) throw new SyntaxError("it does not begin with {");
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) as unknown;
  } catch (error) {
    throw badHeader(
      file,
      `its header is not JSON (${(error as Error).message.replaceAll(/\s+/g, " ").slice(0, 80)})`,
      "Check that it is a safetensors file.",
    );
  }
}

function object(value: unknown, file: string, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badHeader(file, `${what} is not a JSON object`);
}

function metadataOf(value: unknown, file: string): Map<string, string> {
  if (value === undefined) return new Map();
  const entries = Object.entries(object(value, file, "its __metadata__"));
  const wrong = entries.find(([, text]) => typeof text !== "string");
  if (wrong) throw badHeader(file, `its metadata ${JSON.stringify(wrong[0])} is not text`);
  return new Map(entries as [string, string][]);
}

function tensorInfo(name: string, entry: unknown, dataStart: number, file: string): TensorInfo {
  const what = `its tensor ${JSON.stringify(name.slice(0, 80))}`;
  const { dtype: code, shape, data_offsets: offsets } = object(entry, file, what);
  if (typeof code !== "string") throw badHeader(file, `${what} has no dtype`);
  if (!Object.hasOwn(safetensorTypes, code))
    throw unsupported(file, `${what} is stored as ${code.slice(0, 20)}`, "Convert it to F32 or F16.");
  const dtype = safetensorTypes[code as keyof typeof safetensorTypes];
  if (!isSizes(shape)) throw badHeader(file, `${what} has no shape of whole numbers`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[1] < offsets[0])
    throw badHeader(file, `${what} has no data_offsets [begin, end]`);
  const bytes = offsets[1] - offsets[0];
  const needed = shape.reduce((product, size) => product * size, bytesPer[dtype]);
  if (bytes !== needed)
    throw badHeader(file, `${what} has ${bytes} bytes, but ${code} of shape [${shape.join(", ")}] takes ${needed}`);
  return { name, dtype, shape, start: dataStart + offsets[0], bytes };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
