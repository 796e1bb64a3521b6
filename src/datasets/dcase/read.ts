import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { readCsv } from "../../io/index.js";
import { machineAttributes, stemOf, type AttributeColumns, type MachineAttributes } from "./attributes.js";
import { attributesOfTokens, parseClipName, type DcaseClip, type DcaseSplit } from "./clip.js";
import { findMachines, machineClips, requireFolder, type FoundFile } from "./files.js";
import { readMark, type GeneratedMark } from "../generated/mark.js";
import type { DcaseProblem } from "./problem.js";

export interface DcaseOptions {
  /** Machine types, in this order; every folder that holds one of the splits, by name, unless given. */
  readonly machines?: readonly string[];
  /** Machines whose attributes are used; those with an attributes CSV unless given. */
  readonly attributeMachines?: readonly string[];
  readonly attributeColumns?: AttributeColumns;
  /** Splits that every machine must have; train and test unless given. Blind evaluation data has only `test`. */
  readonly require?: readonly DcaseSplit[];
}

export interface DcaseDataset {
  readonly root: string;
  readonly machines: readonly string[];
  /** Sorted by machine as in `machines`, then train, supplemental, test, then by file name. */
  readonly clips: readonly DcaseClip[];
  /** Length of every attribute vector: the most attributes any machine has, 0 when none has any. */
  readonly attributeDim: number;
  /** Attribute names of each machine that has some. */
  readonly attributeNames: Readonly<Record<string, readonly string[]>>;
  /** What is odd, clip by clip; the data is usable all the same. */
  readonly problems: readonly DcaseProblem[];
  /** Set when Folio's generator made the data; every number made from it must say so. */
  readonly generated: GeneratedMark | undefined;
}

/**
 * Lists a DCASE Task 2 dataset: `<root>/<machine>/{train,supplemental,test}/*.wav` with optional `attributes_NN.csv`
 * beside them. The test folders `source_test` and `target_test` of 2021 count as `test`. No audio is read.
 *
 * @throws BadFile `not-found` when the folder, a machine or a required split is missing; `empty` when one has no clips;
 *   `unfinished` for generated data that is still incomplete; `bad-header`, `duplicate-row` and what `readCsv` throws
 *   for an attributes CSV
 * @example
 * const { clips } = await readDcase("data/dcase-small", { machines: ["fan"] });
 * clips[0] // { id: "fan/train/section_00_source_train_normal_0000_spd_110Hz", machine: "fan", domain: "source", … }
 * @see ASTRA spec §2.1–2.4
 */
export async function readDcase(root: string, options: DcaseOptions = {}): Promise<DcaseDataset> {
  const generated = await readMark(root);
  if (generated?.complete === false) {
    throw new BadFile(
      "unfinished",
      root,
      "is generated data that was not finished",
      `Run folio data make dcase --preset ${generated.preset} --seed ${generated.seed} on it again.`,
    );
  }
  const machines = options.machines ?? (await findMachines(root));
  const problems: DcaseProblem[] = [];
  const attributes = new Map<string, MachineAttributes>();
  for (const machine of machines) {
    await requireFolder(join(root, machine), `has no folder for the machine ${machine}`, root);
    const own = await readAttributes(root, machine, options);
    if (own !== undefined) attributes.set(machine, own);
  }
  const attributeDim = Math.max(0, ...[...attributes.values()].map(({ names }) => names.length));
  const clips: DcaseClip[] = [];
  for (const machine of machines) {
    const found = await machineClips(root, machine, options.require ?? ["train", "test"], problems);
    clips.push(...found.map((file) => describe(file, attributes.get(machine), attributeDim, problems)));
    noteUnusedRows(machine, attributes.get(machine), found, problems);
  }
  const attributeNames = Object.fromEntries([...attributes].map(([machine, { names }]) => [machine, names]));
  return { root, machines, clips, attributeDim, attributeNames, problems, generated };
}

/** The clips that have all these properties. */
export function selectClips(
  clips: readonly DcaseClip[],
  wanted: Partial<Pick<DcaseClip, "machine" | "section" | "split" | "domain" | "label">>,
): DcaseClip[] {
  const properties = Object.entries(wanted) as [keyof typeof wanted, string][];
  return clips.filter((clip) => properties.every(([name, value]) => clip[name] === value));
}

async function readAttributes(root: string, machine: string, options: DcaseOptions): Promise<MachineAttributes | undefined> {
  if (options.attributeMachines?.includes(machine) === false) return undefined;
  const files = (await readdir(join(root, machine))).filter((name) => /^attributes_\d\d\.csv$/.test(name)).sort();
  if (files.length === 0) return undefined;
  const tables = await Promise.all(files.map((file) => readCsv(join(root, machine, file))));
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const rows = tables.flatMap((table) =>
    table.rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? ""]))),
  );
  return machineAttributes({ columns, rows }, join(root, machine, files.join(", ")), options.attributeColumns);
}

function describe(
  { machine, folder, split, file, path }: FoundFile,
  attributes: MachineAttributes | undefined,
  dim: number,
  problems: DcaseProblem[],
): DcaseClip {
  const stem = stemOf(file);
  const name = parseClipName(stem);
  const row = attributes?.vectors.get(stem);
  if (attributes !== undefined && row === undefined && split !== "supplemental") {
    problems.push({
      code: "no-attributes",
      path: `${machine}/${folder}/${file}`,
      message: "not listed in the attributes CSV",
    });
  }
  return {
    id: `${machine}/${split}/${stem}`,
    path,
    machine,
    section: name?.section ?? /^section_(\d\d)_/.exec(stem)?.[1] ?? "00",
    split,
    domain: name?.domain ?? "all",
    label: name?.label ?? "unknown",
    attributes: attributes?.values.get(stem) ?? attributesOfTokens(name?.tokens ?? ""),
    attributeVector: Array.from({ length: dim }, (_, i) => row?.[i] ?? 0),
  };
}

function noteUnusedRows(
  machine: string,
  attributes: MachineAttributes | undefined,
  found: readonly FoundFile[],
  problems: DcaseProblem[],
): void {
  const stems = new Set(found.map(({ file }) => stemOf(file)));
  for (const stem of attributes?.vectors.keys() ?? []) {
    if (!stems.has(stem))
      problems.push({
        code: "no-such-clip",
        path: `${machine}/attributes_00.csv`,
        message: `lists ${stem}, which is not there`,
      });
  }
}
