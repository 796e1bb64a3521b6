import type { Random } from "../../core/index.js";
import type { CardiacPhase } from "./slice.js";

/**
 * What the generated hearts show.
 *
 * `texture`: two discs of equal brightness; a fine texture, far from the middle of k-space, says which one is the left heart. The informative lines
 * are away from the centre **by construction**: it demonstrates a mechanism and is no evidence about real cardiac MRI.
 * `two-group`: as `texture`, but half of the patients have their texture at another line, announced by a bright band at one side.
 * `ring`: structures of different brightness with a textured ring; nothing needs the outer lines. The negative control.
 *
 * @see ASMR-seg spec §9.1, §9.2, §9.6
 */
export const phantomKinds = ["texture", "two-group", "ring"] as const;
export type PhantomKind = (typeof phantomKinds)[number];

/** Pixels a side, and slices a volume. */
export const phantomSize = 48;
export const phantomDepth = 6;

/** Texture waves over the picture: the line at W/2 ± this holds it. */
export const textureLine = 16;
/** The two textures of `two-group`: band on the left, band on the right. */
export const groupLines = { left: 12, right: 17 } as const;

/** What stays the same in all slices of a generated patient. */
export interface PhantomHeart {
  readonly kind: PhantomKind;
  /** [y, x] of the middle of the two discs. */
  readonly centre: readonly [number, number];
  /** Size factor. */
  readonly scale: number;
  /** Which disc, as the picture shows it, is the left heart. */
  readonly leftHeart: "left" | "right";
  /** Phase of the texture. */
  readonly phi: number;
  /** Waves of the texture over the picture. */
  readonly line: number;
  /** Where the bright band of `two-group` lies. */
  readonly band: "left" | "right" | undefined;
}

/** What is decided for two patients at a time, so that a handful of patients has as many of either kind. */
export interface PhantomCoins {
  readonly leftHeart: PhantomHeart["leftHeart"];
  readonly band: "left" | "right";
}

/**
 * Fair coins: the first of each pair of patients is tossed, the second is the other way about.
 * @param random the pair's
 */
export function drawCoins(member: 0 | 1, random: Random): PhantomCoins {
  const side = (name: string): "left" | "right" => (random.stream(name).chance(0.5) === (member === 0) ? "left" : "right");
  return { leftHeart: side("heart"), band: side("band") };
}

export function drawHeart(kind: PhantomKind, coins: PhantomCoins, random: Random): PhantomHeart {
  const middle = phantomSize / 2;
  const centre = [middle + random.uniform(-4, 4), middle + random.uniform(-4, 4)] as const;
  const scale = random.uniform(0.85, 1.15);
  const phi = random.uniform(0, 2 * Math.PI);
  const band = kind === "two-group" ? coins.band : undefined;
  return { kind, centre, scale, leftHeart: kind === "ring" ? "right" : coins.leftHeart, phi, line: band === undefined ? textureLine : groupLines[band], band };
}

export interface PhantomSlice {
  /** [48, 48] in [0, 1] */
  readonly image: Float64Array;
  /** [48, 48], 0 background, 1 RV, 2 MYO, 3 LV */
  readonly label: Uint8Array;
}

const bodyLevel = 0.35;
const discLevel = 0.62;
const textureLevel = 0.32;

/** One slice: body, two touching discs, texture, a little blur and noise. */
export function drawSliceOf(heart: PhantomHeart, phase: CardiacPhase, z: number, random: Random): PhantomSlice {
  const n = phantomSize;
  const radius = 8.2 * heart.scale * (1 - (0.3 * (z + 0.5)) / phantomDepth) * (phase === "ED" ? 1 : 0.88);
  const inner = radius * (phase === "ED" ? 0.62 : 0.5);
  const [cy, cx] = heart.centre.map((at) => at + random.normal(0, 0.3));
  const side = heart.leftHeart === "left" ? -1 : 1;
  const place = { y: cy, own: cx + side * 1.02 * radius, other: cx - side * 1.02 * radius };
  const image = new Float64Array(n * n);
  const label = new Uint8Array(n * n);
  const texture = new Float64Array(n * n);
  for (let i = 0; i < n * n; i++) {
    const [y, x] = [Math.floor(i / n), i % n];
    const [own, other] = [Math.hypot(y - place.y, x - place.own), Math.hypot(y - place.y, x - place.other)];
    if (((x - n / 2) / 21) ** 2 + ((y - n / 2) / 22) ** 2 <= 1) image[i] = bodyLevel;
    if (own <= radius) label[i] = own <= inner ? 3 : 2;
    else if (other <= radius) label[i] = 1;
    if (label[i] !== 0) image[i] = discLevel;
    const width = radius / 2;
    if (own <= radius) texture[i] = Math.cos((2 * Math.PI * heart.line * x) / n + heart.phi) * Math.exp(-(own ** 2) / (2 * width ** 2));
  }
  if (heart.kind === "ring") paintRing(image, label, texture, heart);
  else addTexture(image, label, texture);
  if (heart.band !== undefined) paintBand(image, heart.band);
  return { image: blurred(image, n).map((level) => Math.min(1, Math.max(0, level + random.normal(0, 0.02)))), label };
}

/** The texture has no mean over its disc, so that both discs are equally bright. */
function addTexture(image: Float64Array, label: Uint8Array, texture: Float64Array): void {
  let [sum, count] = [0, 0];
  for (let i = 0; i < label.length; i++) {
    if (label[i] < 2) continue;
    sum += texture[i];
    count++;
  }
  for (let i = 0; i < label.length; i++) if (label[i] >= 2) image[i] += textureLevel * (texture[i] - sum / count);
}

/** Blood bright, muscle dark: what the middle of k-space shows already. The ring's texture only decorates. */
function paintRing(image: Float64Array, label: Uint8Array, texture: Float64Array, { line, phi }: PhantomHeart): void {
  const n = phantomSize;
  const levels = [0, 0.62, 0.2, 0.85];
  for (let i = 0; i < label.length; i++) {
    if (label[i] === 0) continue;
    image[i] = levels[label[i]] + (label[i] === 2 && texture[i] !== 0 ? 0.15 * Math.cos((2 * Math.PI * line * (i % n)) / n + phi) : 0);
  }
}

function paintBand(image: Float64Array, band: "left" | "right"): void {
  const n = phantomSize;
  const from = band === "left" ? 1 : n - 4;
  for (let y = 0; y < n; y++) for (let x = from; x < from + 3; x++) image[y * n + x] = 0.9;
}

/** Gaussian of σ 0.35 pixels, which reaches one pixel; the border repeats itself. */
function blurred(image: Float64Array, n: number): Float64Array {
  const side = Math.exp(-1 / (2 * 0.35 ** 2));
  const [edge, middle] = [side / (1 + 2 * side), 1 / (1 + 2 * side)];
  const inside = (at: number): number => Math.min(n - 1, Math.max(0, at));
  const across = image.map((level, i) => middle * level + edge * (image[i - (i % n) + inside((i % n) - 1)] + image[i - (i % n) + inside((i % n) + 1)]));
  return across.map((level, i) => {
    const [y, x] = [Math.floor(i / n), i % n];
    return middle * level + edge * (across[inside(y - 1) * n + x] + across[inside(y + 1) * n + x]);
  });
}
