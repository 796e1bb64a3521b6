/** What the modality head is asked to tell apart; the number is its class. */
export const modalities = ["brain MRI", "breast ultrasound", "lung CT", "lung X-ray", "skin photograph", "endoscopy"] as const;

/** One folder of the data set. Names are the published ones, also where they lie: `brain_tumors_ct_scan` holds MRI. */
export interface PrsTask {
  readonly name: string;
  /** Class of the modality head: an index into {@link modalities}. */
  readonly modality: number;
  /** What a file name says about the patient or study it is of; its first group. Undefined where names say nothing. */
  readonly patient?: RegExp;
}

/**
 * The table of tasks. The original looks for "brain" or "skin" anywhere in the path, so that a folder called `brain` above the
 * data relabels everything; here the first component of the path decides. `head_and_neck` and `prostate` get 0, as in [S].
 * @see PRS-Med spec §2.1, §2.3
 */
export const prsTasks: readonly PrsTask[] = [
  { name: "brain_tumors_ct_scan", modality: 0 },
  { name: "breast_tumors_ct_scan", modality: 1 },
  { name: "lung_CT", modality: 2, patient: /^(.+?)[_-](?:slice[_-]?)?\d+\.\w+$/i },
  { name: "lung_Xray", modality: 3 },
  { name: "skin_rgbimage", modality: 4 },
  { name: "polyp_endoscopy", modality: 5 },
  { name: "head_and_neck", modality: 0, patient: /^(\d+)_/ },
  { name: "prostate", modality: 0, patient: /^(\d+)_/ },
  { name: "dental_xray", modality: 3 },
];

export const prsTask = (name: string): PrsTask | undefined => prsTasks.find((task) => task.name === name);
