import { acdcStructures, type AcdcDataset } from "../../datasets/index.js";
import type { Matrix, Provenance, ResultRecord } from "../../results/index.js";
import { magnitude } from "../../signal/index.js";
import type { Evaluation } from "./evaluate.js";
import { maskOf } from "./acquire.js";
import type { Predict } from "./predict.js";
import type { AsmrRun } from "./run.js";
import type { KspaceSlice } from "./slices.js";
import type { UpdateRecord } from "./train-policy.js";

export interface RecordFacts {
  readonly dataset: Pick<AcdcDataset, "generated">;
  readonly run: Pick<AsmrRun, "preset" | "seed" | "config">;
  readonly provenance: Provenance;
  /** The slices the orders belong to, in order. */
  readonly test: readonly KspaceSlice[];
  /** Curves of the policy's training, pictures. */
  readonly artifacts?: Readonly<Record<string, unknown>>;
}

/** One evaluation as the record a report reads: a row is one volume at one budget; the lines of every slice are kept too. */
export function asmrRecord({ variant, what, budgets, metrics }: Evaluation, { dataset: { generated }, run, provenance, test, artifacts = {} }: RecordFacts): ResultRecord {
  const columns = ["case", "patient", "phase", "group", "budget", "dice", ...acdcStructures.map((name) => `dice_${name.toLowerCase()}`), ...acdcStructures.map((name) => `hd95_${name.toLowerCase()}`), "nmse"];
  const rows = budgets.flatMap(({ budget, scores }) => scores.volumes.map((volume) => {
    const dice = acdcStructures.map((name) => volume.dice[name]);
    const known = dice.filter((value) => value !== null);
    return [
      volume.volume, volume.patient, volume.phase, volume.group, budget, known.length === 0 ? null : known.reduce((sum, x) => sum + x, 0) / known.length,
      ...dice, ...acdcStructures.map((name) => volume.hd95[name]), volume.nmse,
    ];
  }));
  const last = budgets.at(-1)!;
  const lines = Object.fromEntries(budgets.map(({ budget, orders }) => [budget, Object.fromEntries(orders.map((order, i) => [test[i].id, order]))]));
  return {
    schema: "folio.result/1",
    id: `asmr-${variant}-${run.preset}-seed${run.seed}`,
    method: "asmr",
    variant,
    dataset: { name: generated ? `${generated.dataset}-${generated.preset}` : "acdc", generated: generated !== undefined, ...(generated && { description: generated.note }) },
    split: "test",
    preset: run.preset,
    seed: run.seed,
    config: { ...run.config, what },
    cases: { columns, rows },
    metrics,
    artifacts: { ...artifacts, lines, acquisition: { orders: last.orders, nColumns: run.config.data.size } },
    provenance,
  };
}

/**
 * Return, entropy, KL, clip fraction and explained variance by update, for the figures `loss` and `curves`.
 * @param actions columns to choose from; a policy that does not care has entropy ln A
 */
export function trainingArtifacts(history: readonly UpdateRecord[], actions: number): Readonly<Record<string, unknown>> {
  const ended = history.filter(({ meanReturn }) => meanReturn !== null);
  const curve = (name: string, value: (record: UpdateRecord) => number): object => ({ name, x: history.map(({ update }) => update), y: history.map(value) });
  return {
    loss: { x: ended.map(({ update }) => update), y: ended.map(({ meanReturn }) => meanReturn!), xTitle: "update", yTitle: "mean return of an episode" },
    curves: {
      xTitle: "update", yTitle: "value",
      curves: [
        curve("entropy / ln A", ({ entropy }) => entropy / Math.log(actions)),
        curve("10 × KL", ({ kl }) => 10 * kl),
        curve("clip fraction", ({ clipFraction }) => clipFraction),
        curve("explained variance", ({ explainedVariance }) => Math.max(-1, explainedVariance)),
      ],
    },
  };
}

/** One slice from k-space to prediction: pictures with the truth and the answer drawn in, a panel a budget; and its k-space. */
export async function pictureArtifacts(slice: KspaceSlice, orders: ReadonlyMap<number, readonly number[]>, predict: Predict): Promise<Readonly<Record<string, unknown>>> {
  const { size } = slice;
  const matrix = (values: ArrayLike<number>): Matrix => ({ shape: [size, size], values: Array.from(values, (value) => Math.round(value * 1e4) / 1e4) });
  const structures = (label: Uint8Array): object[] => acdcStructures.map((name, i) => ({ name, draw: "contour", mask: matrix(label.map((value) => (value === i + 1 ? 1 : 0))) }));
  const panels: object[] = [{ title: "all lines, truth", image: matrix(slice.image), overlays: structures(slice.label) }];
  for (const [budget, order] of orders) {
    const [{ picture, label }] = await predict([slice], [maskOf(order, size)]);
    panels.push({ title: `${budget} lines, predicted`, image: matrix(picture), overlays: structures(label) });
  }
  const k = magnitude({ height: size, width: size, real: Float64Array.from(slice.kReal), imag: Float64Array.from(slice.kImag) });
  return { panels: { panels }, kspace: { title: slice.id, magnitude: matrix(k), order: [...orders.values()].at(-1) ?? [] } };
}
