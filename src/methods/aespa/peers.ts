import type { PlayedSession, Session } from "./roll-out.js";

/**
 * A predictor that ignores clicks and always answers the exact mask of one rater: what a perfect fixed style would reach
 * (AESPA spec §9). It looks at the truth, so it is a reference, not a method.
 */
export function fixedStyle(sessions: readonly Session[], rater: number, rounds: number): PlayedSession[] {
  return sessions.map((session) => {
    const answer = Float32Array.from(session.case.raters[rater]);
    return { ...session, clicks: [], rounds: Array.from({ length: rounds }, () => answer) };
  });
}

/** The mask before the first click, held for all rounds: the same network, click-blind. */
export function clickBlind(played: readonly PlayedSession[]): PlayedSession[] {
  return played.map((session) => ({ ...session, clicks: [], rounds: session.rounds.map(() => session.rounds[0]) }));
}

