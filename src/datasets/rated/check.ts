import { FolioError, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import type { RatedDataset, RatedProblem, RatedSplit } from "./image.js";
import { loadRated } from "./load.js";

export interface RatedSplitReport {
  readonly patients: number;
  readonly images: number;
  /** How many images each rater marked, by rater. */
  readonly marked: readonly number[];
  /** Mean share of the picture that a rater marked, where one did. */
  readonly meanArea: number | null;
}

export interface RatedCheck {
  readonly root: string;
  readonly raterCount: number;
  readonly splits: Readonly<Record<RatedSplit, RatedSplitReport>>;
  readonly problems: readonly RatedProblem[];
  readonly generated: GeneratedMark | undefined;
}

/** Reads every image and mask of a dataset at 128×128 and counts what is in it. */
export async function checkRated(dataset: RatedDataset, { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<RatedCheck> {
  const { root, images, raterCount, generated } = dataset;
  const problems = [...dataset.problems];
  const areas: Record<RatedSplit, number[][]> = { train: [], test: [] };
  const task = progress.begin("read every image", images.length);
  for (const [done, image] of images.entries()) {
    stopIfAborted(signal);
    try {
      const { raters, size } = await loadRated(image, 128);
      areas[image.split].push(raters.map((mask) => mask.reduce((sum, x) => sum + x, 0) / size ** 2));
    } catch (error) {
      if (!(error instanceof FolioError)) throw error;
      problems.push({ code: "unreadable", path: `${image.split}/${image.id}`, message: error.message });
    }
    task.update(done + 1, image.id);
  }
  task.end(`${images.length} images`);
  const report = (split: RatedSplit): RatedSplitReport => {
    const patients = new Set(images.filter((image) => image.split === split).map(({ patient }) => patient));
    const marks = areas[split].flat().filter((area) => area > 0);
    const raters = Math.max(0, ...areas[split].map((each) => each.length));
    return {
      patients: patients.size,
      images: areas[split].length,
      marked: Array.from({ length: raters }, (_, rater) => areas[split].filter((each) => each[rater] > 0).length),
      meanArea: marks.length === 0 ? null : marks.reduce((sum, area) => sum + area, 0) / marks.length,
    };
  };
  return { root, raterCount, splits: { train: report("train"), test: report("test") }, problems, generated };
}
