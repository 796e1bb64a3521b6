import { seededRandom, type MetricValue } from "../core/index.js";
import type { ResultRecord } from "../results/index.js";

/** Dice of round 0, and what the rounds after it add. */
const systems: Readonly<Record<string, readonly [number, number]>> = {
  aespa: [0.74, 0.1], "click-blind": [0.74, 0], spa: [0.6, 0.02], "always-rater-2": [0.79, 0],
};

const measured = ["dice_follow", "dice_personal", "dice_soft", "dice_majority", "iou_majority", "dice_max", "dice_match", "ged", "delta_follow"];

const square = (reach: number) => ({ shape: [8, 8] as const, values: Array.from({ length: 64 }, (_, i) => (Math.max(Math.abs(Math.floor(i / 8) - 4), Math.abs((i % 8) - 4)) <= reach ? 1 : 0)) });
const image = { shape: [8, 8] as const, values: Array.from({ length: 64 }, (_, i) => i) };
const raters = [1, 2, 3].map((reach, i) => ({ name: `rater ${i + 1}`, mask: square(reach) }));
const wanted = { name: "wanted", draw: "contour", mask: square(2) };
const artifacts: Readonly<Record<string, Record<string, unknown>>> = {
  aespa: {
    loss: { x: [1, 2], y: [0.4, 0.2], xTitle: "epoch", yTitle: "loss" },
    agreement: { title: "a", image, raters, samples: [{ name: "round 0", mask: square(2) }] },
    stack: { unit: "round", frames: [0, 1].map((round) => ({ title: `round ${round}`, pictures: [{ title: "rater 1 clicks", image, overlays: [wanted] }], facts: { Dice: 0.8 } })) },
  },
  spa: { candidates: { panels: [1, 2].map((i) => ({ title: `candidate ${i}`, image, overlays: [wanted] })) } },
};

const ablations = ["aespa", "click-blind", "faithful", "no-preference", "shuffled", "spa"];
const ofAblations = ["dice_follow_first", "dice_follow_last", "delta_follow_mean", "dice_max", "ged", "dice_personal"];

/** Records as AESPA's notebook writes them, with values drawn at random: for tests of the report, never for reading. */
export function dialogueFixture(): ResultRecord[] {
  const played = Object.entries(systems).map(([variant, [start, gain]]) => {
    const random = seededRandom(1).stream(variant);
    const groups = ["0", "1", "2", "1–2"].flatMap((round) => [{ round }, ...(round.length > 1 ? [] : ["1", "2", "3"].map((rater) => ({ round, rater })))]);
    const metrics = measured.flatMap((id) => groups.map((group): MetricValue => {
      const value = start + (group.round === "0" ? 0 : gain) + random.uniform(-0.01, 0.01);
      return { id, convention: "fixture", value, n: 24, excluded: [], interval: { low: value - 0.02, high: value + 0.02, level: 0.95, method: "bootstrap-percentile" }, group };
    }));
    return recordOf(variant, 1, metrics, artifacts[variant]);
  });
  const recorded = ablations.flatMap((system) => [1, 2].map((seed) => {
    const random = seededRandom(seed).stream(system);
    return recordOf(`recorded-${system}`, seed, ofAblations.map((id) => ({ id, convention: "fixture", value: random.uniform(0.6, 0.8), n: 24, excluded: [] })));
  }));
  return [...played, ...recorded];
}

function recordOf(variant: string, seed: number, metrics: readonly MetricValue[], pictures?: Record<string, unknown>): ResultRecord {
  return {
    schema: "folio.result/1",
    id: `aespa-${variant}-quick-seed${seed}`,
    method: "aespa",
    variant,
    dataset: { name: "lidc-quick", generated: true },
    split: "test",
    preset: "quick",
    seed,
    config: {},
    cases: { columns: ["case"], rows: [["a"]] },
    metrics,
    artifacts: pictures,
    provenance: { inputs: { data: "0" }, code: "0", lockfile: "0", engine: "wasm", device: "fixture", node: "20", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 },
  };
}
