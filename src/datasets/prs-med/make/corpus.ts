import type { Random } from "../../../core/index.js";
import { resizeBilinear } from "../../../signal/index.js";
import { maskAtSize } from "../../rated/pixels.js";
import type { RowKind } from "../row.js";
import { planScenes } from "./plan.js";
import { drawScene, type Scene } from "./scene.js";
import { drawnSize } from "./presets.js";

/** A scene with the kind of question that suits it. */
export interface CorpusScene extends Scene {
  readonly kind: RowKind;
}

/**
 * Pictures for pre-training, in memory: what CLIP, LLaVA-Med and TinySAM have seen long before PRS-Med begins. Drawn as the data set is,
 * from other random numbers, and resized as its files are when they are read.
 * @param rows the corpus has about 0.65 pictures a row
 */
export function pretrainingScenes(rows: number, size: number, random: Random): CorpusScene[] {
  return planScenes(rows, random.stream("plan")).map((plan, i) => {
    const scene = drawScene(plan, drawnSize, random.stream("scene").stream(i));
    const square = { width: drawnSize, height: drawnSize };
    return {
      ...scene, kind: plan.kind, size,
      pixels: resizeBilinear({ ...square, channels: 3, data: scene.pixels }, size, size).data,
      lesions: scene.lesions.map((lesion) => ({ ...lesion, mask: maskAtSize({ ...square, channels: 1, data: lesion.mask.map((on) => 255 * on) }, size) })),
    };
  });
}
