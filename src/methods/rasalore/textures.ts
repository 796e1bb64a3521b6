import type { Random } from "../../core/index.js";
import { gaussianFilter, smoothNoise, whiteNoise } from "../../signal/index.js";

/** A generated picture with nothing of a brain in it: noise, bars, and perhaps a bright blob. */
export interface Texture {
  readonly size: number;
  /** Grey bytes. */
  readonly image: Uint8Array;
  /** Where the blob is, 0 and 1. */
  readonly blob: Uint8Array;
  /** Which of {@link captions} tells the picture. */
  readonly caption: number;
}

/** What the stand-in of CLIP learns to tell apart. */
export const captions = [
  "healthy texture.",
  "unhealthy spot, top left.",
  "unhealthy spot, top right.",
  "unhealthy spot, bottom left.",
  "unhealthy spot, bottom right.",
] as const;

/** Every word the stand-in knows; those after the captions' own it has never seen: what prompts are made of. */
export const captionWords: readonly string[] = [...new Set([...captions.join(" ").match(/[a-z]+/g)!, "a", "photo", "of", "x", "brain"])];

/**
 * @param blob whether there is one; four times in five unless given
 * @see RASALoRE spec §9
 */
export function drawTexture(size: number, random: Random, blob: boolean = random.chance(0.8)): Texture {
  const unit = size / 64;
  const base = random.uniform(60, 110);
  const grain = whiteNoise(size * size, random);
  const levels = smoothNoise(size, 2 * unit, random.uniform(4, 9), random).map((x, i) => base + x + 3 * grain[i]);
  const bars = random.integer(3);
  for (let i = 0; i < bars; i++) addBar(levels, size, base + random.uniform(40, 90), random);
  const place = [random.uniform(0.2, 0.8) * size, random.uniform(0.2, 0.8) * size] as const;
  const shape = blob ? blobMask(size, place, random.uniform(5, 9) * unit, random) : new Uint8Array(size * size);
  if (blob) {
    const bright = random.uniform(50, 90);
    const texture = smoothNoise(size, unit, random.uniform(4, 14), random);
    const share = gaussianFilter(shape, size, size, 0.8);
    for (let i = 0; i < levels.length; i++) levels[i] += share[i] * (base + bright + texture[i] - levels[i]);
  }
  if (random.chance(0.5)) blackFrame(levels, size, random);
  const caption = blob ? 1 + (place[0] < size / 2 ? 0 : 2) + (place[1] < size / 2 ? 0 : 1) : 0;
  return { size, image: bytes(levels), blob: shape, caption };
}

/** The texture in a mirror; its caption changes with it. */
export function mirroredTexture({ size, image, blob, caption }: Texture, axis: "across" | "down"): Texture {
  const from = (i: number): number => (axis === "across" ? i - (i % size) + size - 1 - (i % size) : (size - 1 - Math.floor(i / size)) * size + (i % size));
  const turned = caption === 0 ? 0 : 1 + ((caption - 1) ^ (axis === "across" ? 1 : 2));
  return { size, image: image.map((_, i) => image[from(i)]), blob: blob.map((_, i) => blob[from(i)]), caption: turned };
}

/** r(1 + ¼(0.6 sin 2θ + 0.5 sin 3θ + 0.3 sin 5θ)) with random phases. */
function blobMask(size: number, [y, x]: readonly [number, number], radius: number, random: Random): Uint8Array {
  const phases = [random.uniform(0, 7), random.uniform(0, 7), random.uniform(0, 7)];
  return Uint8Array.from({ length: size * size }, (_, i) => {
    const [dy, dx] = [Math.floor(i / size) - y, (i % size) - x];
    if (dy * dy + dx * dx > (1.4 * radius) ** 2) return 0;
    const angle = Math.atan2(dy, dx);
    const wave = 0.6 * Math.sin(2 * angle + phases[0]) + 0.5 * Math.sin(3 * angle + phases[1]) + 0.3 * Math.sin(5 * angle + phases[2]);
    return Math.sqrt(dy * dy + dx * dx) <= radius * (1 + 0.25 * wave) ? 1 : 0;
  });
}

/** An ellipse at least three times as long as wide. */
function addBar(levels: Float64Array, size: number, level: number, random: Random): void {
  const unit = size / 64;
  const [y, x, angle] = [random.uniform(0.1, 0.9) * size, random.uniform(0.1, 0.9) * size, random.uniform(0, Math.PI)];
  const width = random.uniform(1, 2.2) * unit;
  const length = width * random.uniform(3, 4.5);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < levels.length; i++) {
    const [dy, dx] = [Math.floor(i / size) - y, (i % size) - x];
    if (((dx * cos + dy * sin) / length) ** 2 + ((dy * cos - dx * sin) / width) ** 2 <= 1) levels[i] = level;
  }
}

function blackFrame(levels: Float64Array, size: number, random: Random): void {
  const sides = Array.from({ length: 4 }, () => random.uniform(0, 0.16) * size);
  for (let i = 0; i < levels.length; i++) {
    const [y, x] = [Math.floor(i / size), i % size];
    if (y < sides[0] || x < sides[1] || size - y <= sides[2] || size - x <= sides[3]) levels[i] = 0;
  }
}

function bytes(levels: Float64Array): Uint8Array {
  const low = levels.reduce((least, x) => Math.min(least, x), Infinity);
  const high = levels.reduce((most, x) => Math.max(most, x), -Infinity);
  return Uint8Array.from(levels, (x) => Math.trunc((255 * (x - low)) / (high - low + 1e-8)));
}
