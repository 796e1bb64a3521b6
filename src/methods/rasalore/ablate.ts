import { newVariable } from "../../nn/index.js";
import { locationEmbeddings } from "./lore.js";
import type { RasaloreModel } from "./network.js";
import type { Rank, TensorFlow } from "./tensorflow.js";

/**
 * The same trained network with location embeddings of another draw: what happens when the file of embeddings is lost and drawn anew.
 * `zero` takes every place away.
 * The caller disposes `weights.lore.embeddings` of the result; everything else is shared.
 */
export function withOtherEmbeddings(tf: TensorFlow, model: RasaloreModel, seed: number | "zero"): RasaloreModel {
  const { grid, channels } = model.config.network;
  const kind = seed === "zero" ? "zero" : model.embeddings.kind;
  const embeddings = locationEmbeddings(kind, { grid, width: channels[3], seed: seed === "zero" ? 0 : seed });
  const variable = newVariable<Rank.R2>(tf, embeddings.values, [embeddings.points, embeddings.width], false);
  return { ...model, embeddings, weights: { ...model.weights, lore: { embeddings: variable } } };
}
