import { InvalidValue, type Random } from "../../core/index.js";
import type { RatedImage, RatedProblem } from "./image.js";

/**
 * Sets a share of the patients apart, never slices of one patient on both sides. At least one patient stays on each side.
 *
 * The published code chose its model on the test set (spec §8.15); with this, the choice is made on patients of the
 * training split and the test split is looked at once.
 *
 * @param fraction of the patients that go to `held`, in (0, 1)
 * @throws InvalidValue when the fraction is outside (0, 1) or there are fewer than two patients
 * @example splitPatients(images, 0.125, seededRandom(1).stream("validation")) // { kept: [224 slices], held: [32 slices] }
 */
export function splitPatients<T extends { readonly patient: string }>(images: readonly T[], fraction: number, random: Random): { kept: T[]; held: T[] } {
  const patients = [...new Set(images.map(({ patient }) => patient))].sort();
  if (!(fraction > 0 && fraction < 1)) throw new InvalidValue("splitPatients", "the fraction must lie between 0 and 1", fraction);
  if (patients.length < 2) throw new InvalidValue("splitPatients", "there must be two patients or more", patients.length);
  const count = Math.min(patients.length - 1, Math.max(1, Math.round(fraction * patients.length)));
  const chosen = new Set(random.shuffled(patients).slice(0, count));
  return { kept: images.filter(({ patient }) => !chosen.has(patient)), held: images.filter(({ patient }) => chosen.has(patient)) };
}

/** Patients that stand in train and in test: a leak that makes every score too good. */
export function leaks(images: readonly RatedImage[]): RatedProblem[] {
  const of = (wanted: string): Set<string> => new Set(images.filter(({ split }) => split === wanted).map(({ patient }) => patient));
  const test = of("test");
  return [...of("train")].filter((patient) => test.has(patient)).sort().map((patient) => (
    { code: "patient-in-both", path: patient, message: "the patient is in train and in test" }
  ));
}
