import type { WeightSlot } from "../../io/index.js";
import { namedParameters } from "../plan.js";
import { gridOf, type SamConfig } from "./config.js";
import { planImageEncoder } from "./image-encoder.js";
import { planMaskDecoder } from "./mask-decoder.js";
import { planPromptEncoder } from "./prompt-encoder.js";
import { resizeRows } from "./relative-position.js";

/**
 * * `sam`: `sam_vit_b_01ec64.pth`, `medsam_vit_b.pth` – what Meta's and MedSAM's code save
 * * `hugging-face`: `SamModel` of transformers, `flaviagiammarino/medsam-vit-base`
 */
export type SamNames = "sam" | "hugging-face";

/** Published models saw 1024 pixels: 64 patches a side, so global relative positions have 127 rows. */
const publishedGrid = (config: SamConfig): number => config.positionGrid;

/**
 * Where every tensor of a Segment Anything model lies in published files. Our own paths are SAM's, so only Hugging Face's
 * names differ; shapes differ in two places. `pos_embed` has a leading 1 there, and relative positions of global blocks
 * are resized linearly to this image size, as SAM's own code does while it runs.
 * @example samSlots(vitB, "sam").length // 314
 */
export function samSlots(config: SamConfig, names: SamNames): WeightSlot[] {
  const plan = { image_encoder: planImageEncoder(config), prompt_encoder: planPromptEncoder(config), mask_decoder: planMaskDecoder(config) };
  return namedParameters(plan).map(({ name, parameter: { shape } }) => ({
    from: names === "sam" ? name : huggingFaceName(name),
    to: name,
    ...publishedShape(name, torchShape(shape), config),
  }));
}

/** As PyTorch orders the dimensions of what is stored [kh, kw, in, out] here. */
export const torchShape = (shape: readonly number[]): number[] => (shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis]) : [...shape]);

/** A tensor that has another shape in the file than here. */
export function publishedShape(name: string, shape: readonly number[], config: SamConfig): Pick<WeightSlot, "shape" | "becomes"> {
  if (name.endsWith("pos_embed")) return { shape: [1, ...shape], becomes: { shape, how: "without its leading 1", convert: (data) => data } };
  const block = /\.blocks\.(\d+)\.attn\.rel_pos_[hw]$/.exec(name);
  const rows = 2 * publishedGrid(config) - 1;
  if (block === null || !config.globalBlocks.includes(Number(block[1])) || shape[0] === rows) return { shape };
  const how = `${rows} positions resized to ${shape[0]}, those of ${gridOf(config)} patches a side`;
  return { shape: [rows, shape[1]], becomes: { shape, how, convert: (data) => resizeRows(data, rows, shape[0]) } };
}

/** @see transformers, models/sam/convert_sam_to_hf.py */
function huggingFaceName(name: string): string {
  if (name === "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix") return "shared_image_embedding.positional_embedding";
  return huggingFace.reduce((text, [theirs, other]) => text.replace(theirs, other), name);
}

const huggingFace: readonly (readonly [RegExp, string])[] = [
  [/^image_encoder/, "vision_encoder"],
  [/\.blocks\./, ".layers."],
  [/\.neck\.0/, ".neck.conv1"], [/\.neck\.1/, ".neck.layer_norm1"], [/\.neck\.2/, ".neck.conv2"], [/\.neck\.3/, ".neck.layer_norm2"],
  [/\.patch_embed\.proj\./, ".patch_embed.projection."],
  [/\.norm(\d|_)/, ".layer_norm$1"],
  [/\.mask_downscaling\.0/, ".mask_embed.conv1"], [/\.mask_downscaling\.1/, ".mask_embed.layer_norm1"], [/\.mask_downscaling\.3/, ".mask_embed.conv2"],
  [/\.mask_downscaling\.4/, ".mask_embed.layer_norm2"], [/\.mask_downscaling\.6/, ".mask_embed.conv3"],
  [/\.point_embeddings\./, ".point_embed."],
  [/\.output_upscaling\.0/, ".upscale_conv1"], [/\.output_upscaling\.1/, ".upscale_layer_norm"], [/\.output_upscaling\.3/, ".upscale_conv2"],
  [/(hypernetworks_mlps\.\d+|iou_prediction_head)\.layers\.0/, "$1.proj_in"],
  [/(hypernetworks_mlps\.\d+|iou_prediction_head)\.layers\.2/, "$1.proj_out"],
  [/(hypernetworks_mlps\.\d+|iou_prediction_head)\.layers\.1/, "$1.layers.0"],
];
