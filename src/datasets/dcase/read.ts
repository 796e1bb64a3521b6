import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { readCsv } from "../../io/index.js";
import { machineAttributes, stemOf, type AttributeColumns, type MachineAttributes } from "./attributes.js";
import { attributesOfTokens, parseClipName, type DcaseClip, type DcaseSplit } from "./clip.js";
import { readMark, type GeneratedMark } from "./mark.js";
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
 *   `unfinished` for generated data that is still incomplete; `bad-header`, `duplicate-row` and what `readCsv` throws for an attributes CSV
 * @example
 * const { clips } = await readDcase("data/dcase-small", { machines: ["fan"] });
 * clips[0] // { id: "fan/train/section_00_source_train_normal_0000_spd_110Hz", machine: "fan", domain: "source", … }
 * @see ASTRA spec §2.1–2.4
 */
export async function readDcase(root: string, options: DcaseOptions = {}): Promise<DcaseDataset> {
  const generated = await readMark(root);
  if (generated?.complete === false) {
    throw new BadFile("unfinished", root, "is generated data that was not finished", `Run folio data make dcase --preset ${generated.preset} --seed ${generated.seed} on it again.`);
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

const splitFolders: readonly (readonly [folder: string, split: DcaseSplit])[] = [
  ["train", "train"], ["supplemental", "supplemental"], ["test", "test"], ["source_test", "test"], ["target_test", "test"],
];

interface FoundFile {
  readonly machine: string;
  readonly folder: string;
  readonly split: DcaseSplit;
  readonly file: string;
  readonly path: string;
}

async function findMachines(root: string): Promise<string[]> {
  await requireFolder(root, "does not exist", root);
  const names = (await readdir(root)).filter((name) => !name.startsWith(".")).sort();
  const machines: string[] = [];
  for (const name of names) {
    const holds = await Promise.all(splitFolders.map(([folder]) => isFolder(join(root, name, folder))));
    if (holds.includes(true)) machines.push(name);
  }
  if (machines.length > 0) return machines;
  throw new BadFile("empty", root, "holds no machine folder with train/ or test/ in it", "Make sample data with: folio data make dcase");
}

async function readAttributes(root: string, machine: string, options: DcaseOptions): Promise<MachineAttributes | undefined> {
  if (options.attributeMachines?.includes(machine) === false) return undefined;
  const files = (await readdir(join(root, machine))).filter((name) => /^attributes_\d\d\.csv$/.test(name)).sort();
  if (files.length === 0) return undefined;
  const tables = await Promise.all(files.map((file) => readCsv(join(root, machine, file))));
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const rows = tables.flatMap((table) => table.rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? ""]))));
  return machineAttributes({ columns, rows }, join(root, machine, files.join(", ")), options.attributeColumns);
}

async function machineClips(root: string, machine: string, required: readonly DcaseSplit[], problems: DcaseProblem[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const seen = new Map<string, string>();
  for (const [folder, split] of splitFolders) {
    const path = join(root, machine, folder);
    if (!(await isFolder(path))) continue;
    for (const file of (await readdir(path)).sort()) {
      if (file.startsWith(".")) continue;
      const candidate = { machine, folder, split, file, path: join(path, file) };
      const problem = judge(candidate, seen);
      if (problem === undefined) found.push(candidate);
      else problems.push({ ...problem, path: `${machine}/${folder}/${file}` });
    }
  }
  for (const split of required) {
    if (found.some((file) => file.split === split)) continue;
    const there = await isFolder(join(root, machine, split));
    const problem = there ? `holds no ${split} clips` : "does not exist";
    throw new BadFile(there ? "empty" : "not-found", join(root, machine, split), problem, "See data/README.md for the layout and how to get the data.");
  }
  return found;
}

function judge({ folder, split, file }: FoundFile, seen: Map<string, string>): Omit<DcaseProblem, "path"> | undefined {
  if (!/\.wav$/i.test(file)) return { code: "stray-file", message: "not a WAV file" };
  const name = parseClipName(stemOf(file));
  if (split === "supplemental") return undefined;
  if (name === undefined) return { code: "stray-name", message: "the name follows no DCASE scheme, so it has no label" };
  if (name.split !== undefined && name.split !== split) return { code: "wrong-folder", message: `a ${name.split} clip in ${folder}/` };
  if (split === "train" && name.label !== "normal") return { code: "wrong-folder", message: "training clips must be normal" };
  const key = [split, name.section, name.domain, name.label, name.index].join("/");
  const first = seen.get(key);
  if (first !== undefined) return { code: "duplicate", message: `the same clip number as ${first}` };
  seen.set(key, file);
  return undefined;
}

function describe({ machine, folder, split, file, path }: FoundFile, attributes: MachineAttributes | undefined, dim: number, problems: DcaseProblem[]): DcaseClip {
  const stem = stemOf(file);
  const name = parseClipName(stem);
  const row = attributes?.vectors.get(stem);
  if (attributes !== undefined && row === undefined && split !== "supplemental") {
    problems.push({ code: "no-attributes", path: `${machine}/${folder}/${file}`, message: "not listed in the attributes CSV" });
  }
  return {
    id: `${machine}/${split}/${stem}`,
    path,
    machine,
    section: name?.section ?? (/^section_(\d\d)_/.exec(stem)?.[1] ?? "00"),
    split,
    domain: name?.domain ?? "all",
    label: name?.label ?? "unknown",
    attributes: attributes?.values.get(stem) ?? attributesOfTokens(name?.tokens ?? ""),
    attributeVector: Array.from({ length: dim }, (_, i) => row?.[i] ?? 0),
  };
}

function noteUnusedRows(machine: string, attributes: MachineAttributes | undefined, found: readonly FoundFile[], problems: DcaseProblem[]): void {
  const stems = new Set(found.map(({ file }) => stemOf(file)));
  for (const stem of attributes?.vectors.keys() ?? []) {
    if (!stems.has(stem)) problems.push({ code: "no-such-clip", path: `${machine}/attributes_00.csv`, message: `lists ${stem}, which is not there` });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function requireFolder(path: string, problem: string, where: string): Promise<void> {
  if (!(await isFolder(path))) throw new BadFile("not-found", where, problem, "See data/README.md for the layout and how to get the data.");
}
