import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { readMark } from "../generated/mark.js";
import { folders, namesIn } from "../rated/listing.js";
import { readSidecar } from "./sidecar.js";
import type { AcdcDataset, AcdcProblem, AcdcSlice } from "./slice.js";
import { defaultSplit, readSplit } from "./split.js";

/**
 * Lists ACDC in the layout that ASMR-seg reads: `<root>/patientNNN/{images,labels}/0.png 1.png …`, sorted as numbers.
 * `split.csv` says who is on which side; without it see {@link defaultSplit}. Without `meta.json` a patient is one volume of unknown
 * spacing, and distances are counted in pixels.
 *
 * @throws BadFile `not-found`, `empty` when there is no slice with a label, `patient-in-both`
 * @example (await readAcdc("data/acdc-small")).slices.length // 792
 * @see ASMR-seg spec §2.3
 */
export async function readAcdc(root: string): Promise<AcdcDataset> {
  const remedy = "Make it with: folio data make acdc --from CHALLENGE, or sample data with: folio data make acdc";
  const sides = await readSplit(root);
  const problems: AcdcProblem[] = [];
  const slices: AcdcSlice[] = [];
  for (const patient of await folders(root, remedy)) {
    const split = sides?.get(patient) ?? defaultSplit(patient);
    if (sides !== undefined && !sides.has(patient)) problems.push({ code: "not-in-split", path: patient, message: `split.csv does not name this patient; taken as ${split}` });
    slices.push(...(await readPatient(root, patient, split, problems)));
  }
  if (slices.length === 0) throw new BadFile("empty", root, "holds no patientNNN/images/N.png with a label", remedy);
  const known = slices.every(({ phase }) => phase !== undefined);
  return { root, slices, spacing: known ? "mm" : "pixels", problems, generated: await readMark(root) };
}

async function readPatient(root: string, patient: string, split: AcdcSlice["split"], problems: AcdcProblem[]): Promise<AcdcSlice[]> {
  const numbers = async (kind: string): Promise<number[]> =>
    (await namesIn(join(root, patient, kind))).flatMap((name) => (/^\d+\.png$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
  const [images, labels, meta] = await Promise.all([numbers("images"), numbers("labels"), readSidecar(root, patient)]);
  if (images.length === 0) problems.push({ code: "missing-image", path: patient, message: "there is no images/N.png" });
  if (meta === undefined && images.length > 0) problems.push({ code: "missing-meta", path: patient, message: "there is no meta.json, so phase and spacing are unknown" });
  const labelled = new Set(labels);
  return images.flatMap((index): AcdcSlice[] => {
    const path = `${patient}/labels/${index}.png`;
    if (!labelled.has(index)) {
      problems.push({ code: "missing-label", path, message: "the image has no label" });
      return [];
    }
    const known = meta?.slices[index];
    if (meta !== undefined && known === undefined) problems.push({ code: "not-in-meta", path, message: "meta.json does not describe this slice" });
    return [{
      id: `${patient}/${index}`, patient, index, split, group: meta?.group,
      volume: known === undefined ? patient : `${patient}/${known.phase}`,
      phase: known?.phase,
      z: known?.z ?? index,
      spacingMm: known?.spacing ?? [1, 1, 1],
      image: join(root, patient, "images", `${index}.png`),
      label: join(root, path),
    }];
  });
}
