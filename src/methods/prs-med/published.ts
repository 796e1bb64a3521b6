/** One published run: mean Dice and mean IoU over 256 thresholds, by task in the order of {@link publishedTasks}; null where it has no file. */
export interface PublishedRun {
  readonly name: string;
  readonly dice: readonly (number | null)[];
  readonly iou: readonly (number | null)[];
}

export const publishedTasks = ["brain_tumors_ct_scan", "breast_tumors_ct_scan", "lung_CT", "lung_Xray", "polyp_endoscopy", "skin_rgbimage", "dental_xray"] as const;

/**
 * `meanDic` and `meanIoU` of the result files in the authors' repository (evaluation/segmentation/results_*). The headline of the
 * project page takes its best cells from two of these runs. Reasoning scores could not be retrieved and are not here.
 * @see PRS-Med spec §6
 */
export const publishedRuns: readonly PublishedRun[] = [
  { name: "full_16_6_classes_fix (PRS-Med)", dice: [0.768, 0.817, 0.968, 0.969, 0.843, 0.89, null], iou: [0.678, 0.729, 0.943, 0.942, 0.791, 0.818, null] },
  { name: "full_16_6_classes (PRS-Med)", dice: [0.803, 0.885, 0.805, 0.811, 0.843, 0.807, null], iou: [0.757, 0.846, 0.698, 0.712, 0.791, 0.757, null] },
  { name: "benchmark_sam_train (encoder trained)", dice: [0.726, 0.772, 0.949, 0.964, 0.606, 0.9, null], iou: [0.614, 0.669, 0.909, 0.933, 0.521, 0.833, null] },
  { name: "benchmark_sam_frozen (encoder frozen)", dice: [0.673, 0.728, 0.945, 0.962, 0.529, 0.893, null], iou: [0.563, 0.625, 0.901, 0.929, 0.445, 0.822, null] },
  { name: "full_15", dice: [0.75, 0.814, 0.855, 0.651, 0.76, 0.632, 0.226], iou: [0.702, 0.764, 0.771, 0.521, 0.699, 0.569, 0.138] },
  { name: "full_12", dice: [0.738, 0.765, 0.787, 0.52, 0.7, 0.478, 0.112], iou: [0.687, 0.706, 0.689, 0.39, 0.636, 0.426, 0.067] },
  { name: "full", dice: [0.778, 0.625, 0.709, 0.289, 0.697, 0.494, 0.057], iou: [0.723, 0.545, 0.581, 0.186, 0.617, 0.426, 0.031] },
  { name: "1", dice: [0.784, 0.885, 0.516, 0.332, null, null, null], iou: [0.719, 0.825, 0.399, 0.233, null, null, null] },
  { name: "SAM-Med2D", dice: [0.667, 0.515, 0.54, 0.401, 0.488, 0.237, null], iou: [0.625, 0.441, 0.392, 0.3, 0.418, 0.171, null] },
  { name: "BiomedParse", dice: [0.294, 0.783, 0.088, 0.972, 0.824, 0.924, null], iou: [0.245, 0.698, 0.06, 0.949, 0.774, 0.867, null] },
  { name: "lisa_7B", dice: [0.105, 0.299, 0.478, 0.179, 0.241, 0.464, null], iou: [0.068, 0.246, 0.402, 0.122, 0.202, 0.368, null] },
  { name: "lisa_13B_1", dice: [0.124, 0.526, 0.656, 0.397, 0.312, 0.643, null], iou: [0.076, 0.441, 0.528, 0.263, 0.247, 0.536, null] },
  { name: "lisa_13B", dice: [0.866, 0.705, 0.486, 0.664, 0.828, 0.793, null], iou: [0.832, 0.68, 0.377, 0.535, 0.783, 0.763, null] },
  { name: "lisa", dice: [0.777, 0.494, 0.598, 0.39, 0.681, 0.46, null], iou: [0.753, 0.44, 0.508, 0.289, 0.632, 0.392, null] },
];

/** The unweighted mean over the tasks a run has, as the published tables average. @example meanOverTasks(publishedRuns[0]) // { dice: 0.8758, iou: 0.8168 } */
export function meanOverTasks({ dice, iou }: PublishedRun): { readonly dice: number; readonly iou: number } {
  const mean = (values: readonly (number | null)[]): number => {
    const there = values.filter((value) => value !== null);
    return there.reduce((sum, value) => sum + value, 0) / there.length;
  };
  return { dice: mean(dice), iou: mean(iou) };
}
