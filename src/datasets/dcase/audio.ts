import { BadFile, stopIfAborted } from "../../core/index.js";
import { readWav } from "../../io/index.js";
import { resample } from "../../signal/index.js";
import type { DcaseClip } from "./clip.js";

export interface AudioOptions {
  /** Hz of the samples wanted; 16000 unless given. */
  readonly sampleRate?: number;
  /** What to do with a clip of another rate: `refuse` it (default) or `resample` it (band-limited; unlike any reference's bits). */
  readonly otherRate?: "refuse" | "resample";
  /** `mean` of all channels (default), or one by its number: DCASE 2026 is stereo and its baseline takes channel 0. */
  readonly channel?: "mean" | number;
}

/**
 * The samples of one clip, mono, full scale ±1.
 * @throws BadFile `unsupported` for another sample rate or a channel the file has not, and what `readWav` throws
 */
export async function readClip(
  { path }: Pick<DcaseClip, "path">,
  { sampleRate = 16000, otherRate = "refuse", channel = "mean" }: AudioOptions = {},
): Promise<Float32Array> {
  const wav = await readWav(path);
  if (wav.sampleRate !== sampleRate && otherRate === "refuse") {
    const problem = `has ${wav.sampleRate} Hz, expected ${sampleRate} Hz`;
    throw new BadFile("unsupported", path, problem, 'Record at that rate, or read it with otherRate: "resample".');
  }
  const samples = channel === "mean" ? mean(wav.channels) : wav.channels[channel];
  if (samples === undefined) {
    const problem = `has ${wav.channels.length} channels, no channel ${channel}`;
    throw new BadFile("unsupported", path, problem, "Channels count from 0.");
  }
  return wav.sampleRate === sampleRate ? samples : resample(samples, wav.sampleRate, sampleRate);
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
