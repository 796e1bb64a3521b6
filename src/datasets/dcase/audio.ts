import { BadFile, stopIfAborted } from "../../core/index.js";
import { readWav } from "../../io/index.js";
import type { DcaseClip } from "./clip.js";

export interface AudioOptions {
  /** Hz the clip must have; 16000 unless given. */
  readonly sampleRate?: number;
  /** `mean` of all channels (default), or one by its number: DCASE 2026 is stereo and its baseline takes channel 0. */
  readonly channel?: "mean" | number;
}

/**
 * The samples of one clip, mono, full scale ±1.
 * @throws BadFile `unsupported` for another sample rate or a channel the file has not, and what `readWav` throws
 */
export async function readClip(
  { path }: Pick<DcaseClip, "path">,
  { sampleRate = 16000, channel = "mean" }: AudioOptions = {},
): Promise<Float32Array> {
  const wav = await readWav(path);
  if (wav.sampleRate !== sampleRate) {
    throw new BadFile(
      "unsupported",
      path,
      `has ${wav.sampleRate} Hz, expected ${sampleRate} Hz`,
      "Resample it first: the spectrogram's bands depend on the rate.",
    );
  }
  if (channel === "mean") return mean(wav.channels);
  if (wav.channels[channel] === undefined)
    throw new BadFile(
      "unsupported",
      path,
      `has ${wav.channels.length} channels, no channel ${channel}`,
      "Channels count from 0.",
    );
  return wav.channels[channel];
}

/** Clips with their samples, one at a time, so that a whole dataset never lies in memory. */
export async function* readClips(
  clips: readonly DcaseClip[],
  options: AudioOptions & { readonly signal?: AbortSignal } = {},
): AsyncGenerator<{ readonly clip: DcaseClip; readonly samples: Float32Array }> {
  for (const clip of clips) {
    stopIfAborted(options.signal);
    yield { clip, samples: await readClip(clip, options) };
  }
}

function mean(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  return channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
}
