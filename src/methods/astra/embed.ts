import type { Rank } from "@tensorflow/tfjs";
import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { DcaseClip } from "../../datasets/index.js";
import type { TensorFlow } from "../../nn/index.js";
import { attributeMatrix, evaluationPatches } from "./batches.js";
import type { ModelConfig } from "./config.js";
import { clipImages, type Images } from "./images.js";
import { astraForward } from "./model.js";
import type { TrainedAstra } from "./train.js";

/** One clip seen by a model. */
export interface Embedded {
  /** The fused vector divided by its length, [2E] or [E]. */
  readonly embedding: Float64Array;
  /** How much each patch counted, row by row from the top left; sums to 1. */
  readonly attention: Float32Array;
}

export interface EmbedOptions {
  /** Pictures of the clips, when they have been made already. */
  readonly images?: Images;
  /** Another pooling than the one the model was trained with. */
  readonly pooling?: ModelConfig["pooling"];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Embeds clips with running statistics, all patches and no random changes (spec §5).
 * @returns one entry a clip, in order
 * @throws Interrupted when the signal fires
 */
export async function embedClips(
  tf: TensorFlow,
  model: TrainedAstra,
  clips: readonly DcaseClip[],
  options: EmbedOptions = {},
): Promise<Embedded[]> {
  const { config, weights, scales } = model;
  const { progress = silent, signal, pooling = config.model.pooling } = options;
  const images = options.images ?? (await clipImages(clips, config.image, { progress, signal }));
  const { batch } = config.training;
  const out: Embedded[] = [];
  const task = progress.begin("embed", clips.length);
  for (let from = 0; from < clips.length; from += batch) {
    stopIfAborted(signal);
    const own = clips.slice(from, from + batch);
    // The last batch is filled up, so that an engine sees one shape.
    const filled = [...own, ...Array.from({ length: batch - own.length }, () => own[0])];
    const { size } = config.patches;
    const values = evaluationPatches(filled, images, config);
    const attributes = attributeMatrix(filled, scales, config);
    const output = tf.tidy(() => {
      const patches = tf.tensor<Rank.R4>(values, [values.length / (size * size * 3), size, size, 3]);
      const described = attributes.length > 0 ? tf.tensor2d(attributes, [batch, attributes.length / batch]) : null;
      return { ...astraForward(tf, patches, described, weights, { clips: batch, mode: "eval", pooling }) };
    });
    const [fused, attention] = await Promise.all([output.fused.data<"float32">(), output.attention.data<"float32">()]);
    const [width, patches] = [fused.length / batch, attention.length / batch];
    own.forEach((_, i) =>
      out.push({
        embedding: unitVector(fused.subarray(i * width, (i + 1) * width)),
        attention: attention.slice(i * patches, (i + 1) * patches),
      }),
    );
    tf.dispose([output.fused, output.attention]);
    task.update(out.length);
  }
  task.end(`${out.length} clips`);
  return out;
}

/** A vector in float64 divided by its length; a zero vector stays zero. */
export function unitVector(vector: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(vector);
  const length = Math.max(1e-12, Math.hypot(...values));
  return values.map((value) => value / length);
}
