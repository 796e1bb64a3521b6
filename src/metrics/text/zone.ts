import { ShapeMismatch, type MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";

/** Where in the image a text places the finding; null when it does not say. */
export type Zone = "top left" | "top right" | "bottom left" | "bottom right" | "center";

/**
 * The zone a text speaks of: a quadrant when it names a vertical and a horizontal side in either order, else the centre.
 * `upper` and `lower` count as top and bottom, hyphens as spaces.
 *
 * @example zoneOf("The polyp is in the lower-left part, near the central region") // "bottom left"
 * @example zoneOf("close to the middle of the image")                              // "center"
 * @example zoneOf("a polyp")                                                       // null
 */
export function zoneOf(text: string): Zone | null {
  const words = new Set(
    text
      .toLowerCase()
      .replaceAll("-", " ")
      .match(/[a-z]+/g),
  );
  const vertical = words.has("top") || words.has("upper") ? "top" : words.has("bottom") || words.has("lower") ? "bottom" : null;
  const horizontal = words.has("left") ? "left" : words.has("right") ? "right" : null;
  if (vertical && horizontal) return `${vertical} ${horizontal}`;
  return ["center", "centre", "central", "middle"].some((word) => words.has(word)) ? "center" : null;
}

/**
 * Whether a text calls the finding far from the centre; a text that says neither is taken for near, as the reference labels have it.
 * @example saysFar("top left, away from the center") // true
 * @example saysFar("top left, near the center")      // false
 */
export const saysFar = (text: string): boolean => /\b(away|far|distant|not near)\b/.test(text.toLowerCase());

export interface ZoneAccuracy {
  /** Share of texts that name the reference's zone; a text that names none is wrong. */
  readonly accuracy: MetricValue;
  /** As `accuracy`, and near or far must agree too ({@link saysFar}). */
  readonly strict: MetricValue;
  /** Mean over the reference's zones of the share named right: chance and majority score 1 / zones. */
  readonly balanced: MetricValue;
  /** What always answering the commonest zone would score: the number to stand beside the accuracy. */
  readonly majority: MetricValue;
}

/**
 * Position reasoning as zone accuracy, plain and balanced, with the majority baseline. Cases whose reference names no
 * zone are excluded (`no-zone-in-reference`).
 * @throws ShapeMismatch
 */
export function zoneAccuracy(answers: readonly string[], references: readonly string[]): ZoneAccuracy {
  if (answers.length !== references.length)
    throw new ShapeMismatch("answers", [references.length], [answers.length], "Give one answer a reference.");
  const right = new Map<Zone, number>();
  const total = new Map<Zone, number>();
  let strict = 0;
  const skipped: { case: string; reason: string }[] = [];
  references.forEach((reference, i) => {
    const zone = zoneOf(reference);
    if (zone === null) {
      skipped.push({ case: String(i), reason: "no-zone-in-reference" });
      return;
    }
    total.set(zone, (total.get(zone) ?? 0) + 1);
    if (zoneOf(answers[i]) !== zone) return;
    right.set(zone, (right.get(zone) ?? 0) + 1);
    if (zone === "center" || saysFar(answers[i]) === saysFar(reference)) strict++;
  });
  const n = [...total.values()].reduce((sum, count) => sum + count, 0);
  const value = (id: string, convention: string, compute: () => number): MetricValue =>
    n === 0
      ? { ...undefinedMetric(id, convention, "no-case"), excluded: skipped }
      : metricValue(id, convention, compute(), n, skipped);
  const share = (zone: Zone): number => (right.get(zone) ?? 0) / (total.get(zone) ?? 1);
  return {
    accuracy: value("zone_accuracy", "quadrant-or-center", () => [...right.values()].reduce((sum, count) => sum + count, 0) / n),
    strict: value("zone_accuracy_strict", "zone-and-near-or-far", () => strict / n),
    balanced: value(
      "zone_accuracy_balanced",
      "mean-over-reference-zones",
      () => [...total.keys()].reduce((sum, zone) => sum + share(zone), 0) / total.size,
    ),
    majority: value("zone_accuracy_majority", "commonest-reference-zone", () => Math.max(...total.values()) / n),
  };
}
