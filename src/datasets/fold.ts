import { InvalidValue, seededRandom } from "../core/index.js";

/** One round of a cross-validation: which part of the patients is held out, counted from 1, of how many parts. */
export interface Fold {
  readonly fold: number;
  readonly folds: number;
}

export interface FoldOptions<T> {
  /** What stays together: the patient. */
  readonly unit: (item: T) => string;
  /** What every part gets its share of, such as the diagnosis. */
  readonly stratum?: (item: T) => string;
  /** `next-fold`: the part after the held-out one chooses the model (`val`). `none`: all others train. */
  readonly validation: "none" | "next-fold";
}

/** Said of data that cannot be dealt into parts. */
export const dcaseHasNoFolds = "every anomaly of DCASE is in its test set and the training clips are all normal, so there is no part to hold out; repeat over seeds instead";

/**
 * The same items with the sides of one round of a cross-validation. All patients are dealt anew, whatever side the folder put
 * them on; slices of one patient stay together, and every patient is tested in exactly one round. The deal depends on the
 * patients alone, so runs of different seeds and methods test the same ones.
 *
 * @param fold undefined leaves the sides as they are
 * @throws InvalidValue for a part that does not exist, and where there are fewer patients than parts
 * @example inFold(dataset.images, { fold: 2, folds: 5 }, { unit: ({ patient }) => patient, validation: "none" })
 */
export function inFold<T extends { readonly split: string }>(items: readonly T[], fold: Fold | undefined, { unit, stratum = () => "", validation }: FoldOptions<T>): T[] {
  if (fold === undefined) return [...items];
  const { fold: held, folds } = checkFold(fold);
  const part = dealt(new Map(items.map((item) => [unit(item), stratum(item)])), folds);
  const choosing = (held % folds) + 1;
  const sideOf = (number: number): string => (number === held ? "test" : validation === "next-fold" && number === choosing ? "val" : "train");
  return items.map((item): T => ({ ...item, split: sideOf(part.get(unit(item))!) }));
}

/** @throws InvalidValue */
export function checkFold({ fold, folds }: Fold): Fold {
  if (!Number.isSafeInteger(folds) || folds < 2) throw new InvalidValue("fold", "there must be 2 parts or more", folds);
  if (!Number.isSafeInteger(fold) || fold < 1 || fold > folds) throw new InvalidValue("fold", `it must be a whole number from 1 to ${folds}`, fold);
  return { fold, folds };
}

/** Which part every unit is in: shuffled within its stratum, then dealt in turn, so that parts differ by one at most. */
function dealt(strata: ReadonlyMap<string, string>, folds: number): Map<string, number> {
  if (strata.size < folds) throw new InvalidValue("fold", `there must be as many patients as folds (${folds})`, strata.size);
  const random = seededRandom(1).stream("folds");
  const order = [...new Set(strata.values())].sort().flatMap((stratum) => random.stream(stratum).shuffled([...strata].filter(([, own]) => own === stratum).map(([unit]) => unit).sort()));
  return new Map(order.map((unit, i) => [unit, (i % folds) + 1]));
}
