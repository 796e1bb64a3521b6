import { stopIfAborted, type Random } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { legalColumns } from "./environment.js";
import { bestActions, drawActions, maskedLogProbabilities } from "./masked-categorical.js";
import { actionLogits, type ActorCritic } from "./policy.js";
import { kspaceTensors, vectors, type KspaceSlice } from "./slices.js";
import type { Tensor1D, Tensor2D, Tensor3D } from "./tensorflow.js";

/** Columns of one slice in the order they were acquired. */
export type LineOrder = readonly number[];

/** log π(column) of slices with their masks; columns that may not be acquired are far below. One row a slice. */
export type ColumnPreference = (slices: readonly KspaceSlice[], masks: readonly Float32Array[], remaining: number) => Promise<Float32Array[]>;

/** A trained policy as that function, compiled once, a fixed number of slices at a time. */
export function columnPreference({ tf, step }: Pick<Engine, "tf" | "step">, policy: ActorCritic, batch = 32): ColumnPreference {
  const compiled = step((kReal: Tensor3D, kImag: Tensor3D, mask: Tensor2D, legal: Tensor2D, remaining: Tensor1D): Tensor2D =>
    maskedLogProbabilities(tf, actionLogits(tf, { kspace: { real: kReal, imag: kImag }, mask, remaining }, policy), legal));
  return async (slices, masks, remaining) => {
    const out: Float32Array[] = [];
    for (let at = 0; at < slices.length; at += batch) {
      const own = Array.from({ length: batch }, (_, i) => Math.min(slices.length - 1, at + i)); // one batch shape
      const inputs = [
        ...kspaceTensors(tf, own.map((i) => slices[i])), vectors(tf, own.map((i) => masks[i])),
        vectors(tf, own.map((i) => legalColumns(masks[i], policy.config.data))), tf.tensor1d(new Float32Array(batch).fill(remaining)),
      ] as const;
      const logP = compiled(...inputs);
      const flat = await logP.data<"float32">();
      const actions = logP.shape[1];
      tf.dispose([...inputs, logP]);
      for (let i = 0; i < batch && at + i < slices.length; i++) out.push(flat.slice(i * actions, (i + 1) * actions));
    }
    return out;
  };
}

export interface AcquireOptions {
  /** Lines a slice. */
  readonly budget: number;
  /** Draws each line with its probability; the likeliest line, of equal ones the lowest, without. */
  readonly random?: Random;
  readonly signal?: AbortSignal;
}

/**
 * Acquires slices step by step with a policy. The policy knows how many lines are left, so a budget of 8 is no prefix of a budget of 10.
 * @returns one order a slice
 * @see ASMR-seg spec §5.1
 */
export async function acquire(preference: ColumnPreference, policy: Pick<ActorCritic, "config">, slices: readonly KspaceSlice[], { budget, random, signal }: AcquireOptions): Promise<LineOrder[]> {
  const { data: { size, sampledIndices: [first] }, environment: { linesPerStep } } = policy.config;
  let masks: Float32Array[] = slices.map(() => new Float32Array(size));
  const orders: number[][] = slices.map(() => []);
  for (let line = 0; line < budget; line += linesPerStep) {
    stopIfAborted(signal);
    const logP = await preference(slices, masks, budget - line);
    const count = Math.min(linesPerStep, budget - line);
    for (const [i, row] of logP.entries()) {
      const actions = random === undefined ? bestActions(row, count) : drawActions(row, count, random).actions;
      orders[i].push(...actions.map((action) => first + action));
    }
    masks = orders.map((order) => maskOf(order, size));
  }
  return orders;
}

/** The mask after the first `budget` lines of an order. */
export function maskOf(order: LineOrder, width: number, budget = order.length): Float32Array {
  const mask = new Float32Array(width);
  for (const column of order.slice(0, budget)) mask[column] = 1;
  return mask;
}
