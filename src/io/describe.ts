import { basename } from "node:path";
import type { Inspection, NiftiInspection, SafetensorsInspection, WavInspection } from "./inspect.js";
import type { ColumnProfile } from "./csv-profile.js";

/** An inspection for people: a title, and facts with a label each, of one or more lines. */
export interface Description {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, lines: readonly string[]])[];
}

/** What `folio inspect` prints. Numbers have up to 6 significant digits; `--json` has them all. */
export function describeInspection(inspection: Inspection): Description {
  const { title, facts } = describers[inspection.type](inspection as never);
  const warnings = inspection.warnings.length > 0 ? [["note", inspection.warnings] as const] : [];
  return { title: `${basename(inspection.file)}: ${title}, ${size(inspection.bytes)}`, facts: [...facts, ...warnings] };
}

type Describers = { readonly [T in Inspection["type"]]: (of: Extract<Inspection, { type: T }>) => Description };

const describers: Describers = {
  nifti: (of) => ({
    title: `NIfTI-${of.version} image${of.gzip ? ", gzip" : ""}`,
    facts: [
      ["shape", [sizes(of.shape)]],
      ["dtype", [`${of.dtype}${of.littleEndian ? "" : ", big-endian"}${scalingText(of)}`]],
      ["spacing", [`${sizes(of.spacingMm)} mm${stepText(of)}`]],
      ["orientation", [`${of.orientation} (from the ${of.affineFrom === "zooms" ? "voxel sizes alone" : of.affineFrom})`]],
      ["affine", aligned(of.affine.map((row) => row.map(digits)))],
      ["values", [range(of)]],
      ...unfit(of),
      ...(of.description === "" ? [] : [["description", [of.description]] as const]),
    ],
  }),
  wav: (of) => ({
    title: "WAV recording",
    facts: [
      ["rate", [`${of.sampleRate} Hz`]],
      ["channels", [String(of.channels)]],
      ["length", [`${digits(of.seconds)} s, ${of.frames} frames`]],
      ["format", [of.format]],
      ["peak", [level(of.peak), ...channelLines(of, "peak")]],
      ["RMS", [level(of.rms), ...channelLines(of, "rms")]],
      ...unfit(of),
    ],
  }),
  png: (of) => ({
    title: "PNG image",
    facts: [
      ["size", [`${of.width} × ${of.height} pixels`]],
      ["depth", [`${of.bitDepth} bits a sample${of.interlaced ? ", interlaced" : ""}`]],
      ["colour", [of.colorType]],
      ["channels", aligned(of.perChannel.map((channel, i) => [channelNames[of.channels][i], range(channel)]))],
    ],
  }),
  jpeg: (of) => ({
    title: "JPEG image",
    facts: [
      ["size", [`${of.width} × ${of.height} pixels`]],
      ["channels", aligned(of.perChannel.map((channel, i) => [channelNames[of.channels][i], range(channel)]))],
    ],
  }),
  csv: (of) => ({
    title: `table, ${{ ",": "CSV", ";": "CSV with semicolons", "\t": "TSV" }[of.delimiter]}`,
    facts: [
      ["rows", [String(of.rows)]],
      ["columns", [String(of.columns.length), ...aligned(of.columns.map(columnCells))]],
    ],
  }),
  npy: (of) => ({
    title: "NumPy array",
    facts: [
      ["shape", [of.shape.length === 0 ? "scalar" : sizes(of.shape)]],
      ["dtype", [`${of.dtype}${of.littleEndian ? "" : ", big-endian"}`]],
      ["order", [of.fortranOrder ? "Fortran, the first axis runs fastest" : "C, the last axis runs fastest"]],
      ["values", [range(of)]],
      ...unfit(of),
    ],
  }),
  safetensors: (of) => ({
    title: "safetensors",
    facts: [
      ["parameters", [String(of.parameters)]],
      ["tensors", [String(of.tensors.length), ...tensorLines(of)]],
      ...Object.entries(of.metadata).map(([key, text]) => [`“${key}”`, [text.slice(0, 100)]] as const),
    ],
  }),
  torch: (of) => ({
    title: { torch: "PyTorch checkpoint", "torch-legacy": "PyTorch checkpoint, legacy form", torchscript: "TorchScript archive" }[of.format],
    facts: [
      ["parameters", [String(of.parameters)]],
      ["tensors", [String(of.tensors.length), ...tensorLines(of)]],
      ...(of.shared.length === 0 ? [] : [["shared", shortened(of.shared.map((names) => shortened(names, 6).join(", ")), 8)] as const]),
      ...shortened(Object.entries(of.values), 20, ["…", "more"]).map(([name, value]) => [`“${name.slice(0, 40)}”`, [String(value).slice(0, 100)]] as const),
    ],
  }),
};

/** Up to 6 significant digits, thousands unbroken. @example digits(0.0754069686) // "0.075407" */
export function digits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(6)));
}

const sizes = (numbers: readonly number[]): string => numbers.map(digits).join(" × ");

const range = ({ min, max, mean }: { min: number | null; max: number | null; mean: number | null }): string =>
  min === null || max === null || mean === null ? "none" : `min ${digits(min)}, max ${digits(max)}, mean ${digits(mean)}`;

function unfit({ nan, infinite }: { nan: number; infinite: number }): [string, string[]][] {
  return nan + infinite === 0 ? [] : [["not finite", [`${nan} NaN, ${infinite} infinite; left out of the numbers above`]]];
}

const scalingText = ({ scaling }: NiftiInspection): string =>
  scaling === null ? "" : `, scaled by ${digits(scaling.slope)} and ${digits(scaling.inter)} added`;

const stepText = ({ zooms, units }: NiftiInspection): string =>
  zooms.length > 3
    ? `, then ${zooms.slice(3).map(digits).join(" × ")}${units.time === "unknown" ? "" : ` ${units.time}`}`
    : "";

/** A level and its decibels to full scale. */
function level(value: number | null): string {
  if (value === null) return "none";
  return `${digits(value)} (${value === 0 ? "silence" : `${(20 * Math.log10(value)).toFixed(1)} dB`})`;
}

function channelLines({ perChannel }: WavInspection, key: "peak" | "rms"): string[] {
  if (perChannel.length === 1) return [];
  const lines = perChannel.slice(0, 8).map((channel, i) => `channel ${i + 1}: ${level(channel[key])}`);
  return perChannel.length > 8 ? [...lines, `… and ${perChannel.length - 8} more`] : lines;
}

const channelNames: Readonly<Record<number, readonly string[]>> = {
  1: ["grey"],
  2: ["grey", "alpha"],
  3: ["red", "green", "blue"],
  4: ["red", "green", "blue", "alpha"],
};

function columnCells({ name, type, missing, distinct, min, max, mean }: ColumnProfile): string[] {
  const values =
    min === undefined || max === undefined || mean === undefined ? `${distinct} distinct` : range({ min, max, mean });
  return [name.slice(0, 40), type, missing > 0 ? `${values}, ${missing} missing` : values];
}

/** So many of a list, and a last one that says there are others. */
function shortened<T>(items: readonly T[], most: number, others = "…" as T): readonly T[] {
  return items.length <= most ? items : [...items.slice(0, most), others];
}

function tensorLines({ tensors }: Pick<SafetensorsInspection, "tensors">): string[] {
  const shown = tensors
    .slice(0, 40)
    .map(({ name, dtype, shape }) => [name, dtype, shape.length === 0 ? "scalar" : sizes(shape)]);
  return [...aligned(shown), ...(tensors.length > 40 ? [`… and ${tensors.length - 40} more`] : [])];
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const step = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${digits(Number((bytes / 1024 ** step).toPrecision(3)))} ${["", "KiB", "MiB", "GiB"][step]}`;
}

/** Cells as lines with their columns below each other: text flush left, columns of numbers flush right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
  const padded = columns.map((cells) => {
    const width = Math.max(...cells.map((cell) => cell.length));
    const numeric = cells.every((cell) => /^[-\d.e]+$/.test(cell));
    return cells.map((cell) => (numeric ? cell.padStart(width) : cell.padEnd(width)));
  });
  return rows.map((_, row) =>
    padded
      .map((cells) => cells[row])
      .join("  ")
      .trimEnd(),
  );
}
