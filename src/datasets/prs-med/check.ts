import { relative } from "node:path";
import { FolioError, sha256File, silent, stopIfAborted, type Progress } from "../../core/index.js";
import { zoneAccuracy, zoneOf, type Zone } from "../../metrics/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import { readMask, readPicture } from "../rated/pixels.js";
import { maskPosition } from "./position.js";
import type { PrsDataset, PrsProblem, PrsRow, PrsSplit } from "./row.js";

export interface PrsTaskReport {
  readonly task: string;
  readonly rows: Readonly<Record<PrsSplit, number>>;
  /** How often each zone is the one the position sentence names, over all splits; `none` when it names none. */
  readonly zones: Readonly<Record<Zone | "none", number>>;
  /** Zone accuracy on test of a program that always gives the commonest zone. Null without test rows. */
  readonly majority: number | null;
  /** Answers that name another zone than the position sentence, or none. */
  readonly answersDiffer: number;
}

export interface PrsCheck {
  readonly root: string;
  readonly tasks: readonly PrsTaskReport[];
  readonly problems: readonly PrsProblem[];
  readonly generated: GeneratedMark | undefined;
}

/**
 * Reads every picture and mask and audits the splits: exact copies across them, patients in two of them, sentences that contradict their
 * mask, and the accuracy that needs no method.
 * @see PRS-Med spec §2.1, §2.5
 */
export async function checkPrsMed(dataset: PrsDataset, { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<PrsCheck> {
  const { root, rows, generated } = dataset;
  const problems = [...dataset.problems];
  const byHash = new Map<string, PrsRow[]>();
  const task = progress.begin("read every picture", rows.length);
  for (const [done, row] of rows.entries()) {
    stopIfAborted(signal);
    try {
      problems.push(...(await lookAt(row, root)));
      const hash = await sha256File(row.image);
      byHash.set(hash, [...(byHash.get(hash) ?? []), row]);
    } catch (error) {
      if (!(error instanceof FolioError)) throw error;
      problems.push({ code: "unreadable", path: row.id, message: error.message });
    }
    task.update(done + 1, row.id);
  }
  task.end(`${rows.length} pictures`);
  for (const same of byHash.values()) {
    const across = acrossSplits(same);
    if (across) problems.push({ code: "duplicate-image", path: across[1].id, message: `is byte for byte ${across[0].id}` });
  }
  problems.push(...leaks(rows));
  const names = [...new Set(rows.map((row) => row.task))];
  return { root, tasks: names.map((name) => report(name, rows.filter((row) => row.task === name))), problems, generated };
}

async function lookAt(row: PrsRow, root: string): Promise<PrsProblem[]> {
  const [picture, mask] = await Promise.all([readPicture(row.image), readMask(row.mask)]);
  const path = relative(root, row.mask).replaceAll("\\", "/");
  const top = mask.data.reduce((most, level) => Math.max(most, level), 0);
  if (top === 0) return [{ code: "empty-mask", path, message: "has no foreground" }];
  const found: PrsProblem[] = [];
  if (top === 1) found.push({ code: "mask-of-ones", path, message: "is stored as 0 and 1; it is rescaled when read" });
  if (picture.width !== mask.width || picture.height !== mask.height)
    found.push({ code: "size-differs", path, message: `is ${mask.width}×${mask.height}, its picture ${picture.width}×${picture.height}` });
  const [says, lies] = [zoneOf(row.position), maskPosition(mask.data, mask.width, mask.height)!.zone];
  if (says !== null && says !== lies && !row.task.startsWith("lung")) found.push({ code: "position-differs", path, message: `the sentence says ${says}, the mask lies ${lies}` });
  return found;
}

/** The first two rows of different splits. */
function acrossSplits(rows: readonly PrsRow[]): [PrsRow, PrsRow] | undefined {
  const other = rows.find(({ split }) => split !== rows[0].split);
  return other && [rows[0], other];
}

/** One problem a patient or source picture that has rows in two splits. */
function leaks(rows: readonly PrsRow[]): PrsProblem[] {
  const groups = new Map<string, PrsRow[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups].flatMap(([group, own]) => {
    const across = acrossSplits(own);
    return across ? [{ code: "patient-in-both" as const, path: group, message: `has rows in ${[...new Set(own.map(({ split }) => split))].join(" and ")}` }] : [];
  });
}

function report(task: string, rows: readonly PrsRow[]): PrsTaskReport {
  const zones: Record<Zone | "none", number> = { "top left": 0, "top right": 0, "bottom left": 0, "bottom right": 0, center: 0, none: 0 };
  for (const { position } of rows) zones[zoneOf(position) ?? "none"]++;
  const count = (split: PrsSplit): number => rows.filter((row) => row.split === split).length;
  const test = rows.filter(({ split }) => split === "test").map(({ position }) => position);
  return {
    task, zones,
    rows: { train: count("train"), val: count("val"), test: count("test") },
    majority: test.length === 0 ? null : zoneAccuracy(test, test).majority.value,
    answersDiffer: rows.filter(({ answer, position }) => zoneOf(answer) !== zoneOf(position)).length,
  };
}
