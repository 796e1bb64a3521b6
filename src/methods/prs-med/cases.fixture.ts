import { seededRandom } from "../../core/index.js";
import { askAbout, pretrainingScenes, type PrsCase } from "../../datasets/index.js";
import { presets, type PrsMedConfig } from "./config.js";

/** Every part, as small as it goes. */
export const tinyConfig: PrsMedConfig = {
  ...presets.quick,
  clip: { ...presets.quick.clip, visionWidth: 16, visionBlocks: 2 },
  lm: { ...presets.quick.lm, vocabulary: 270, width: 32, layers: 1, hidden: 32 },
  encoder: { ...presets.quick.encoder, stem: 8, widths: [8, 16, 16], channels: 16 },
  head: { ...presets.quick.head, prompt: 32, hidden: 16, image: 16, feedForward: 16 },
  pretraining: {
    tower: { steps: 3, batch: 4, learningRate: 1e-3 }, language: { ...presets.quick.pretraining.language, steps: 3, batch: 4, learningRate: 1e-3 }, encoder: { steps: 3, batch: 4, learningRate: 1e-3 }, prompt: { steps: 3, batch: 4, learningRate: 1e-3 },
    corpusRows: 40,
  },
  training: { ...presets.quick.training, steps: 8, batch: 4 },
};

/** Rows of generated pictures, without files. */
export function someCases(count: number, size = 32): PrsCase[] {
  const random = seededRandom(11);
  return pretrainingScenes(count, size, random).flatMap((scene, i) => scene.lesions.map((lesion, j): PrsCase => ({
    ...askAbout(scene.kind, scene, lesion, "train", random.stream("words").stream(i).stream(j)),
    id: `scene/${i}${j}`, task: "skin_rgbimage", split: "train", kind: scene.kind, group: String(i), image: "", mask: "", modality: scene.modality,
    size, pixels: scene.pixels, softMask: Float32Array.from(lesion.mask),
  })));
}
