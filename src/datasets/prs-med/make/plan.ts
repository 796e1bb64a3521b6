import type { Random } from "../../../core/index.js";
import type { RowKind } from "../row.js";
import { zones, type Attribute, type LesionPlan, type ScenePlan } from "./scene.js";

/** Every two different zones. */
const pairs = zones.flatMap((a, i) => zones.slice(i + 1).map((b) => [a, b] as const));

/** Modality classes in the order of the six published tasks. */
export const taskNames = ["brain_tumors_ct_scan", "breast_tumors_ct_scan", "lung_CT", "lung_Xray", "skin_rgbimage", "polyp_endoscopy"] as const;

/** A picture that will be drawn, and which kind of question is asked about each of its lesions. */
export interface PlannedScene extends ScenePlan {
  readonly kind: RowKind;
}

/**
 * Plans pictures for about so many rows: 30 % ask for a single lesion, 35 % for the bright or the dark one of two, 35 % for one of two that
 * look alike by its zone. Zones, modalities and brightness are balanced; a picture with two lesions gives two rows.
 */
export function planScenes(rows: number, random: Random): PlannedScene[] {
  const pairsEach = Math.round(0.175 * rows);
  const kinds: RowKind[] = [...Array<RowKind>(rows - 4 * pairsEach).fill("single"), ...Array<RowKind>(pairsEach).fill("attr"), ...Array<RowKind>(pairsEach).fill("zone")];
  const deal = <T>(name: string, values: readonly T[]): ((i: number) => T) => {
    const order = random.stream(name).shuffled(kinds.map((_, i) => values[i % values.length]));
    return (i) => order[i];
  };
  const [zoneAt, pairAt, brightAt, modalityAt] = [deal("zones", zones), deal("pairs", pairs), deal<Attribute>("brightness", ["bright", "dark"]), deal("modality", [0, 1, 2, 3, 4, 5])];
  const swap = random.stream("swap");
  return kinds.map((kind, i) => {
    const attribute = brightAt(i);
    const [first, second] = swap.shuffled([...pairAt(i)]);
    const other: Attribute = kind === "zone" ? attribute : attribute === "bright" ? "dark" : "bright";
    const lesions: LesionPlan[] = kind === "single" ? [{ zone: zoneAt(i), attribute }] : [{ zone: first, attribute }, { zone: second, attribute: other }];
    return { kind, modality: modalityAt(i), lesions };
  });
}
