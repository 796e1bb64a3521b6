import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, InvalidValue, seededRandom, writeFileAtomic } from "../../core/index.js";
import { readCsv } from "../../io/index.js";
import type { AcdcSplit } from "./slice.js";

/** `split.csv` with `patient,index,data_split`: which side every slice is on. */
const fileName = "split.csv";

const splits: readonly AcdcSplit[] = ["train", "val", "test"];

/** 7 of `patient007`; NaN for another form of name. */
export const patientNumber = (patient: string): number => Number(/(\d+)$/.exec(patient)?.[1] ?? Number.NaN);

/**
 * Whole patients, never slices: the challenge's test patients 101–150 are `test`; of the others every fifth is `val`.
 * The release of the method has no split; this is our choice.
 * @example defaultSplit("patient010") // "val"
 * @see ASMR-seg spec §2.4
 */
export function defaultSplit(patient: string): AcdcSplit {
  const number = patientNumber(patient);
  if (number > 100) return "test";
  return number % 5 === 0 ? "val" : "train";
}

/**
 * The split of one round of a k-fold cross-validation over the patients up to 100; test patients stay test.
 * @param fold from 1
 * @throws InvalidValue for a fold that does not exist
 * @example foldSplit(["patient001", …], { folds: 5, fold: 2, seed: 1 }).get("patient001") // "train"
 */
export function foldSplit(patients: readonly string[], { folds = 5, fold, seed = 1 }: { folds?: number; fold: number; seed?: number }): Map<string, AcdcSplit> {
  if (!Number.isInteger(folds) || folds < 2 || !Number.isInteger(fold) || fold < 1 || fold > folds)
    throw new InvalidValue("foldSplit", `fold must be a whole number from 1 to ${folds}`, fold);
  const [test, others] = [[...patients].sort().filter((each) => defaultSplit(each) === "test"), [...patients].sort().filter((each) => defaultSplit(each) !== "test")];
  const order = seededRandom(seed).stream("acdc-folds").shuffled(others);
  return new Map([...test.map((each) => [each, "test"] as const), ...order.map((each, i) => [each, i % folds === fold - 1 ? "val" : "train"] as const)]);
}

export async function writeSplit(root: string, slices: readonly { readonly patient: string; readonly index: number; readonly split: AcdcSplit }[]): Promise<void> {
  await writeFileAtomic(join(root, fileName), splitCsv(slices));
}

export const splitPath = fileName;

export function splitCsv(slices: readonly { readonly patient: string; readonly index: number; readonly split: AcdcSplit }[]): string {
  return ["patient,index,data_split", ...slices.map(({ patient, index, split }) => `${patient},${index},${split}`)].join("\n") + "\n";
}

/**
 * The split of every patient in `split.csv`, undefined where there is no such file.
 * @throws BadFile `bad-header` for other columns or names of splits, `patient-in-both` when a patient is on two sides
 */
export async function readSplit(root: string): Promise<Map<string, AcdcSplit> | undefined> {
  const path = join(root, fileName);
  if (!(await stat(path).then((file) => file.isFile(), () => false))) return undefined; // prettier-ignore
  const { columns, rows } = await readCsv(path);
  if (!columns.includes("patient") || !columns.includes("data_split"))
    throw new BadFile("bad-header", path, `has the columns ${columns.join(", ")}`, "It must have patient, index and data_split.");
  const sides = new Map<string, AcdcSplit>();
  for (const { patient, data_split: side } of rows) {
    if (!splits.includes(side as AcdcSplit)) throw new BadFile("bad-header", path, `puts ${patient} into ${JSON.stringify(side)}`, "Write train, val or test.");
    const before = sides.get(patient);
    if (before !== undefined && before !== side)
      throw new BadFile("patient-in-both", path, `puts ${patient} into ${before} and ${side}`, "All slices of a patient must be on one side.");
    sides.set(patient, side as AcdcSplit);
  }
  return sides;
}
