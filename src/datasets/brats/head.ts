import type { Random } from "../../core/index.js";
import { gaussianFilter, smoothNoise, whiteNoise } from "../../signal/index.js";
import type { BratsLayout, Modality } from "./layout.js";

/** A generated head: what is where, before a scanner sees it. Axis 0 runs from left to right, axis 1 from front to back, axis 2 up. */
export interface Head {
  readonly size: number;
  readonly depth: number;
  /** Centre and semi-axes of the brain along axes 0 and 1, at its widest. */
  readonly centre: readonly [number, number];
  readonly axes: readonly [number, number];
  readonly ventricles: readonly Ellipsoid[];
  readonly lesion: Lesion;
}

interface Ellipsoid {
  readonly centre: readonly [number, number, number];
  readonly axes: readonly [number, number, number];
}

interface Lesion {
  readonly centre: readonly [number, number, number];
  readonly radius: number;
  /** Half the number of slices it reaches. */
  readonly reach: number;
  readonly phases: readonly [number, number, number];
}

/** Draws a head of 64×64 pixels and 40 slices; the lesion lies to one side of the mid-line. @see RASALoRE spec §9 */
export function drawHead(size: number, depth: number, random: Random): Head {
  const unit = size / 64;
  const centre = [size / 2 + random.uniform(-1.5, 1.5) * unit, size / 2 + random.uniform(-1.5, 1.5) * unit] as const;
  const axes = [random.uniform(20, 25) * unit, random.uniform(24, 29) * unit] as const;
  const middle = depth * random.uniform(0.45, 0.55);
  const ventricles = [-1, 1].map((side): Ellipsoid => ({
    centre: [centre[0] + side * random.uniform(3.5, 5) * unit, centre[1] + random.uniform(-3, 1) * unit, middle],
    axes: [random.uniform(2, 3) * unit, random.uniform(6, 9) * unit, depth * random.uniform(0.32, 0.42)],
  }));
  const side = random.chance(0.5) ? 1 : -1;
  const lesion: Lesion = {
    centre: [centre[0] + side * random.uniform(0.38, 0.6) * axes[0], centre[1] + random.uniform(-0.5, 0.5) * axes[1], depth * random.uniform(0.32, 0.68)],
    radius: random.uniform(5, 9) * unit,
    reach: random.uniform(4, 7) * (depth / 40),
    phases: [random.uniform(0, 2 * Math.PI), random.uniform(0, 2 * Math.PI), random.uniform(0, 2 * Math.PI)],
  };
  return { size, depth, centre, axes, ventricles, lesion };
}

/** 0 at the lesion's centre, 1 on its boundary, at (i, j, k); Infinity far away. */
export function lesionLevel({ lesion: { centre, radius, reach, phases } }: Head, i: number, j: number, k: number): number {
  const [di, dj] = [i - centre[0], j - centre[1]];
  if (Math.abs(k - centre[2]) > reach || di * di + dj * dj > (1.4 * radius) ** 2) return Infinity;
  const angle = Math.atan2(dj, di);
  const wave = 0.6 * Math.sin(2 * angle + phases[0]) + 0.5 * Math.sin(3 * angle + phases[1]) + 0.3 * Math.sin(5 * angle + phases[2]);
  return norm(norm(di, dj) / (radius * (1 + 0.25 * wave)), (k - centre[2]) / reach);
}

/** Several times faster than Math.hypot, which millions of voxels feel. */
const norm = (a: number, b: number, c = 0): number => Math.sqrt(a * a + b * b + c * c);

const inside = ({ centre, axes }: Ellipsoid, i: number, j: number, k: number): boolean =>
  norm((i - centre[0]) / axes[0], (j - centre[1]) / axes[1], (k - centre[2]) / axes[2]) <= 1;

/** Grey values of tissues; a lesion is always darker than a ventricle on T2, so no single threshold finds it. */
interface Contrast {
  readonly parenchyma: number;
  readonly ventricle: readonly [number, number];
  readonly lesion: readonly [number, number];
  readonly rim: number;
}

const contrasts: Readonly<Record<Modality, Contrast>> = {
  t2: { parenchyma: 95, ventricle: [165, 190], lesion: [142, 162], rim: 25 },
  flair: { parenchyma: 95, ventricle: [45, 60], lesion: [140, 165], rim: 10 },
  t1: { parenchyma: 130, ventricle: [50, 65], lesion: [95, 112], rim: -15 },
  t1ce: { parenchyma: 130, ventricle: [50, 65], lesion: [110, 175], rim: 10 },
};

/** Every release has its own scanners: what a network learns on one is tried on another. */
const scanners: Readonly<Record<BratsLayout, { readonly gain: number; readonly noise: number; readonly shading: number; readonly lift: number }>> = {
  BraTS20: { gain: 4, noise: 2, shading: 0, lift: 0 },
  BraTS21: { gain: 7, noise: 3, shading: 0.12, lift: 6 },
  BraTS23: { gain: 5, noise: 3, shading: 0.08, lift: -6 },
  MSD: { gain: 3, noise: 4, shading: 0.1, lift: 3 },
};

/** How much of each pixel of every slice is lesion, its edge smoothed; undefined where a slice has none. */
export function lesionShares(head: Head): (Float64Array | undefined)[] {
  const { size, depth, lesion } = head;
  return Array.from({ length: depth }, (_, k) => {
    if (Math.abs(k - lesion.centre[2]) >= lesion.reach) return undefined;
    const sharp = Uint8Array.from({ length: size * size }, (_, at) => (lesionLevel(head, at % size, Math.floor(at / size), k) <= 1 ? 1 : 0));
    return gaussianFilter(sharp, size, size, 0.8);
  });
}

/** What a scanner sees of a head in one modality. → int16, the first axis running fastest */
export function scan(head: Head, shares: readonly (Float64Array | undefined)[], modality: Modality, layout: BratsLayout, random: Random): Int16Array {
  const { size, depth, centre, axes } = head;
  const { parenchyma, ventricle, lesion, rim } = contrasts[modality];
  const { gain, noise, shading, lift } = scanners[layout];
  const levels = { ventricle: random.uniform(...ventricle), lesion: random.uniform(...lesion), shade: random.uniform(0, 2 * Math.PI) };
  const volume = new Int16Array(size * size * depth);
  const own = random.stream("texture");
  for (const [k, share] of shares.entries()) {
    const [smooth, fine] = [smoothNoise(size, 2, 9, own), smoothNoise(size, 0.7, 4, own)];
    const grain = whiteNoise(size * size, own);
    const texture = share && smoothNoise(size, 1, 14, own);
    const shrink = Math.sqrt(Math.max(0.05, 1 - ((k - depth / 2) / (0.6 * depth)) ** 2));
    for (let at = 0; at < size * size; at++) {
      const [i, j] = [at % size, Math.floor(at / size)];
      const [u, v] = [(i - centre[0]) / (axes[0] * shrink), (j - centre[1]) / (axes[1] * shrink)];
      const radius = norm(u, v);
      if (radius > 1) continue; // the background of a skull-stripped scan is exactly 0
      const base = parenchyma + lift + smooth[at] + fine[at] + (radius > 0.92 ? rim : 0);
      const tissue = head.ventricles.some((each) => inside(each, i, j, k)) ? levels.ventricle + fine[at] : base;
      const seen = share && texture ? tissue * (1 - share[at]) + (levels.lesion + texture[at]) * share[at] : tissue;
      const shaded = seen * (1 + shading * (u * Math.cos(levels.shade) + v * Math.sin(levels.shade)));
      volume[at + size * size * k] = Math.max(1, Math.round(gain * (shaded + noise * grain[at])));
    }
  }
  return volume;
}
