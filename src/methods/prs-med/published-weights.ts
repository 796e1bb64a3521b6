import type { WeightSlot, WeightTarget } from "../../io/index.js";
import { clipSlots, namedParameters, planLora, planTinyVit, planVisionTower, samSlots, tinySam, torchShape, vitB, type SamConfig, type TinyVitConfig } from "../../nn/index.js";
import { presets, type PrsMedConfig } from "./config.js";
import { paperHead, planMaskHead } from "./mask-head.js";
import { planVlm } from "./model.js";

export const publishedFiles = {
  tinysam: "TinySAM's tinysam_42.3.pth, or the image_encoder.pth of PRS-Med: the image encoder",
  "sam-med2d": "sam-med2d_b.pth: SAM's image encoder at 256 pixels, its adapters left out",
  "mask-decoder": "PRS-Med's mask_decoder.pth",
  "llava-med": "LLaVA-Med 1.5 (Mistral 7B), safetensors with index: tower, projector and language model",
  lora: "PRS-Med's lora_adapter: rank 16 on q, k, v, o",
} as const;

export type PublishedFile = keyof typeof publishedFiles;

/**
 * Where each tensor of a published file goes.
 * @param config sizes of the networks; the published ones unless given
 * @see PRS-Med spec §3.1–3.3
 */
export function prsMedTarget(file: PublishedFile, config: PublishedSizes = publishedSizes): WeightTarget {
  switch (file) {
    case "tinysam":
      return {
        name: "TinySAM's image encoder", slots: slotsOf(planTinyVit(config.tinysam), "image_encoder"),
        unneeded: [
          { pattern: /\.num_batches_tracked$/, reason: "counts training batches" },
          { pattern: /\.attention_bias_idxs$/, reason: "a table that follows from the window" },
          { pattern: /^(norm_head|head)\./, reason: "a classifier that SAM never calls" },
        ],
      };
    case "sam-med2d":
      return {
        name: "SAM-Med2D's image encoder without its adapters", slots: samSlots(config.samMed2d, "sam").filter(({ to }) => to.startsWith("image_encoder.")),
        unneeded: [{ pattern: /\.Adapter\./, reason: "adapters, which this encoder does not have" }, { pattern: /^(prompt_encoder|mask_decoder)\./, reason: "PRS-Med draws its masks with a head of its own" }],
      };
    case "mask-decoder":
      return { name: "PRS-Med's mask head", slots: slotsOf(planMaskHead(config.head), "mask_decoder"), unneeded: [] };
    case "llava-med": {
      const { language_model, mm_projector } = planVlm(config);
      return {
        name: "LLaVA-Med",
        slots: [...slotsOf(language_model, "vlm.language_model"), ...slotsOf(mm_projector, "vlm.mm_projector").map((slot) => ({ ...slot, from: `model.mm_projector.${slot.from}` })), ...towerSlots(config)],
        unneeded: [],
      };
    }
    case "lora":
      return { name: "PRS-Med's adapters", slots: slotsOf(planLora(config.lm, config.lora), "lora"), unneeded: [{ pattern: /vision_tower.*lora_/, reason: "adapters of the tower, which never got a gradient" }] };
  }
}

/** Sizes of the networks that published files are of. */
export interface PublishedSizes extends Pick<PrsMedConfig, "clip" | "lm" | "lora" | "head"> {
  readonly tinysam: TinyVitConfig;
  readonly samMed2d: SamConfig;
}

export const publishedSizes: PublishedSizes = { ...presets.paper, head: paperHead, tinysam: tinySam, samMed2d: { ...vitB, imageSize: 256, positionGrid: 16 } };

/** Names of a plan are the file's; here they stand below `prefix`. */
function slotsOf(plan: object, prefix: string): WeightSlot[] {
  return namedParameters(plan).map(({ name, parameter: { shape } }) => ({ from: name, to: `${prefix}.${name}`, shape: torchShape(shape) }));
}

/** LLaVA reads the block before the last, so the projection into CLIP's joint space is not in its files. */
function towerSlots({ clip }: Pick<PublishedSizes, "clip">): WeightSlot[] {
  const behind = (name: string): string => `model.vision_tower.vision_tower.${name}`;
  return clipSlots({ visual: planVisionTower(clip) }).filter(({ to }) => to !== "visual.proj").map((slot) => ({
    ...slot, from: behind(slot.from), to: slot.to.replace("visual.", "vlm.vision_tower."), ...(slot.also && { also: slot.also.map(({ from, shape }) => ({ from: behind(from), shape })) }),
  }));
}
