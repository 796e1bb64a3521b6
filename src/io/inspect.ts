import { readBytes, type ReadLimits } from "./bytes.js";
import { guessDelimiter, parseCsv } from "./csv.js";
import { profile, type ColumnProfile } from "./csv-profile.js";
import type { DataArray } from "./dtype.js";
import { readJpeg } from "./jpeg.js";
import { readNifti } from "./nifti.js";
import type { NiftiHeader } from "./nifti-types.js";
import { readNpy, type NpyArray } from "./npy.js";
import { readPng } from "./png.js";
import type { PngHeader } from "./png-chunks.js";
import { openSafetensors } from "./safetensors.js";
import type { TensorInfo } from "./safetensors-header.js";
import { sniff, type FileType } from "./sniff.js";
import { rescaled, statistics, type Statistics } from "./statistics.js";
import { openTorch, type TorchFile } from "./torch/torch.js";
import { readWav } from "./wav.js";
import type { WavFormat } from "./wav-samples.js";

interface Inspected {
  readonly type: FileType;
  readonly file: string;
  /** Size of the file as it lies on the disk. */
  readonly bytes: number;
  /** What is odd about the file though it can be read; one line each. */
  readonly warnings: readonly string[];
}

export interface NiftiInspection extends Inspected, Omit<NiftiHeader, "warnings">, Statistics {
  readonly type: "nifti";
  readonly gzip: boolean;
}

export interface WavInspection extends Inspected {
  readonly type: "wav";
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly frames: number;
  readonly seconds: number;
  readonly format: WavFormat;
  /** Largest size of a sample, full scale 1; of all channels, then of each. */
  readonly peak: number | null;
  readonly rms: number | null;
  readonly perChannel: readonly {
    readonly peak: number | null;
    readonly rms: number | null;
    readonly mean: number | null;
  }[];
  readonly nan: number;
  readonly infinite: number;
}

export interface PngInspection extends Inspected, PngHeader {
  readonly type: "png";
  /** Once decoded: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA; 8 or 16 bits. */
  readonly channels: number;
  readonly depth: 8 | 16;
  readonly perChannel: readonly { readonly min: number | null; readonly max: number | null; readonly mean: number | null }[];
}

export interface JpegInspection extends Inspected {
  readonly type: "jpeg";
  readonly width: number;
  readonly height: number;
  /** Always read as RGB. */
  readonly channels: 3;
  readonly perChannel: PngInspection["perChannel"];
}

export interface CsvInspection extends Inspected {
  readonly type: "csv";
  readonly delimiter: string;
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
}

export interface NpyInspection extends Inspected, Omit<NpyArray, "data">, Statistics {
  readonly type: "npy";
}

export interface SafetensorsInspection extends Inspected {
  readonly type: "safetensors";
  readonly tensors: readonly Omit<TensorInfo, "start">[];
  /** Numbers in all tensors. */
  readonly parameters: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TorchInspection extends Inspected, Pick<TorchFile, "format" | "tensors" | "shared"> {
  readonly type: "torch";
  /** Numbers in all tensors; shared ones count once a tensor. */
  readonly parameters: number;
  /** Single numbers and texts beside the tensors. */
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

export type Inspection =
  | NiftiInspection
  | WavInspection
  | PngInspection
  | JpegInspection
  | CsvInspection
  | NpyInspection
  | SafetensorsInspection
  | TorchInspection;

/**
 * What a file is and what it holds, read to the last byte. The type is found by contents, not by name.
 * @throws BadFile `not-found`, `unknown-format`, and whatever the reader of its type throws
 * @example (await inspectFile("FLAIR.nii.gz")).type // "nifti"
 */
export async function inspectFile(path: string, limits: ReadLimits = {}): Promise<Inspection> {
  const { type, bytes, gzip, warning } = await sniff(path);
  const common = { file: path, bytes, warnings: warning === undefined ? [] : [warning] };
  switch (type) {
    case "nifti": {
      const { data, warnings, ...header } = await readNifti(path, { ...limits, values: "stored" });
      const stored = statistics(data);
      const values = header.scaling === null ? stored : rescaled(stored, header.scaling.slope, header.scaling.inter);
      return { type, ...common, gzip, ...header, ...values, warnings: [...common.warnings, ...warnings] };
    }
    case "wav":
      return { type, ...common, ...(await wavFacts(path, limits)) };
    case "png": {
      const { stored, data, channels, depth } = await readPng(path, limits);
      return { type, ...common, ...stored, channels, depth, perChannel: channelFacts(data, channels) };
    }
    case "jpeg": {
      const { data, ...image } = await readJpeg(path, limits);
      return { type, ...common, ...image, perChannel: channelFacts(data, image.channels) };
    }
    case "csv": {
      const content = await readBytes(path, limits);
      const delimiter = guessDelimiter(content);
      const table = parseCsv(content, path, { delimiter });
      return { type, ...common, delimiter, rows: table.rows.length, columns: profile(table) };
    }
    case "npy": {
      const { data, ...array } = await readNpy(path, limits);
      return { type, ...common, ...array, ...statistics(data) };
    }
    case "safetensors": {
      const { tensors, metadata } = await openSafetensors(path, limits);
      const parameters = parameterCount(tensors);
      const listed = tensors.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes }));
      return { type, ...common, tensors: listed, parameters, metadata: Object.fromEntries(metadata) };
    }
    case "torch": {
      const { format, tensors, shared, values } = await openTorch(path, limits);
      return { type, ...common, format, tensors, parameters: parameterCount(tensors), shared, values: Object.fromEntries(values) };
    }
  }
}

function parameterCount(tensors: readonly { readonly shape: readonly number[] }[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

function channelFacts(data: DataArray, channels: number): PngInspection["perChannel"] {
  return Array.from({ length: channels }, (_, from) => {
    const { min, max, mean } = statistics(data, { from, step: channels });
    return { min, max, mean };
  });
}

async function wavFacts(path: string, limits: ReadLimits): Promise<Omit<WavInspection, "type" | keyof Inspected>> {
  const { sampleRate, channels, format } = await readWav(path, limits);
  const each = channels.map((samples) => statistics(samples));
  const perChannel = each.map(({ min, max, rms, mean }) => ({
    peak: min === null || max === null ? null : Math.max(-min, max),
    rms,
    mean,
  }));
  const peaks = perChannel.flatMap(({ peak }) => peak ?? []);
  const powers = perChannel.flatMap(({ rms }) => (rms === null ? [] : rms * rms));
  return {
    sampleRate,
    channels: channels.length,
    frames: channels[0].length,
    seconds: channels[0].length / sampleRate,
    format,
    peak: peaks.length === 0 ? null : Math.max(...peaks),
    rms: powers.length === 0 ? null : Math.sqrt(powers.reduce((sum, power) => sum + power, 0) / powers.length),
    perChannel,
    nan: each.reduce((sum, { nan }) => sum + nan, 0),
    infinite: each.reduce((sum, { infinite }) => sum + infinite, 0),
  };
}
