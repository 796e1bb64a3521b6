import { seededRandom, silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import { imageTensor, rowsOf } from "./batch.js";
import { simulateClick, type Click } from "./click.js";
import { atImageSize, decodeMask, encode, encodeClicks, preferenceOf, startResponsibilities, type AespaModel } from "./model.js";
import { responsibilities } from "./responsibility.js";
import type { Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** One simulated session: one image, one rater who clicks from the first round to the last. */
export interface Session {
  readonly case: RatedCase;
  readonly rater: number;
}

export interface PlayedSession extends Session {
  /** Round r was predicted from the first r clicks. */
  readonly clicks: readonly Click[];
  /** One map a round, [S, S], probabilities. */
  readonly rounds: readonly Float32Array[];
}

export interface RollOutOptions {
  /** Sessions computed together; the result does not depend on it. */
  readonly batch?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Every valid rater of every image as the one who clicks (spec §8.14). */
export function everyRater(cases: readonly RatedCase[]): Session[] {
  return cases.flatMap((each) => each.valid.flatMap((valid, rater) => (valid ? [{ case: each, rater }] : [])));
}

/**
 * Plays sessions through all rounds without training (spec §5). Preferences are per item, so neighbours in a batch do not
 * matter; clicks are drawn from streams named by seed, image and rater.
 */
export async function rollOut(
  tf: TensorFlow,
  model: AespaModel,
  sessions: readonly Session[],
  seed: number,
  { batch = 24, progress = silent, signal }: RollOutOptions = {},
): Promise<PlayedSession[]> {
  const task = progress.begin("play sessions", sessions.length);
  const played: PlayedSession[] = [];
  for (let at = 0; at < sessions.length; at += batch) {
    stopIfAborted(signal);
    const chunk = sessions.slice(at, at + batch);
    const filled = Array.from({ length: Math.min(batch, sessions.length) }, (_, i) => chunk[i % chunk.length]); // one batch shape
    played.push(...(await playBatch(tf, model, filled, seed)).slice(0, chunk.length));
    task.update(played.length);
  }
  task.end(`${played.length} sessions`);
  return played;
}

async function playBatch(tf: TensorFlow, model: AespaModel, sessions: readonly Session[], seed: number): Promise<PlayedSession[]> {
  const { rounds, worstPixels } = model.config.training;
  const streams = sessions.map((session) => seededRandom(seed).stream("sessions").stream(session.case.id).stream(session.rater));
  const clicks: Click[][] = sessions.map(() => []);
  const maps: Float32Array[][] = sessions.map(() => []);
  const features = tf.tidy(() => encode(tf, imageTensor(tf, sessions.map((session) => session.case)), model));
  let state: TurnState = { responsibilities: tf.tidy(() => startResponsibilities(tf, sessions.length, model)), last: undefined };
  for (let round = 0; round < rounds; round++) {
    const turn = takeTurn(tf, model, features, clicks, state);
    tf.dispose(state.responsibilities);
    state.last?.dispose();
    state = { responsibilities: turn.responsibilities, last: turn.logits };
    for (const [i, map] of rowsOf((await turn.probability.data<"float32">()).slice(), sessions.length).entries()) {
      const { case: { raters, size }, rater } = sessions[i];
      maps[i].push(map);
      if (round < rounds - 1) clicks[i].push(simulateClick(map, raters[rater], size, worstPixels, streams[i]));
    }
    turn.probability.dispose();
  }
  tf.dispose([features, state.responsibilities]);
  state.last?.dispose();
  return sessions.map((session, i) => ({ ...session, clicks: clicks[i], rounds: maps[i] }));
}

/** What a user's session carries from click to click. */
export interface TurnState {
  /** [B, M] */
  readonly responsibilities: Tensor2D;
  /** [B, 4g, 4g, 1]; none before the first mask. */
  readonly last: Tensor4D | undefined;
}

/** The mask after these clicks. What it returns belongs to the caller. */
export function takeTurn(
  tf: TensorFlow,
  model: AespaModel,
  features: Tensor4D,
  clicks: readonly (readonly Click[])[],
  state: TurnState,
): { logits: Tensor4D; probability: Tensor2D; responsibilities: Tensor2D } {
  return tf.tidy(() => {
    const tokens = encodeClicks(tf, clicks, model);
    const preference = preferenceOf(tf, tokens, state.responsibilities, model, "per-item");
    const logits = decodeMask(tf, { features, tokens, preference, last: state.last }, model);
    const probability = atImageSize(tf, logits, model.config).sigmoid<Tensor2D>();
    return { logits, probability, responsibilities: responsibilities(tf, probability, preference, model.config.form.responsibilities) };
  });
}
