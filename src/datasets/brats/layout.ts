/** The published layouts of brain tumour volumes that are recognised by themselves. */
export const bratsLayouts = ["BraTS20", "BraTS21", "BraTS23", "MSD"] as const;
export type BratsLayout = (typeof bratsLayouts)[number];

export const modalities = ["t1", "t1ce", "t2", "flair"] as const;
export type Modality = (typeof modalities)[number];

interface FolderLayout {
  /** How every patient's folder begins. */
  readonly prefix: string;
  /** The file names of a patient, without extension. */
  readonly volume: (patient: string, modality: Modality) => string;
  readonly mask: (patient: string) => string;
  readonly extension: ".nii" | ".nii.gz";
}

const names23: Readonly<Record<Modality, string>> = { t1: "t1n", t1ce: "t1c", t2: "t2w", flair: "t2f" };

/** The layouts with one folder a patient (RASALoRE spec §2.1). */
export const folderLayouts: Readonly<Record<Exclude<BratsLayout, "MSD">, FolderLayout>> = {
  BraTS20: { prefix: "BraTS20_Training_", volume: (id, modality) => `${id}_${modality}`, mask: (id) => `${id}_seg`, extension: ".nii" },
  BraTS21: { prefix: "BraTS2021_", volume: (id, modality) => `${id}_${modality}`, mask: (id) => `${id}_seg`, extension: ".nii.gz" },
  BraTS23: { prefix: "BraTS-GLI-", volume: (id, modality) => `${id}-${names23[modality]}`, mask: (id) => `${id}-seg`, extension: ".nii.gz" },
};

/** Task01_BrainTumour of the Medical Segmentation Decathlon: one 4-D file a patient, the modality along its last axis. */
export const msdChannels: Readonly<Record<Modality, number>> = { flair: 0, t1: 1, t1ce: 2, t2: 3 };
