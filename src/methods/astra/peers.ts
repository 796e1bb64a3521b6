import { join } from "node:path";
import { InvalidValue, seededRandom, sha256, silent, type Progress } from "../../core/index.js";
import { readClip, selectClips, type DcaseClip, type DcaseDataset } from "../../datasets/index.js";
import {
  assignArrays,
  disposeWeights,
  namedVariables,
  readArrays,
  readCheckpoint,
  writeCheckpoint,
  type Runner,
  type TensorFlow,
} from "../../nn/index.js";
import { fitGamma, gammaQuantile } from "../../stats/index.js";
import {
  baselineScore,
  clipWindows,
  fitBaseline,
  initAutoencoder,
  trainAutoencoder,
  type AutoencoderWeights,
  type BaselineClip,
} from "./autoencoder.js";
import type { AstraConfig } from "./config.js";
import { factsOf, fitNormalModels, scoreClips, type ScoredClip } from "./detect.js";
import { logMelStatistics } from "./logmel-statistics.js";

export interface PeerOptions {
  readonly engine: Runner;
  readonly dataset: DcaseDataset;
  readonly config: AstraConfig;
  readonly seed: number;
  /** Trained autoencoders are kept here and used again when nothing they depend on has changed. */
  readonly folder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The challenge's autoencoder, one a machine, in both of its score modes. */
export async function scoreWithAutoencoder(options: PeerOptions): Promise<{ mse: ScoredClip[]; mahalanobis: ScoredClip[] }> {
  const { engine: { tf }, dataset, config } = options;
  const scored = { mse: [] as ScoredClip[], mahalanobis: [] as ScoredClip[] };
  for (const machine of dataset.machines) {
    const training = selectClips(dataset.clips, { machine, split: "train" });
    const windows = await Promise.all(training.map((clip) => windowsOf(clip, config)));
    const weights = await autoencoderOf(options, machine, windows);
    const baseline = await fitBaseline(tf, weights, windows, config.autoencoder.batch);
    const normal = await Promise.all(windows.map((clip) => baselineScore(tf, baseline, clip.windows)));
    for (const clip of selectClips(dataset.clips, { machine, split: "test" })) {
      const score = await baselineScore(tf, baseline, (await windowsOf(clip, config)).windows);
      for (const mode of ["mse", "mahalanobis"] as const) {
        const threshold = gammaThreshold(
          normal.map((each) => each[mode]),
          1 - config.autoencoder.falseAlarms,
        );
        scored[mode].push({ ...factsOf(clip), score: score[mode], threshold, scoreDomainUnknown: score[mode] });
      }
    }
    disposeWeights(weights);
  }
  return scored;
}

/** Band statistics of the log-mel, scored as embeddings are: the control without learning. */
export async function scoreWithStatistics({
  dataset,
  config,
  seed,
}: Pick<PeerOptions, "dataset" | "config" | "seed">): Promise<ScoredClip[]> {
  const [training, test] = (["train", "test"] as const).map((split) => selectClips(dataset.clips, { split }));
  const vectors = new Map<string, Float64Array>();
  for (const clip of [...training, ...test])
    vectors.set(clip.id, logMelStatistics(await samplesOf(clip, config), config.image));
  return scoreClips(test, vectors, fitNormalModels(training, vectors, config.scoring, seed));
}

/** The quantile of a gamma distribution fitted to the training clips' scores, as the baseline chooses its threshold. */
function gammaThreshold(scores: readonly number[], share: number): number {
  try {
    return gammaQuantile(share, fitGamma(scores));
  } catch (error) {
    if (error instanceof InvalidValue) return Math.max(...scores); // all alike or zero: there is no distribution to fit
    throw error;
  }
}

async function autoencoderOf(
  options: PeerOptions,
  machine: string,
  clips: readonly BaselineClip[],
): Promise<AutoencoderWeights> {
  const { engine, config, seed, folder, progress = silent, signal } = options;
  const path = folder && join(folder, "autoencoder", `${machine}.safetensors`);
  const key = sha256({
    config: config.autoencoder,
    image: config.image,
    seed,
    windows: clips.map(({ windows }) => sha256(new Uint8Array(windows.buffer))),
  });
  const kept = path && (await keptWeights(engine.tf, path, key));
  if (kept) return kept;
  const { weights } = await trainAutoencoder(engine, clips, config.autoencoder, {
    seed,
    task: `autoencoder ${machine}`,
    progress,
    signal,
  });
  if (path) await writeCheckpoint(path, { arrays: await readArrays(namedVariables(weights)), metadata: { key } });
  return weights;
}

async function keptWeights(tf: TensorFlow, path: string, key: string): Promise<AutoencoderWeights | undefined> {
  const kept = await readCheckpoint(path).catch(() => undefined);
  if (kept?.metadata.key !== key) return undefined;
  const weights = initAutoencoder(tf, seededRandom(0));
  assignArrays(tf, namedVariables(weights), kept.arrays, path);
  return weights;
}

async function windowsOf(clip: DcaseClip, config: AstraConfig): Promise<BaselineClip> {
  return { domain: clip.domain, windows: clipWindows(await samplesOf(clip, config), config.image) };
}

const samplesOf = (clip: DcaseClip, { image }: AstraConfig): Promise<Float32Array> =>
  readClip(clip, { sampleRate: image.sampleRate });
