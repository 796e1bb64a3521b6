import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import { readClip, type DcaseClip } from "../../datasets/index.js";
import { logMelImage, type RgbImage } from "../../signal/index.js";
import type { ImageConfig } from "./config.js";

/** Colour pictures by clip id. */
export type Images = ReadonlyMap<string, RgbImage>;

/** One clip as the square colour picture the model looks at (spec §2.5). */
export function clipImage(
  samples: ArrayLike<number>,
  { sampleRate, nFft, hopLength, nMels, fMin, fMax, topDb, colorMap, size }: ImageConfig,
): RgbImage {
  return logMelImage(samples, {
    sampleRate,
    nFft,
    hopLength,
    nMels,
    fMin,
    fMax,
    ref: "max",
    topDb,
    colorMap,
    width: size,
    height: size,
  });
}

/**
 * Reads clips and keeps their pictures in memory: 12 KB a clip at 64 pixels, 150 KB at 224.
 * @throws BadFile when a WAV file is broken or has another sample rate
 */
export async function clipImages(
  clips: readonly DcaseClip[],
  config: ImageConfig,
  { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<Images> {
  const task = progress.begin("spectrograms", clips.length);
  const images = new Map<string, RgbImage>();
  for (const clip of clips) {
    stopIfAborted(signal);
    images.set(clip.id, clipImage(await readClip(clip, { sampleRate: config.sampleRate }), config));
    task.update(images.size);
  }
  task.end(`${images.size} clips`);
  return images;
}
