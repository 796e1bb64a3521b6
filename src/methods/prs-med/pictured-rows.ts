import { silent, type Progress } from "../../core/index.js";
import type { PrsCase, PrsSource } from "../../datasets/index.js";
import { imageTokens } from "./config.js";
import type { PrsMedModel } from "./model.js";
import { otherRows, union } from "./pictures.js";
import { atOnce, towerTable } from "./tower-table.js";
import type { TensorFlow } from "./tensorflow.js";

/** Rows with their pictures, beside what the frozen tower makes of them. */
export interface Pictured {
  readonly cases: readonly PrsCase[];
  /** [N, tokens, C] end to end; of a model that reads nothing, empty. */
  readonly tokens: Float32Array;
  /** The other lesions that the same picture is asked about, [S, S] a row; zeros where it is asked about once, and without a contrast. */
  readonly others: readonly Float32Array[];
}

export interface PicturedOptions {
  /** Bytes of tokens that are kept; 2 GiB unless given. */
  readonly most?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Looks rows up with what training needs of their pictures. The tower is frozen, so its tokens are computed once, unless there are too many to be kept.
 * @throws Interrupted
 */
export async function picturedRows(tf: TensorFlow, model: PrsMedModel, { rows, read }: PrsSource, { most = 2 ** 31, progress = silent, signal }: PicturedOptions = {}): Promise<(at: readonly number[]) => Promise<Pictured>> {
  const { config } = model;
  const each = imageTokens(config) * config.clip.visionWidth;
  const blind = config.form.conditioning === "none" || config.form.conditioning === "oracle";
  const kept = blind || 4 * each * rows.length > most ? undefined : await keptTokens();
  const others = otherRows(rows);

  return async (at) => {
    const cases = await read(at);
    return { cases, tokens: blind ? new Float32Array() : await tokensOf(at, cases), others: await otherMasks(at) };
  };

  async function keptTokens(): Promise<Float32Array> {
    const table = new Float32Array(rows.length * each);
    const some = atOnce(config.imageSize);
    const task = progress.begin("look at the pictures", rows.length);
    for (let from = 0; from < rows.length; from += some) {
      const cases = await read(Array.from({ length: Math.min(some, rows.length - from) }, (_, i) => from + i));
      table.set(await towerTable(tf, model, cases.map(({ pixels }) => pixels), signal), from * each);
      task.update(Math.min(rows.length, from + some));
    }
    task.end(`${rows.length} pictures`);
    return table;
  }

  async function tokensOf(at: readonly number[], cases: readonly PrsCase[]): Promise<Float32Array> {
    if (!kept) return towerTable(tf, model, cases.map(({ pixels }) => pixels), signal, cases.length);
    const tokens = new Float32Array(at.length * each);
    at.forEach((row, i) => tokens.set(kept.subarray(row * each, (row + 1) * each), i * each));
    return tokens;
  }

  async function otherMasks(at: readonly number[]): Promise<Float32Array[]> {
    const asked = config.training.contrastWeight === 0 ? at.map(() => []) : at.map((row) => others[row]);
    return Promise.all(asked.map(async (rest) => union((await read(rest)).map(({ softMask }) => softMask), config.imageSize ** 2)));
  }
}
