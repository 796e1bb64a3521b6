import { readClip, selectClips, type DcaseClip, type DcaseDataset } from "../../datasets/index.js";
import type { TensorFlow } from "../../nn/index.js";
import type { AttentionArtifact, CurveArtifact, SpectrogramArtifact, SpectrogramPair } from "../../results/index.js";
import { logMel, melFilterbank, resizeBilinear, stretchToBytes } from "../../signal/index.js";
import type { AstraConfig, ImageConfig } from "./config.js";
import { embedClips, type EmbedOptions } from "./embed.js";
import type { TrainedAstra } from "./train.js";

/** What the figures of a record are drawn from. */
export interface AstraArtifacts {
  readonly loss?: CurveArtifact;
  readonly spectrograms?: SpectrogramPair;
  readonly attention?: AttentionArtifact;
}

/** The loss curve, and for one anomalous test clip its spectrogram beside a normal one and where the model looked. */
export async function astraArtifacts(
  tf: TensorFlow,
  dataset: DcaseDataset,
  model: TrainedAstra,
  options: EmbedOptions = {},
): Promise<AstraArtifacts> {
  const pair = examplePair(dataset);
  return {
    ...(model.history.length > 0 && { loss: lossCurve(model) }),
    ...(pair && {
      spectrograms: await spectrogramPair(pair, model.config),
      attention: await attentionMap(tf, model, pair.anomalous, options),
    }),
  };
}

export function lossCurve({ history }: Pick<TrainedAstra, "history">): CurveArtifact {
  return {
    x: history.map(({ epoch }) => epoch),
    y: history.map(({ loss }) => loss),
    xTitle: "epoch",
    yTitle: "NT-Xent loss",
  };
}

export interface ExamplePair {
  readonly normal: DcaseClip;
  readonly anomalous: DcaseClip;
}

/** The first anomalous test clip and a normal one of the same machine and domain, with the same attributes if there is one. */
export function examplePair({ clips }: Pick<DcaseDataset, "clips">): ExamplePair | undefined {
  for (const anomalous of selectClips(clips, { split: "test", label: "anomaly" })) {
    const { machine, domain } = anomalous;
    const candidates = selectClips(clips, { split: "test", label: "normal", machine, domain });
    const same = candidates.find((clip) => JSON.stringify(clip.attributes) === JSON.stringify(anomalous.attributes));
    const normal = same ?? candidates[0];
    if (normal) return { normal, anomalous };
  }
  return undefined;
}

export async function spectrogramPair({ normal, anomalous }: ExamplePair, { image }: AstraConfig): Promise<SpectrogramPair> {
  const title = normal.domain === "all" ? normal.machine : `${normal.machine}, ${normal.domain} domain`;
  return { title, normal: await spectrogram(normal, image), anomalous: await spectrogram(anomalous, image) };
}

/** dB below the clip's loudest cell, to two digits. */
async function spectrogram(clip: DcaseClip, image: ImageConfig): Promise<SpectrogramArtifact> {
  const { sampleRate, nFft, hopLength, nMels, fMin, fMax } = image;
  const { data, shape } = await clipLogMel(clip, image);
  const { edgesHz } = melFilterbank({ sampleRate, nFft, nMels, fMin, fMax });
  return {
    case: clip.id,
    shape,
    values: Array.from(data, (value) => Math.round(value * 100) / 100),
    secondsPerFrame: hopLength / sampleRate,
    bandHz: Array.from(edgesHz.subarray(1, nMels + 1), (hz) => Math.round(hz * 10) / 10),
  };
}

/** The patches' weights for one clip, over the grey picture they were cut from. */
export async function attentionMap(
  tf: TensorFlow,
  model: TrainedAstra,
  clip: DcaseClip,
  options: EmbedOptions = {},
): Promise<AttentionArtifact> {
  const { image, patches } = model.config;
  const [{ attention }] = await embedClips(tf, model, [clip], options);
  const { data, shape } = await clipLogMel(clip, image);
  const grey = resizeBilinear(
    { width: shape[1], height: shape[0], channels: 1, data: stretchToBytes(data) },
    image.size,
    image.size,
  );
  const side = Math.sqrt(attention.length);
  return {
    case: clip.id,
    title: `${clip.machine}, anomalous`,
    image: { shape: [image.size, image.size], values: Array.from(grey.data) },
    weights: { shape: [side, side], values: Array.from(attention, (weight) => Number(weight.toFixed(6))) },
    patch: patches.size,
    stride: patches.stride,
  };
}

async function clipLogMel(clip: DcaseClip, { sampleRate, nFft, hopLength, nMels, fMin, fMax, topDb }: ImageConfig) {
  return logMel(await readClip(clip, { sampleRate }), { sampleRate, nFft, hopLength, nMels, fMin, fMax, ref: "max", topDb });
}
