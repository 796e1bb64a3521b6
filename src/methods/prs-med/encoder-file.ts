import { sha256File, type Progress } from "../../core/index.js";
import { openTensorFile, planWeights, readPlanned, requireComplete, type TensorFile, type WeightPlan } from "../../io/index.js";
import type { NamedArray } from "../../nn/index.js";
import { prsMedTarget, publishedSizes } from "./published-weights.js";
import { isSam, type VisionEncoderConfig } from "./vision-encoder.js";

/** A published image encoder whose names and shapes are those of a configuration; no weight is read yet. */
export interface EncoderFile {
  readonly path: string;
  readonly file: TensorFile;
  readonly plan: WeightPlan;
  /** Of the file's content. */
  readonly key: string;
}

/**
 * Opens TinySAM's `tinysam_42.3.pth` or PRS-Med's `image_encoder.pth`; where the configuration has SAM's encoder, `sam-med2d_b.pth`.
 * @throws BadFile when a tensor is missing or of another shape than the configuration's: published sizes are those of preset paper
 */
export async function openEncoderFile(path: string, config: VisionEncoderConfig): Promise<EncoderFile> {
  const target = isSam(config) ? prsMedTarget("sam-med2d", { ...publishedSizes, samMed2d: config }) : prsMedTarget("tinysam", { ...publishedSizes, tinysam: config });
  const file = await openTensorFile(path);
  // PRS-Med's own file holds the encoder twice, the second time as a part of SAM.
  const first = !isSam(config) && file.tensors.some(({ name }) => name.startsWith("image_encoder.")) ? "image_encoder." : undefined;
  const plan = planWeights(file.tensors, target, first);
  requireComplete(plan, target, path);
  return { path, file, plan, key: await sha256File(path) };
}

/** The encoder's weights as float32 under our names. @throws Interrupted */
export const readEncoder = ({ file, plan }: EncoderFile, options: { readonly progress?: Progress; readonly signal?: AbortSignal } = {}): Promise<Map<string, NamedArray>> => readPlanned(file, plan, options);
