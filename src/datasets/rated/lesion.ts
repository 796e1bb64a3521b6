import type { Random } from "../../core/index.js";

/**
 * A lesion whose edge is truly ambiguous: a star-shaped level function d and a soft halo around it, so that experts who
 * cut d at different levels all have a case (AESPA spec §9).
 */
export interface Lesion {
  readonly centre: readonly [y: number, x: number];
  /** Radius of the middle rater's outline in pixels, before the star and the aspect. */
  readonly radius: number;
  /** Waves along the outline. */
  readonly arms: number;
  readonly phase: number;
  readonly aspect: number;
}

/** Cuts of d by the three consistent raters: cautious, medium, generous. In the plane Dice is .658, .709 and .424. */
export const raterLevels = [0.7, 1, 1.35] as const;

export function drawLesion(size: number, random: Random): Lesion {
  const scale = size / 64;
  const place = (): number => size * random.uniform(0.34, 0.66);
  return {
    centre: [place(), place()],
    radius: scale * random.uniform(6, 12),
    arms: 3 + random.integer(3),
    phase: random.uniform(0, 2 * Math.PI),
    aspect: random.uniform(0.7, 1.3),
  };
}

/** d = ρ / (radius · (1 + 0.15 sin(kθ + φ))): 0 in the centre, 1 on the medium outline. */
export function levelAt({ centre: [cy, cx], radius, arms, phase, aspect }: Lesion, y: number, x: number): number {
  const dy = (y - cy) * Math.sqrt(aspect);
  const dx = (x - cx) / Math.sqrt(aspect);
  return Math.hypot(dy, dx) / (radius * (1 + 0.15 * Math.sin(arms * Math.atan2(dy, dx) + phase)));
}

/** d of every pixel, row by row. */
export function levels(lesion: Lesion, size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => levelAt(lesion, Math.floor(i / size), i % size));
}

/** 0.35 in the lesion, fading to nothing between d = 0.5 and d = 1.5. */
export const halo = (level: number): number => 0.35 * Math.min(1, Math.max(0, 1.5 - level));

/** 255 where d < cut. */
export function maskBelow(level: Float64Array, cut: number): Uint8Array {
  return Uint8Array.from(level, (d) => (d < cut ? 255 : 0));
}

/** Three slow waves, −1 … 1 altogether. */
export function slowWaves(size: number, random: Random): (y: number, x: number) => number {
  const waves = Array.from({ length: 3 }, () => ({
    turn: random.uniform(0, Math.PI),
    cycles: random.uniform(0.4, 1.6),
    phase: random.uniform(0, 2 * Math.PI),
  }));
  return (y, x) => waves.reduce((sum, { turn, cycles, phase }) => {
    const along = (Math.cos(turn) * x + Math.sin(turn) * y) / size;
    return sum + Math.sin(2 * Math.PI * cycles * along + phase) / waves.length;
  }, 0);
}

/**
 * A slice with one lesion: background 0.35 ± 0.15, halo, one small bright thing that is no lesion, noise of σ 0.04.
 * @returns grey levels in [0, 1], row by row, and d
 */
export function drawSlice(size: number, random: Random): { grey: Float64Array; level: Float64Array } {
  const lesion = drawLesion(size, random.stream("lesion"));
  const level = levels(lesion, size);
  const background = slowWaves(size, random.stream("background"));
  const distraction = distractor(lesion, size, random.stream("distractor"));
  const noise = random.stream("noise");
  const grey = level.map((d, i) => {
    const [y, x] = [Math.floor(i / size), i % size];
    const value = 0.35 + 0.15 * background(y, x) + halo(d) + distraction(y, x) + noise.normal(0, 0.04);
    return Math.min(1, Math.max(0, value));
  });
  return { grey, level };
}

/** A bright blob of 1.5–2.5 pixels (at 64), clear of the lesion. */
function distractor(lesion: Lesion, size: number, random: Random): (y: number, x: number) => number {
  const radius = (size / 64) * random.uniform(1.5, 2.5);
  const draw = (): [number, number] => [random.uniform(0.06, 0.94) * size, random.uniform(0.06, 0.94) * size];
  let place = draw();
  while (levelAt(lesion, ...place) < 2) place = draw();
  const [cy, cx] = place;
  return (y, x) => 0.4 * Math.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * radius ** 2));
}
