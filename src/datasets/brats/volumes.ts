import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { namesIn } from "../rated/listing.js";
import { folderLayouts, msdChannels, type BratsLayout, type Modality } from "./layout.js";

/** Where a patient's scan and mask lie. */
export interface PatientFiles {
  readonly patient: string;
  readonly volume: string;
  /** Index along the fourth axis; undefined where the file holds one modality. */
  readonly channel: number | undefined;
  readonly mask: string;
}

export interface BratsVolumes {
  readonly root: string;
  readonly layout: BratsLayout;
  /** Sorted by id, also those whose files are missing: the split is drawn over all of them. */
  readonly patients: readonly PatientFiles[];
}

/**
 * Recognises BraTS20, BraTS21, BraTS23 or MSD Task01 by what its folder holds, and lists the patients. Hidden files, such as
 * the `._*.nii.gz` in the MSD archive, are no patients.
 * @throws BadFile `not-found` when the folder is not there, `bad-header` when it holds none of the four
 * @example (await findBratsVolumes("MICCAI_BraTS2020_TrainingData")).layout // "BraTS20"
 * @see RASALoRE spec §2.1
 */
export async function findBratsVolumes(root: string, modality: Modality): Promise<BratsVolumes> {
  const entries = await readdir(root, { withFileTypes: true }).catch((cause: unknown) => {
    throw new BadFile("not-found", root, "does not exist", "Give the folder that holds the patients' folders, or imagesTr and labelsTr.", { cause });
  });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name).sort();
  if (folders.includes("imagesTr") && folders.includes("labelsTr")) return { root, layout: "MSD", patients: await msdPatients(root, modality) };
  for (const layout of ["BraTS20", "BraTS21", "BraTS23"] as const) {
    const ids = folders.filter((name) => name.startsWith(folderLayouts[layout].prefix));
    if (ids.length > 0) return { root, layout, patients: await Promise.all(ids.map((id) => folderPatient(root, layout, id, modality))) };
  }
  const found = folders.length === 0 ? "holds no folder" : `holds ${folders.slice(0, 3).join(", ")}${folders.length > 3 ? " …" : ""}`;
  throw new BadFile(
    "bad-header", root, `${found}, which is no BraTS20, BraTS21, BraTS23 or MSD layout`,
    "Patients' folders begin with BraTS20_Training_, BraTS2021_ or BraTS-GLI-; MSD has imagesTr and labelsTr. Give the folder that holds those.",
  );
}

async function folderPatient(root: string, layout: Exclude<BratsLayout, "MSD">, patient: string, modality: Modality): Promise<PatientFiles> {
  const { volume, mask, extension } = folderLayouts[layout];
  const at = (name: string): Promise<string> => eitherExtension(join(root, patient, name), extension);
  return { patient, volume: await at(volume(patient, modality)), channel: undefined, mask: await at(mask(patient)) };
}

async function msdPatients(root: string, modality: Modality): Promise<PatientFiles[]> {
  const files = (await namesIn(join(root, "imagesTr"))).filter((name) => /\.nii(\.gz)?$/.test(name));
  return Promise.all(files.map(async (file) => {
    const patient = file.replace(/\.nii(\.gz)?$/, "");
    return { patient, volume: join(root, "imagesTr", file), channel: msdChannels[modality], mask: await eitherExtension(join(root, "labelsTr", patient), ".nii.gz") };
  }));
}

/** The published extension, or the other one where only that is there: people pack and unpack their downloads. */
async function eitherExtension(stem: string, published: ".nii" | ".nii.gz"): Promise<string> {
  const other = published === ".nii" ? ".nii.gz" : ".nii";
  const [first, second] = await Promise.all([published, other].map((extension) => stat(stem + extension).then(() => true, () => false)));
  return stem + (!first && second ? other : published);
}
