import type { EpochRecord } from "../../nn/index.js";
import type { AgreementArtifact, CurveArtifact, Matrix, PanelArtifact, PanelsArtifact, StackArtifact } from "../../results/index.js";
import { scoreSession } from "./measure.js";
import type { PlayedSession } from "./roll-out.js";
import type { PlayedSpaSession } from "./spa-roll-out.js";

/** What the figures of a record are drawn from, beside its numbers. */
export interface AespaArtifacts {
  readonly loss?: CurveArtifact;
  /** How the raters of one slice agree, and the masks that were drawn for the one who clicks. */
  readonly agreement?: AgreementArtifact;
  /** One frame a round: the same slice under each rater's clicks. */
  readonly stack?: StackArtifact;
  /** SPA: every candidate of the last round. */
  readonly candidates?: PanelsArtifact;
}

/**
 * Of one representative test slice: the one whose mean Dice with the clicking rater, after the last round, is the median of all.
 * @param played every rater's session on every slice
 */
export function aespaArtifacts(played: readonly PlayedSession[], history: readonly EpochRecord[] = []): AespaArtifacts {
  const sessions = medianSlice(played);
  const loss = history.length === 0 ? {} : { loss: { x: history.map(({ epoch }) => epoch), y: history.map(({ loss }) => loss), xTitle: "epoch", yTitle: "weighted cross-entropy a round" } };
  if (sessions.length === 0) return loss;
  const crop = cropAround(sessions[0]);
  const { cut } = crop;
  const [{ case: slice }] = sessions;
  const middle = sessions[Math.floor(sessions.length / 2)];
  return {
    ...loss,
    agreement: {
      title: slice.id,
      image: cut(greyOf(slice.image)),
      raters: sessions.map(({ rater }) => ({ name: raterName(rater), mask: cut(slice.raters[rater]) })),
      samples: middle.rounds.map((map, round) => ({ name: `${raterName(middle.rater)} clicks, round ${round}`, mask: cut(inside(map)) })),
    },
    stack: roundsStack(sessions, crop),
    ...(isSpa(middle) && { candidates: candidatePanels(middle, crop) }),
  };
}

const raterName = (rater: number): string => `rater ${rater + 1}`;

/** Raters' sessions on the slice in the middle of the ranking. */
function medianSlice(played: readonly PlayedSession[]): PlayedSession[] {
  const ids = [...new Set(played.map((session) => session.case.id))];
  const ranked = ids.map((id) => {
    const sessions = played.filter((session) => session.case.id === id);
    const last = sessions.map((session) => scoreSession(session).at(-1)!.scores.dice_follow);
    return { sessions, dice: last.reduce((sum, x) => sum + x, 0) / last.length };
  });
  return ranked.sort((a, b) => a.dice - b.dice)[Math.floor((ranked.length - 1) / 2)]?.sessions ?? [];
}

/** A square of a slice. */
interface Crop {
  readonly y0: number;
  readonly x0: number;
  readonly side: number;
  readonly cut: (values: ArrayLike<number>) => Matrix;
}

/** Cuts the square around everything that a rater marked, with a margin, out of [S, S]. */
function cropAround({ case: { raters, size } }: PlayedSession): Crop {
  const marked = Array.from({ length: size * size }, (_, i) => i).filter((i) => raters.some((mask) => mask[i] === 1));
  const [ys, xs] = [marked.map((i) => Math.floor(i / size)), marked.map((i) => i % size)];
  const span = (values: readonly number[]): [number, number] => [values.reduce((a, b) => Math.min(a, b), size - 1), values.reduce((a, b) => Math.max(a, b), 0)];
  const [[top, bottom], [left, right]] = [span(ys), span(xs)];
  const side = Math.min(size, Math.max(bottom - top, right - left, Math.round(size / 4)) + Math.round(size / 5));
  const start = (low: number, high: number): number => Math.min(size - side, Math.max(0, Math.round((low + high + 1 - side) / 2)));
  const [y0, x0] = [start(top, bottom), start(left, right)];
  const cut = (values: ArrayLike<number>): Matrix => ({ shape: [side, side], values: Array.from({ length: side * side }, (_, i) => values[(y0 + Math.floor(i / side)) * size + x0 + (i % side)]) });
  return { y0, x0, side, cut };
}

function roundsStack(sessions: readonly PlayedSession[], { y0, x0, side, cut }: Crop): StackArtifact {
  const within = (at: number): boolean => at >= 0 && at < side;
  const [{ case: slice, rounds }] = sessions;
  const scores = sessions.map(scoreSession);
  return {
    unit: "round",
    frames: rounds.map((_, round) => ({
      title: round === 0 ? "before any click" : `after click ${round}`,
      pictures: sessions.map(({ rater, rounds: maps, clicks }): PanelArtifact => {
        const seen = clicks.slice(0, round).map(({ y, x, label }) => ({ at: [y - y0, x - x0] as const, label })).filter(({ at }) => at.every(within));
        const points = (label: 0 | 1) => seen.filter((click) => click.label === label).map(({ at }) => at);
        return {
          title: `${raterName(rater)} clicks`,
          image: cut(greyOf(slice.image)),
          range: [0, 255],
          overlays: [
            { name: "wanted", draw: "contour", mask: cut(slice.raters[rater]) },
            { name: "predicted", draw: "contour", mask: cut(inside(maps[round])) },
            ...(points(1).length > 0 ? [{ name: "click: belongs", draw: "points" as const, points: points(1), symbol: "cross" as const }] : []),
            ...(points(0).length > 0 ? [{ name: "click: does not", draw: "points" as const, points: points(0), symbol: "x" as const }] : []),
          ],
        };
      }),
      facts: Object.fromEntries(sessions.map(({ rater }, i) => [`Dice, ${raterName(rater)}`, scores[i][round].scores.dice_follow])),
    })),
  };
}

const isSpa = (session: PlayedSession): session is PlayedSpaSession => "candidates" in session;

function candidatePanels({ case: slice, rater, candidates, chosen }: PlayedSpaSession, { cut }: Crop): PanelsArtifact {
  const last = candidates.length - 1;
  return {
    panels: candidates[last].map((map, i) => ({
      title: `candidate ${i + 1}${chosen[last].includes(i) ? ", picked" : ""}`,
      image: cut(greyOf(slice.image)),
      range: [0, 255],
      overlays: [{ name: raterName(rater), draw: "contour", mask: cut(slice.raters[rater]) }, { name: "candidate", draw: "contour", mask: cut(inside(map)) }],
    })),
  };
}

const inside = (map: Float32Array): Uint8Array => Uint8Array.from(map, (p) => (p > 0.5 ? 1 : 0));

const greyOf = (image: Uint8Array): Uint8Array => image.filter((_, i) => i % 3 === 1);
