import { silent, type MetricValue, type Progress } from "../../core/index.js";
import { selectClips, type DcaseDataset } from "../../datasets/index.js";
import { disposeWeights, type Runner } from "../../nn/index.js";
import type { AstraConfig } from "./config.js";
import { fitNormalModels, scoreClips, type Embeddings, type ScoredClip } from "./detect.js";
import { embedClips, type Embedded } from "./embed.js";
import { clipImages, type Images } from "./images.js";
import { measureDetection } from "./measure.js";
import { scoreWithAutoencoder, scoreWithStatistics } from "./peers.js";
import { untrainedAstra, type TrainedAstra } from "./train.js";
import { ablations, mainVariant, type Variant } from "./variants.js";

/** One form of the method, or a peer, on the test clips. */
export interface Evaluation {
  readonly variant: string;
  readonly what: string;
  /** The configuration this form really ran with. */
  readonly config: AstraConfig;
  /** Epochs behind it: fewer than configured when training was interrupted, 0 where nothing was trained. */
  readonly epochsTrained: number;
  readonly clips: readonly ScoredClip[];
  readonly metrics: readonly MetricValue[];
}

export interface EvaluateOptions {
  readonly engine: Runner;
  readonly dataset: DcaseDataset;
  readonly model: TrainedAstra;
  /** The method's own ablations, from the same trained encoder; on unless `skip`. */
  readonly ablations?: "run" | "skip";
  /** The untrained encoder, log-mel statistics and the challenge's autoencoder; on unless `skip`. */
  readonly peers?: "run" | "skip";
  /** Pictures of all clips, when they have been made already. */
  readonly images?: Images;
  /** Where the peers' training is kept. */
  readonly folder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Scores the test clips with the trained model and, unless skipped, with its ablations and peers, and measures each.
 * @returns the method itself first
 * @throws Interrupted when the signal fires
 */
export async function evaluateAstra(options: EvaluateOptions): Promise<Evaluation[]> {
  const { engine, dataset, model, progress = silent, signal } = options;
  const used = dataset.clips.filter(({ split }) => split !== "supplemental");
  const images = options.images ?? (await clipImages(used, model.config.image, { progress, signal }));
  const shared = { engine, dataset, images, progress, signal };
  const variants = [mainVariant, ...(options.ablations === "skip" ? [] : ablations)];
  const evaluations = await evaluateVariants(shared, model, variants);
  if (options.peers === "skip") return evaluations;
  const untrained = untrainedAstra(engine.tf, dataset, model.config, model.seed);
  evaluations.push(
    ...(await evaluateVariants(shared, untrained, [{ name: "untrained", what: "the encoder before its first step" }])),
  );
  disposeWeights(untrained.weights);
  const peer = { ...shared, config: model.config, seed: model.seed, folder: options.folder };
  const asEvaluation = (variant: string, what: string, epochsTrained: number, clips: ScoredClip[]): Evaluation => {
    return { variant, what, config: model.config, epochsTrained, clips, metrics: measureDetection(clips) };
  };
  const { epochs } = model.config.autoencoder;
  const { mse, mahalanobis } = await scoreWithAutoencoder(peer);
  evaluations.push(
    asEvaluation(
      "logmel-stats",
      "mean and deviation of each mel band, no learning, same scoring",
      0,
      await scoreWithStatistics(peer),
    ),
    asEvaluation("ae-mse", "the challenge's autoencoder, reconstruction error", epochs, mse),
    asEvaluation("ae-mahalanobis", "the challenge's autoencoder, selective Mahalanobis", epochs, mahalanobis),
  );
  return evaluations;
}

type Shared = Pick<EvaluateOptions, "engine" | "dataset" | "progress" | "signal"> & { readonly images: Images };

/** Clips are embedded once for each pooling and normalisation, not once a variant. */
async function evaluateVariants(
  { engine, dataset, ...shared }: Shared,
  model: TrainedAstra,
  variants: readonly Variant[],
): Promise<Evaluation[]> {
  const [training, test] = (["train", "test"] as const).map((split) => selectClips(dataset.clips, { split }));
  const known = new Map<string, Embeddings>();
  const evaluations: Evaluation[] = [];
  for (const variant of variants) {
    const config = variantConfig(model.config, variant);
    const key = `${config.model.pooling} ${config.corrections.evalNormalisation}`;
    if (!known.has(key)) {
      const clips = [...training, ...test];
      const embedded = await embedClips(engine.tf, { ...model, config }, clips, shared);
      known.set(key, embeddingsById(clips, embedded));
    }
    const embeddings = known.get(key)!;
    const scored = scoreClips(test, embeddings, fitNormalModels(training, embeddings, config.scoring, model.seed));
    evaluations.push({
      variant: variant.name,
      what: variant.what,
      config,
      epochsTrained: model.history.length,
      clips: scored,
      metrics: measureDetection(scored),
    });
  }
  return evaluations;
}

/** The configuration a variant runs with. */
export function variantConfig(config: AstraConfig, { scoring, pooling, evalNormalisation }: Variant): AstraConfig {
  return {
    ...config,
    model: { ...config.model, ...(pooling && { pooling }) },
    scoring: { ...config.scoring, ...scoring },
    corrections: { ...config.corrections, ...(evalNormalisation && { evalNormalisation }) },
  };
}

export function embeddingsById(clips: readonly { readonly id: string }[], embedded: readonly Embedded[]): Embeddings {
  return new Map(clips.map(({ id }, i) => [id, embedded[i].embedding]));
}
