import type { CaseScore, MetricValue } from "../../core/index.js";
import { dice, diceMatch, diceMax, dicePersonal, diceSoft, ged, iou } from "../../metrics/index.js";
import { bootstrap, weightedMean } from "../../stats/index.js";
import type { PlayedSession } from "./roll-out.js";

/** Scores of one session after one round. */
export interface RoundScores {
  readonly case: string;
  readonly patient: string;
  /** Who clicked, from 0. */
  readonly rater: number;
  /** Clicks so far. */
  readonly round: number;
  readonly scores: Readonly<Record<RoundMetric, number>>;
}

export type RoundMetric = (typeof roundMetrics)[number]["id"];

/** What is measured after each round, and by which convention. `valid raters` are those who drew something. */
export const roundMetrics = [
  { id: "dice_follow", convention: "p > 0.5, rater who clicks, both-empty 1" },
  { id: "dice_majority", convention: "p > 0.5, more than half of the valid raters, both-empty 1" },
  { id: "iou_majority", convention: "p > 0.5, more than half of the valid raters, both-empty 1" },
  { id: "delta_follow", convention: "dice_follow − dice_majority of the same mask" },
  { id: "dice_personal", convention: "p > 0.5, mean over valid raters, both-empty 1" },
  { id: "dice_soft", convention: "probabilities, mean of valid raters" },
  { id: "dice_max", convention: "rounds so far as the set, over valid raters" },
  { id: "dice_match", convention: "rounds so far as the set, per valid rater" },
  { id: "ged", convention: "rounds so far as the set, 1 − Dice, v" },
  { id: "ged_repository", convention: "−ged: the published code's sign, higher is better" },
] as const;

/** Pixels that more than half of the raters marked; ties are not foreground. */
export function hardMajority(raters: readonly Uint8Array[]): Uint8Array {
  return raters[0].map((_, i) => (2 * raters.reduce((votes, mask) => votes + mask[i], 0) > raters.length ? 1 : 0));
}

/**
 * Every round of a session scored. The set metrics take the masks of all rounds so far, as the published evaluation does:
 * they are steps of one dialogue, not samples.
 * @see AESPA spec §5
 */
export function scoreSession({ case: { id, patient, raters, valid }, rater, rounds }: PlayedSession): RoundScores[] {
  const drew = raters.filter((_, i) => valid[i]);
  const majority = hardMajority(drew);
  const masks = rounds.map((map) => Uint8Array.from(map, (p) => (p > 0.5 ? 1 : 0)));
  return masks.map((mask, round) => {
    const soFar = masks.slice(0, round + 1);
    const follow = scoreOf(dice(mask, raters[rater], { whenBothEmpty: "one" }));
    const toMajority = scoreOf(dice(mask, majority, { whenBothEmpty: "one" }));
    const distance = scoreOf(ged(soFar, drew, { distance: "1-dice" }));
    const scores = {
      dice_follow: follow,
      dice_majority: toMajority,
      iou_majority: scoreOf(iou(mask, majority, { whenBothEmpty: "one" })),
      delta_follow: follow - toMajority,
      dice_personal: scoreOf(dicePersonal(mask, drew)),
      dice_soft: scoreOf(diceSoft(rounds[round], drew)),
      dice_max: scoreOf(diceMax(soFar, drew)),
      dice_match: scoreOf(diceMatch(soFar, drew)),
      ged: distance,
      ged_repository: -distance,
    };
    return { case: id, patient, rater, round, scores };
  });
}

/** None of the conventions above excludes a case. */
function scoreOf(result: CaseScore): number {
  if ("excluded" in result) throw new Error(`excluded: ${result.excluded}`);
  return result.score;
}

/**
 * Means over sessions with intervals that resample patients: one metric a round, over all raters and by rater, and the
 * mean over rounds 1 to the last.
 */
export function summarise(rows: readonly RoundScores[], seed: number): MetricValue[] {
  const rounds = [...new Set(rows.map(({ round }) => round))].sort((a, b) => a - b);
  const raters = [...new Set(rows.map(({ rater }) => rater))].sort((a, b) => a - b);
  return roundMetrics.flatMap(({ id, convention }) => {
    const meanOf = (chosen: readonly RoundScores[], group: Readonly<Record<string, string>>): MetricValue => {
      const values = chosen.map(({ scores }) => scores[id]);
      const interval = bootstrap(values.length, weightedMean(values), { clusters: chosen.map(({ patient }) => patient), clusterName: "patient", seed });
      const value = values.reduce((sum, x) => sum + x, 0) / values.length;
      return { id, convention, value, n: values.length, excluded: [], ...(interval && { interval }), group };
    };
    const byRound = rounds.map((round) => meanOf(rows.filter((row) => row.round === round), { round: String(round) }));
    const clicked = rows.filter(({ round }) => round > 0);
    const after = clicked.length === 0 ? [] : [meanOf(clicked, { round: `1–${rounds.at(-1)}` })];
    const byRater = raters.flatMap((rater) => rounds.map((round) =>
      meanOf(rows.filter((row) => row.rater === rater && row.round === round), { round: String(round), rater: String(rater + 1) }))); // raters from 1, as people count
    return [...byRound, ...after, ...byRater];
  });
}

/** One value out of {@link summarise}'s list; `rater` from 0. */
export function valueAt(metrics: readonly MetricValue[], id: RoundMetric, round: number | string, rater?: number): number | null {
  const found = metrics.find((metric) => metric.id === id && metric.group?.round === String(round) && metric.group?.rater === (rater === undefined ? undefined : String(rater + 1)));
  return found?.value ?? null;
}
