import type { WeightSlot, WeightTarget } from "../../io/index.js";
import { clipFromHuggingFace, namedParameters, planLora, planTinyVit, samSlots, tinySam, torchShape, vitB, type NamedArray } from "../../nn/index.js";
import { presets } from "./config.js";
import { paperHead, planMaskHead } from "./mask-head.js";
import { planVlm } from "./model.js";

export const publishedFiles = {
  tinysam: "TinySAM's tinysam_42.3.pth, or the image_encoder.pth of PRS-Med: the image encoder",
  "sam-med2d": "sam-med2d_b.pth: SAM's image encoder at 256 pixels, its adapters left out",
  "mask-decoder": "PRS-Med's mask_decoder.pth",
  "llava-med": "LLaVA-Med 1.5 (Mistral 7B), safetensors with index: projector and language model",
  lora: "PRS-Med's lora_adapter: rank 16 on q, k, v, o",
} as const;

export type PublishedFile = keyof typeof publishedFiles;

/**
 * Where each tensor of a published file goes.
 * @see PRS-Med spec §3.1–3.3
 */
export function prsMedTarget(file: PublishedFile): WeightTarget {
  switch (file) {
    case "tinysam":
      return {
        name: "TinySAM's image encoder", slots: slotsOf(planTinyVit(tinySam), "image_encoder"),
        unneeded: [
          { pattern: /\.num_batches_tracked$/, reason: "counts training batches" },
          { pattern: /\.attention_bias_idxs$/, reason: "a table that follows from the window" },
          { pattern: /^(norm_head|head)\./, reason: "a classifier that SAM never calls" },
        ],
      };
    case "sam-med2d":
      return {
        name: "SAM-Med2D's image encoder without its adapters", slots: samSlots({ ...vitB, imageSize: 256, positionGrid: 16 }, "sam").filter(({ to }) => to.startsWith("image_encoder.")),
        unneeded: [{ pattern: /\.Adapter\./, reason: "adapters, which this encoder does not have" }, { pattern: /^(prompt_encoder|mask_decoder)\./, reason: "PRS-Med draws its masks with a head of its own" }],
      };
    case "mask-decoder":
      return { name: "PRS-Med's mask head", slots: slotsOf(planMaskHead(paperHead), "mask_decoder"), unneeded: [] };
    case "llava-med": {
      const { language_model, mm_projector } = planVlm(presets.paper);
      return {
        name: "LLaVA-Med's language side",
        slots: [...slotsOf(language_model, "vlm.language_model"), ...slotsOf(mm_projector, "vlm.mm_projector").map((slot) => ({ ...slot, from: `model.mm_projector.${slot.from}` }))],
        unneeded: [{ pattern: /^model\.vision_tower\./, reason: "CLIP's tower, whose q, k and v are joined: see towerFromLlava" }],
      };
    }
    case "lora":
      return { name: "PRS-Med's adapters", slots: slotsOf(planLora(presets.paper.lm, presets.paper.lora), "lora"), unneeded: [{ pattern: /vision_tower.*lora_/, reason: "adapters of the tower, which never got a gradient" }] };
  }
}

/** Names of a plan are the file's; here they stand below `prefix`. */
function slotsOf(plan: object, prefix: string): WeightSlot[] {
  return namedParameters(plan).map(({ name, parameter: { shape } }) => ({ from: name, to: `${prefix}.${name}`, shape: torchShape(shape) }));
}

const towerPrefix = "model.vision_tower.vision_tower.";

/**
 * The tower of a LLaVA checkpoint under our names, `vlm.vision_tower.…`. LLaVA reads the block before the last, so the norm behind it and the
 * projection into CLIP's joint space are not in use and may be missing.
 */
export function towerFromLlava(arrays: ReadonlyMap<string, NamedArray>): Map<string, NamedArray> {
  const own = new Map([...arrays].filter(([name]) => name.startsWith(towerPrefix)).map(([name, array]) => [name.slice(towerPrefix.length), array]));
  return new Map([...clipFromHuggingFace(own)].filter(([name]) => name.startsWith("visual.")).map(([name, array]) => [`vlm.vision_tower.${name.slice("visual.".length)}`, array]));
}
