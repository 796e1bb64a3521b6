import { seededRandom } from "../../../core/index.js";
import type { LoadedSlice } from "../../../datasets/index.js";
import { boxOfMap, boxOnImage, gridPoints, jitteredBox, placeBack, predictDdpt, predictPrepared, prepareSlice, resized, segmenterMask, withOtherEmbeddings, type OpenedRun, type RasaloreModel } from "../../../methods/rasalore/index.js";
import type { TensorFlow } from "../../../engine/index.js";
import { sendPicture } from "../../picture.js";
import type { EmbeddingChoice, SliceAnswer } from "./answers.js";

/** One user's slice, and the embeddings the network is to use on it. */
export interface Looked {
  readonly loaded: LoadedSlice;
  readonly chosen: number;
  readonly embeddings: EmbeddingChoice;
  /** Counts how often the embeddings were drawn anew, so that each draw is another. */
  readonly draw: number;
}

/** Both stages on a slice. */
export async function lookAt(tf: TensorFlow, { ddpt, foundations, model, run }: OpenedRun, { loaded, chosen, embeddings, draw }: Looked, names: readonly string[]): Promise<SliceAnswer> {
  const { width, height, image, mask, slice } = loaded;
  const { config } = run;
  const [{ unhealthy, attention, map }] = await predictDdpt(tf, ddpt, [loaded], config.form.map);
  const random = seededRandom(run.seed).stream("box-jitter");
  const segmented = await segmenterMask(foundations.segmenter, loaded, map, config, random);
  const tight = boxOfMap(map.data, map.size);
  const box = tight && boxOnImage(jitteredBox(tight, map.size, config.guide.jitter, random.stream(slice.id)), map.size, width, config.form.box);
  const atSlice = (mask: { size: number; data: Uint8Array } | undefined): Uint8Array => (mask ? resized({ width: mask.size, height: mask.size, data: mask.data }, width, height).data : new Uint8Array(width * height));
  const prepared = prepareSlice(loaded, config);
  const side = 2 * config.network.imageSize;
  const prediction = prepared && (await withEmbeddings(tf, model, embeddings, draw, (own) => predictPrepared(tf, own, [prepared])))[0];
  const probability = prepared && prediction ? placeBack(prediction.probability, side, prepared.crop, height, width) : new Float32Array(width * height);
  const most = attention.reduce((high, a) => Math.max(high, a), 1e-9);
  const grid = Math.round(Math.sqrt(attention.length));
  return {
    slices: names,
    chosen,
    name: slice.id,
    picture: sendPicture(width, height, 1, image),
    ...(mask && { truth: sendPicture(width, height, 1, mask) }),
    unhealthy,
    attention: sendPicture(grid, grid, 1, Uint8Array.from(attention, (a) => Math.round((255 * a) / most))),
    heatMap: sendPicture(width, height, 1, atSlice(map)),
    ...(box && { box }),
    segmenter: sendPicture(width, height, 1, atSlice(segmented)),
    embeddings,
    probability: sendPicture(width, height, 1, Uint8Array.from(probability, (p) => Math.round(255 * p))),
    points: prepared && prediction
      ? gridPoints(config.network.grid).map(([x, y], k) => ({ // the published code calls the row x
        y: Math.min(height - 1, Math.round(prepared.crop.top + (x / 256) * (prepared.crop.bottom - prepared.crop.top))),
        x: Math.min(width - 1, Math.round(prepared.crop.left + (y / 256) * (prepared.crop.right - prepared.crop.left))),
        activation: prediction.activations[k],
      }))
      : [],
  };
}

async function withEmbeddings<T>(tf: TensorFlow, model: RasaloreModel, choice: EmbeddingChoice, draw: number, use: (model: RasaloreModel) => Promise<T>): Promise<T> {
  if (choice === "trained") return use(model);
  const other = withOtherEmbeddings(tf, model, choice === "zero" ? "zero" : model.seed + 1 + draw);
  try {
    return await use(other);
  } finally {
    other.weights.lore.embeddings.dispose();
  }
}
