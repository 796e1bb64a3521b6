import { seededRandom, type MetricValue } from "../core/index.js";
import type { ResultRecord } from "../results/index.js";

/** Dice of round 0, and what the rounds after it add. */
const systems: Readonly<Record<string, readonly [number, number]>> = {
  aespa: [0.74, 0.1], "click-blind": [0.74, 0], spa: [0.6, 0.02], "always-rater-2": [0.79, 0],
};

const measured = ["dice_follow", "dice_personal", "dice_soft", "dice_majority", "iou_majority", "dice_max", "dice_match", "ged", "delta_follow"];

/** Records as AESPA's notebook writes them, with values drawn at random: for tests of the report, never for reading. */
export function dialogueFixture(): ResultRecord[] {
  return Object.entries(systems).map(([variant, [start, gain]]) => {
    const random = seededRandom(1).stream(variant);
    const metrics = measured.flatMap((id) => ["0", "1", "2", "1–2"].map((round): MetricValue => {
      const value = start + (round === "0" ? 0 : gain) + random.uniform(-0.01, 0.01);
      return { id, convention: "fixture", value, n: 24, excluded: [], interval: { low: value - 0.02, high: value + 0.02, level: 0.95, method: "bootstrap-percentile" }, group: { round } };
    }));
    return {
      schema: "folio.result/1",
      id: `aespa-${variant}-quick-seed1`,
      method: "aespa",
      variant,
      dataset: { name: "lidc-quick", generated: true },
      split: "test",
      preset: "quick",
      seed: 1,
      config: {},
      cases: { columns: ["case"], rows: [["a"]] },
      metrics,
      provenance: { inputs: { data: "0" }, code: "0", lockfile: "0", engine: "wasm", device: "fixture", node: "20", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 },
    };
  });
}
