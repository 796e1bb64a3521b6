import type { Random } from "../../../core/index.js";
import type { Zone } from "../../../metrics/index.js";
import { slowWaves } from "../../rated/lesion.js";
import { maskPosition, type Position } from "../position.js";

export type Attribute = "bright" | "dark";

export const zones: readonly Zone[] = ["top left", "top right", "bottom left", "bottom right", "center"];

/** A lesion that is asked for, before it is drawn. */
export interface LesionPlan {
  readonly zone: Zone;
  readonly attribute: Attribute;
}

export interface ScenePlan {
  /** Class of the modality head, 0–5; decides colour and ground. */
  readonly modality: number;
  /** One or two. */
  readonly lesions: readonly LesionPlan[];
}

export interface SceneLesion {
  readonly attribute: Attribute;
  readonly position: Position;
  /** [S, S] of 0 and 1. */
  readonly mask: Uint8Array;
}

/** A generated picture and everything that is known about it. */
export interface Scene {
  readonly size: number;
  readonly modality: number;
  /** [S, S, 3], 0–255. */
  readonly pixels: Uint8Array;
  readonly lesions: readonly SceneLesion[];
}

/** Ground colour of each modality and how strong its slow waves are. */
const grounds: readonly { readonly rgb: readonly [number, number, number]; readonly waves: number }[] = [
  { rgb: [0.36, 0.36, 0.36], waves: 0.05 },
  { rgb: [0.45, 0.45, 0.48], waves: 0.08 },
  { rgb: [0.32, 0.32, 0.34], waves: 0.06 },
  { rgb: [0.55, 0.55, 0.55], waves: 0.07 },
  { rgb: [0.62, 0.47, 0.4], waves: 0.04 },
  { rgb: [0.58, 0.34, 0.28], waves: 0.06 },
];

/**
 * Draws a picture with one or two elliptical lesions (radii 6–14 % of the side), each wholly inside and in the zone it was planned for
 * by the rule that labels real masks.
 * @see PRS-Med spec §9
 */
export function drawScene({ modality, lesions: plans }: ScenePlan, size: number, random: Random): Scene {
  const lesions: SceneLesion[] = [];
  for (const [i, plan] of plans.entries()) lesions.push(placed(plan, size, lesions, random.stream("lesion").stream(i)));
  const { rgb, waves } = grounds[modality];
  const ground = slowWaves(size, random.stream("ground"));
  const noise = random.stream("noise");
  const contrast = random.stream("contrast");
  const steps = lesions.map(({ attribute }) => (attribute === "bright" ? 1 : -1) * contrast.uniform(0.2, 0.3));
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    let light = waves * ground(Math.floor(i / size), i % size) + noise.normal(0, 0.03);
    for (let at = 0; at < steps.length; at++) light += lesions[at].mask[i] * steps[at];
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Math.round(255 * Math.min(1, Math.max(0, rgb[c] + light)));
  }
  return { size, modality, pixels, lesions };
}

function placed({ zone, attribute }: LesionPlan, size: number, others: readonly SceneLesion[], random: Random): SceneLesion {
  for (;;) {
    const radii = [random.uniform(0.06, 0.14) * size, random.uniform(0.06, 0.14) * size] as const;
    const centre = zone === "center" ? [around(size, random), around(size, random)] as const : inQuadrant(zone, size, random);
    const mask = ellipse(size, centre, radii, random.uniform(0, Math.PI));
    const position = touchesBorder(mask, size) ? null : maskPosition(mask, size, size);
    if (position?.zone === zone && others.every((other) => apart(other.mask, mask, size))) return { attribute, position, mask };
  }
}

const around = (size: number, random: Random): number => size * random.uniform(0.42, 0.58);

function inQuadrant(zone: Zone, size: number, random: Random): readonly [y: number, x: number] {
  const half = (far: boolean): number => size * (far ? random.uniform(0.52, 0.92) : random.uniform(0.08, 0.48));
  return [half(zone.startsWith("bottom")), half(zone.endsWith("right"))];
}

function ellipse(size: number, [cy, cx]: readonly [number, number], [a, b]: readonly [number, number], turn: number): Uint8Array {
  const [cos, sin, reach] = [Math.cos(turn), Math.sin(turn), Math.max(a, b)];
  const mask = new Uint8Array(size * size);
  const [top, left] = [Math.max(0, Math.floor(cy - reach)), Math.max(0, Math.floor(cx - reach))];
  for (let i = top; i < Math.min(size, cy + reach); i++) {
    for (let j = left; j < Math.min(size, cx + reach); j++) {
      const [y, x] = [i + 0.5 - cy, j + 0.5 - cx];
      if (((cos * x + sin * y) / a) ** 2 + ((cos * y - sin * x) / b) ** 2 <= 1) mask[i * size + j] = 1;
    }
  }
  return mask;
}

function touchesBorder(mask: Uint8Array, size: number): boolean {
  for (let i = 0; i < size; i++) if (mask[i] || mask[size * (size - 1) + i] || mask[i * size] || mask[i * size + size - 1]) return true;
  return false;
}

/** No pixel of one next to a pixel of the other. */
function apart(a: Uint8Array, b: Uint8Array, size: number): boolean {
  const steps = [0, 1, -1, size, -size, size + 1, size - 1, 1 - size, -size - 1];
  for (let i = 0; i < a.length; i++) if (a[i] && steps.some((step) => b[i + step] === 1)) return false;
  return true;
}
