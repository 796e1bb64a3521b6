import { FolioError, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import { readPicture, toGrey } from "../rated/pixels.js";
import { labelOrder } from "./load.js";
import { readAcdc } from "./read.js";
import { acdcStructures, type AcdcProblem, type AcdcSplit, type AcdcStructure } from "./slice.js";

export interface AcdcSplitReport {
  readonly patients: number;
  readonly volumes: number;
  readonly slices: number;
  /** Slices in which each structure is seen. */
  readonly present: Readonly<Record<AcdcStructure, number>>;
}

export interface AcdcCheck {
  readonly root: string;
  readonly spacing: "mm" | "pixels";
  readonly splits: Readonly<Record<AcdcSplit, AcdcSplitReport>>;
  /** Patients a diagnosis. */
  readonly groups: Readonly<Record<string, number>>;
  /** Pixels: the smallest and largest [width, height] that occur. */
  readonly sizes: { readonly smallest: readonly [number, number]; readonly largest: readonly [number, number] } | null;
  readonly problems: readonly AcdcProblem[];
  readonly generated: GeneratedMark | undefined;
}

/** Reads every slice of an ACDC folder in PNG layout and counts what is in it. @throws BadFile when it cannot be used at all */
export async function checkAcdc(root: string, { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<AcdcCheck> {
  const { slices, spacing, generated, problems: found } = await readAcdc(root);
  const problems = [...found];
  const task = progress.begin("read every slice", slices.length);
  const values = new Set<number>();
  const seen: { split: AcdcSplit; values: Set<number>; width: number; height: number }[] = [];
  for (const [done, slice] of slices.entries()) {
    stopIfAborted(signal);
    try {
      const [{ width, height }, label] = [await readPicture(slice.image), toGrey(await readPicture(slice.label))];
      if (width !== label.width || height !== label.height)
        problems.push({ code: "shape-mismatch", path: slice.id, message: `the image is ${width}×${height}, its label ${label.width}×${label.height}` });
      const own = new Set(label.data);
      for (const value of own) values.add(value);
      seen.push({ split: slice.split, values: own, width, height });
    } catch (error) {
      if (!(error instanceof FolioError)) throw error;
      problems.push({ code: "unreadable", path: slice.id, message: error.message });
    }
    task.update(done + 1, slice.id);
  }
  task.end(`${slices.length} slices`);
  const classOf = labelOrder(values, root);
  const report = (split: AcdcSplit): AcdcSplitReport => {
    const own = slices.filter((slice) => slice.split === split);
    const shown = seen.filter((each) => each.split === split).map((each) => new Set([...each.values].map((value) => classOf.get(value))));
    const count = (c: number): number => shown.filter((classes) => classes.has(c)).length;
    return {
      patients: new Set(own.map(({ patient }) => patient)).size,
      volumes: new Set(own.map(({ volume }) => volume)).size,
      slices: own.length,
      present: Object.fromEntries(acdcStructures.map((name, i) => [name, count(i + 1)])) as Record<AcdcStructure, number>,
    };
  };
  const groups = new Map<string, Set<string>>();
  for (const { group, patient } of slices) if (group !== undefined) groups.set(group, (groups.get(group) ?? new Set()).add(patient));
  const extent = (pick: (...sides: number[]) => number): [number, number] => [pick(...seen.map(({ width }) => width)), pick(...seen.map(({ height }) => height))];
  return {
    root, spacing, problems, generated,
    splits: { train: report("train"), val: report("val"), test: report("test") },
    groups: Object.fromEntries([...groups].sort().map(([group, patients]) => [group, patients.size])),
    sizes: seen.length === 0 ? null : { smallest: extent((...all) => all.reduce((a, b) => Math.min(a, b))), largest: extent((...all) => all.reduce((a, b) => Math.max(a, b))) },
  };
}
