import { seededRandom, silent, stopIfAborted } from "../../core/index.js";
import { imageTensor, rowsOf } from "./batch.js";
import { largest, type Click } from "./click.js";
import { atImageSize, encode, encodeClicks, preferenceOf, startResponsibilities, type AespaModel } from "./model.js";
import { responsibilities } from "./responsibility.js";
import type { PlayedSession, RollOutOptions, Session } from "./roll-out.js";
import { selectCluster } from "./spa-clusters.js";
import { drawNoise, sampleLogits } from "./spa-step.js";
import { spaFirstClick } from "./spa-target.js";
import type { Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

export interface PlayedSpaSession extends PlayedSession {
  /** All N candidates of each round, probabilities. */
  readonly candidates: readonly (readonly Float32Array[])[];
  /** Positions of the picked group's candidates in each round. */
  readonly chosen: readonly (readonly number[])[];
}

/**
 * Plays SPA's sample–cluster–select loop (spec §5) with the rater's own mask as what the user wants. The mask of a round is the mean
 * of the picked group, cut at p > 0.5 like AESPA's (the published code cuts the mean logit at 0.5, which is p > 0.62, §8.11). The first
 * click comes before round 0, so SPA has one click more than AESPA at every round; as published, there is no mask prompt.
 */
export async function rollOutSpa(
  tf: TensorFlow,
  model: AespaModel,
  sessions: readonly Session[],
  seed: number,
  { progress = silent, signal }: Omit<RollOutOptions, "batch"> = {},
): Promise<PlayedSpaSession[]> {
  const task = progress.begin("play SPA sessions", sessions.length);
  const played: PlayedSpaSession[] = [];
  for (const session of sessions) {
    stopIfAborted(signal);
    played.push(await playOne(tf, model, session, seed));
    task.update(played.length);
  }
  task.end(`${played.length} sessions`);
  return played;
}

async function playOne(tf: TensorFlow, model: AespaModel, session: Session, seed: number): Promise<PlayedSpaSession> {
  const { training, spa } = model.config;
  const { case: rated, rater } = session;
  const random = seededRandom(seed).stream("spa-sessions").stream(rated.id).stream(rater);
  const wanted = rated.raters[rater];
  const clicks: Click[] = [spaFirstClick(rated, random.stream("first"))];
  const [rounds, candidates, picks]: [Float32Array[], Float32Array[][], (readonly number[])[]] = [[], [], []];
  const features = tf.tidy(() => encode(tf, imageTensor(tf, [rated]), model));
  let seen = tf.tidy(() => startResponsibilities(tf, 1, model));
  for (let round = 0; round < training.rounds; round++) {
    const own = random.stream(round);
    const maps = await drawMasks(tf, model, features, clicks, seen, drawNoise(tf, model, spa.samples, own.stream("noise")));
    const { chosen, picked, rest } = selectCluster(maps, wanted, spa.clusters, own.stream("clusters"));
    rounds.push(picked);
    candidates.push(maps);
    picks.push(chosen);
    const next = tf.tidy(() => {
      const preference = preferenceOf(tf, encodeClicks(tf, [clicks], model), seen, model, "per-item");
      return responsibilities(tf, tf.tensor2d(picked, [1, picked.length]), preference, model.config.form.responsibilities);
    });
    seen.dispose();
    seen = next;
    const at = own.pick(largest(wanted.length, (i) => Math.abs(picked[i] - rest[i]), training.worstPixels));
    clicks.push({ y: Math.floor(at / rated.size), x: at % rated.size, label: wanted[at] === 1 ? 1 : 0 });
  }
  tf.dispose([features, seen]);
  return { ...session, clicks, rounds, candidates, chosen: picks };
}

async function drawMasks(tf: TensorFlow, model: AespaModel, features: Tensor4D, clicks: readonly Click[], seen: Tensor2D, noise: Tensor2D): Promise<Float32Array[]> {
  const probability = tf.tidy(() => atImageSize(tf, sampleLogits(tf, model, features, { tokens: encodeClicks(tf, [clicks], model), responsibilities: seen, last: undefined }, noise), model.config).sigmoid());
  const maps = rowsOf((await probability.data<"float32">()).slice(), noise.shape[0]);
  tf.dispose([probability, noise]);
  return maps;
}
