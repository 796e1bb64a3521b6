import { bundle, type MimeBundle } from "./bundle.js";

/** Sound as `folio/io` reads it from a WAV file: samples in [−1, 1], one array a channel. */
export interface AudioLike {
  readonly sampleRate: number;
  readonly channels: readonly Float32Array[];
}

export function isAudio(value: unknown): value is AudioLike {
  if (typeof value !== "object" || value === null) return false;
  const { sampleRate, channels } = value as Partial<AudioLike>;
  return (
    typeof sampleRate === "number" &&
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.every((samples) => samples instanceof Float32Array)
  );
}

/** A player for the sound, and what it is in words. */
export function describeAudio({ sampleRate, channels }: AudioLike): MimeBundle {
  const seconds = channels[0].length / sampleRate;
  const text = `Audio ${seconds.toFixed(2)} s, ${sampleRate} Hz, ${channels.length} ${channels.length === 1 ? "channel" : "channels"}`;
  const url = `data:audio/wav;base64,${wav16(channels, sampleRate).toString("base64")}`;
  return bundle(text, { "text/html": `<audio controls preload="metadata" aria-label="${text}" src="${url}"></audio>` });
}

/** 16-bit PCM WAV, what every browser plays. */
function wav16(channels: readonly Float32Array[], sampleRate: number): Buffer {
  const frames = channels[0].length;
  const bytes = frames * channels.length * 2;
  const file = Buffer.alloc(44 + bytes);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(36 + bytes, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * channels.length * 2, 28);
  file.writeUInt16LE(channels.length * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(bytes, 40);
  for (let i = 0, at = 44; i < frames; i++) {
    for (const samples of channels) {
      file.writeInt16LE(Math.round(Math.min(1, Math.max(-1, samples[i])) * 32767), at);
      at += 2;
    }
  }
  return file;
}
