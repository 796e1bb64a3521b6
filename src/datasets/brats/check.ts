import { FolioError, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import type { BrainSlice, SliceProblem, SliceSplit } from "./image.js";
import { loadSlice, readBrainSlices } from "./read.js";

export interface SliceSplitReport {
  readonly patients: number;
  readonly healthy: number;
  readonly unhealthy: number;
  /** Mean marked share of an unhealthy slice. */
  readonly meanArea: number | null;
}

export interface BratsCheck {
  readonly root: string;
  readonly name: string;
  readonly splits: Readonly<Record<SliceSplit, SliceSplitReport>>;
  /** Patients of the release that have not been extracted yet. */
  readonly toCome: number;
  readonly problems: readonly SliceProblem[];
  readonly generated: GeneratedMark | undefined;
}

/**
 * Reads every slice and mask and says what is there, missing or odd: masks that contradict the folder their slice lies in,
 * pictures of another size than the first.
 * @throws BadFile as {@link readBrainSlices}
 */
export async function checkBrats(root: string, { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<BratsCheck> {
  const { name, slices, problems: found, extraction, generated } = await readBrainSlices(root);
  const problems = [...found];
  const areas: Record<SliceSplit, number[]> = { train: [], test: [] };
  const task = progress.begin("read every slice", slices.length);
  let size: string | undefined;
  for (const [done, slice] of slices.entries()) {
    stopIfAborted(signal);
    const path = `${slice.split}/${slice.id}`;
    try {
      const { width, height, mask } = await loadSlice(slice);
      size ??= `${width}×${height}`;
      if (`${width}×${height}` !== size) problems.push({ code: "size", path, message: `is ${width}×${height}, the first slice ${size}` });
      const area = mask?.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
      if (area !== undefined && (area > 0) !== (slice.label === "unhealthy")) problems.push({ code: "area", path, message: `lies among the ${slice.label} but has ${area} marked pixels` });
      if (area !== undefined && slice.label === "unhealthy") areas[slice.split].push(area / (width * height));
    } catch (error) {
      if (!(error instanceof FolioError)) throw error;
      problems.push({ code: "unreadable", path, message: error.message });
    }
    task.update(done + 1, slice.id);
  }
  task.end(`${slices.length} slices`);
  const toCome = extraction ? extraction.patients.length - Object.keys(extraction.done).length - Object.keys(extraction.skipped).length : 0;
  return { root, name, splits: { train: report(slices, "train", areas), test: report(slices, "test", areas) }, toCome, problems, generated };
}

function report(slices: readonly BrainSlice[], split: SliceSplit, areas: Readonly<Record<SliceSplit, readonly number[]>>): SliceSplitReport {
  const own = slices.filter((slice) => slice.split === split);
  const unhealthy = own.filter(({ label }) => label === "unhealthy").length;
  const marked = areas[split];
  return {
    patients: new Set(own.map(({ patient }) => patient)).size,
    healthy: own.length - unhealthy,
    unhealthy,
    meanArea: marked.length === 0 ? null : marked.reduce((sum, area) => sum + area, 0) / marked.length,
  };
}
