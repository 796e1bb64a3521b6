import { namedParameters, sizeOf } from "./plan.js";

/** A part of a model as a box of an architecture diagram. */
export interface PlannedBlock {
  readonly id: string;
  readonly title: string;
  readonly detail?: string;
  /** Every number in it, trained or not. */
  readonly parameters: number;
  readonly kind: "learned" | "frozen";
}

export interface BlockOptions {
  /** How deep parts are parts of their own: 1 takes the plan's own keys, 2 theirs. */
  readonly depth?: number;
  /** Names for people, by id. */
  readonly titles?: Readonly<Record<string, string>>;
  /** A second line by id, such as the shape that leaves it: `16 × 16 × 256`. */
  readonly details?: Readonly<Record<string, string>>;
}

/**
 * The parts of a model's plan in their order, counted from the parameters themselves: what an architecture diagram shows
 * cannot fall behind the code.
 *
 * @example
 * const blocks = plannedBlocks(plan, { titles: { encoder: "Image encoder" }, details: { encoder: "16 × 16 × 256" } });
 * const architecture = { blocks: [{ id: "image", title: "Image", kind: "data" }, ...blocks], links: [["image", "encoder"], …] };
 */
export function plannedBlocks(plan: object, { depth = 1, titles = {}, details = {} }: BlockOptions = {}): PlannedBlock[] {
  const parts = new Map<string, { parameters: number; learned: boolean }>();
  for (const { name, parameter } of namedParameters(plan)) {
    const id = name.split(".").slice(0, depth).join(".");
    const part = parts.get(id) ?? { parameters: 0, learned: false };
    part.parameters += sizeOf(parameter.shape);
    part.learned ||= parameter.trainable;
    parts.set(id, part);
  }
  return [...parts].map(([id, { parameters, learned }]) => ({
    id, title: titles[id] ?? words(id), parameters, kind: learned ? "learned" : "frozen", ...(details[id] !== undefined && { detail: details[id] }),
  }));
}

/** `imageEncoder` → "Image encoder". */
function words(id: string): string {
  const spaced = id.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[_.]+/g, " ").toLowerCase();
  return spaced.slice(0, 1).toUpperCase() + spaced.slice(1);
}
