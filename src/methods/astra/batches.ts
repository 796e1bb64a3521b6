import { concatenate, type Random } from "../../core/index.js";
import type { DcaseClip } from "../../datasets/index.js";
import { attributeInput, type AttributeScales } from "./attributes.js";
import { augment } from "./augment.js";
import { patchesPerImage, type AstraConfig } from "./config.js";
import type { Images } from "./images.js";
import { extractPatches, normalisePicture } from "./patches.js";

/** Numbers of one batch, ready to become tensors. */
export interface TrainingBatch {
  readonly clips: number;
  /** [clips · patches, size, size, 3], twice: two views of the same clips. */
  readonly views: readonly [Float32Array, Float32Array];
  /** [clips, A] */
  readonly attributes: Float32Array;
}

/** What batches are made from. */
export interface BatchSource {
  readonly clips: readonly DcaseClip[];
  readonly images: Images;
  readonly scales: AttributeScales;
  readonly config: AstraConfig;
}

/** How many steps an epoch has, by `lastBatch`. */
export function stepsPerEpoch(clips: number, { batch, lastBatch }: AstraConfig["training"]): number {
  return Math.max(1, lastBatch === "drop" ? Math.floor(clips / batch) : Math.ceil(clips / batch));
}

/**
 * The batch of a step: which clips, how each view is changed and which patches it shows all follow from the random
 * generator's seed and the numbers of the epoch and the step, whatever was drawn before.
 */
export function trainingBatch(
  { clips, images, scales, config }: BatchSource,
  epoch: number,
  step: number,
  random: Random,
): TrainingBatch {
  const { batch } = config.training;
  const order = random.stream(`order/${epoch}`).permutation(clips.length);
  const chosen = Array.from(order.subarray(step * batch, (step + 1) * batch), (i) => clips[i]);
  const view = (which: 1 | 2): Float32Array =>
    concatenate(
      chosen.map((clip) => {
        const image = images.get(clip.id)!;
        const own = random.stream(`clip/${epoch}/${clip.id}`);
        const pixels = augment(image, config.augment, own.stream(`view${which}`));
        return extractPatches(normalisePicture(pixels, image.width, "imagenet"), config.patches, shownPatches(config, own));
      }),
    );
  return { clips: chosen.length, views: [view(1), view(2)], attributes: attributeMatrix(chosen, scales, config) };
}

/** [clips, A], flat. */
export function attributeMatrix(clips: readonly DcaseClip[], scales: AttributeScales, config: AstraConfig): Float32Array {
  return Float32Array.from(clips.flatMap((clip) => attributeInput(clip, scales, config.corrections)));
}

/** Every patch of every picture, without random changes, [clips · patches, size, size, 3]. */
export function evaluationPatches(
  clips: readonly DcaseClip[],
  images: Images,
  { corrections, patches }: AstraConfig,
): Float32Array {
  const by = corrections.evalNormalisation === "training" ? "imagenet" : "half";
  return concatenate(
    clips.map((clip) => {
      const image = images.get(clip.id)!;
      return extractPatches(normalisePicture(image.data, image.width, by), patches);
    }),
  );
}

/** Patches of a picture that a view shows. */
export function patchesPerView(config: AstraConfig): number {
  const { perView } = config.patches;
  return Math.min(perView === "all" ? Infinity : perView, patchesPerImage(config));
}

/** The same random patches for both views of a clip; undefined shows all. */
function shownPatches(config: AstraConfig, random: Random): Uint32Array | undefined {
  const { perView } = config.patches;
  return perView === "all" ? undefined : random.stream("patches").permutation(patchesPerImage(config)).subarray(0, perView);
}
