import { silent, type MetricValue, type Progress } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { scoreSession, summarise, type RoundScores } from "./measure.js";
import type { AespaModel } from "./model.js";
import { clickBlind, fixedStyle } from "./peers.js";
import { everyRater, rollOut, type PlayedSession } from "./roll-out.js";
import type { RunMode } from "./run.js";
import { rollOutSpa } from "./spa-roll-out.js";
import type { TensorFlow } from "./tensorflow.js";

/** One system measured on the test images. */
export interface Evaluation {
  /** `aespa`, `click-blind`, `always-rater-2` … (raters from 1, as people count) */
  readonly variant: string;
  readonly what: string;
  readonly rows: readonly RoundScores[];
  readonly metrics: readonly MetricValue[];
}

export interface EvaluateOptions {
  /** `aespa` unless given; `spa` plays {@link rollOutSpa}, and its round r has r + 1 clicks. */
  readonly mode?: RunMode;
  readonly tf: TensorFlow;
  readonly model: AespaModel;
  readonly cases: readonly RatedCase[];
  /** Fixes the clicks; 1 unless given. */
  readonly seed?: number;
  readonly peers?: "run" | "skip";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Plays every valid rater of every image as the one who clicks, and scores each round; beside it the click-blind mask of the
 * same network and the perfect fixed styles.
 * @returns AESPA first
 * @see AESPA spec §5, §9
 */
export async function evaluateAespa(options: EvaluateOptions): Promise<{ evaluations: Evaluation[]; played: PlayedSession[] }> {
  const { tf, model, cases, mode = "aespa", seed = 1, peers = "run", progress = silent, signal } = options;
  const sessions = everyRater(cases);
  const played = await (mode === "aespa" ? rollOut : rollOutSpa)(tf, model, sessions, seed, { progress, signal });
  const measured = (variant: string, what: string, sessions: readonly PlayedSession[]): Evaluation => {
    const rows = sessions.flatMap(scoreSession);
    return { variant, what, rows, metrics: summarise(rows, seed) };
  };
  const what = { aespa: "one mask a click, aligned to the rater who clicks", spa: "samples in groups, the user picks one; the mask is its mean" };
  const evaluations = [measured(mode, what[mode], played)];
  if (peers === "skip" || mode === "spa") return { evaluations, played };
  evaluations.push(measured("click-blind", "the same network's mask before any click, held for all rounds", clickBlind(played)));
  const raters = Math.max(...cases.map(({ raters }) => raters.length));
  for (let rater = 0; rater < raters; rater++) {
    const answered = sessions.filter((session) => session.case.valid[rater]);
    if (answered.length === 0) continue;
    const styled = fixedStyle(answered, rater, model.config.training.rounds);
    evaluations.push(measured(`always-rater-${rater + 1}`, `the exact mask of rater ${rater + 1}, whoever clicks: a reference that looks at the truth`, styled));
  }
  return { evaluations, played };
}
