import type { MetricValue } from "../core/index.js";

export const recordSchema = "folio.result/1";

/**
 * One evaluated run: what was measured, on what, how, and from which bytes. The only thing a report reads.
 * Plain JSON, `results/<study>/<id>.json`.
 */
export interface ResultRecord {
  readonly schema: typeof recordSchema;
  /** File name without `.json`, unique in its study: `astra-attention-small-seed1`. */
  readonly id: string;
  readonly method: string;
  /** Which form of the method: `attention`, `mean-pooling`, `ae-mse` … */
  readonly variant: string;
  readonly dataset: DatasetFacts;
  readonly split: string;
  readonly preset: string;
  readonly seed: number;
  /** Which part of a cross-validation was held out; absent where there is none. */
  readonly fold?: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly cases: CaseTable;
  readonly metrics: readonly MetricValue[];
  /** Named series for figures; the shapes of `loss`, `spectrograms` and `attention` are in artifacts.ts. */
  readonly artifacts?: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

export interface DatasetFacts {
  readonly name: string;
  /** True when Folio's own generator made the data; every number made from it is marked so wherever it is printed. */
  readonly generated: boolean;
  readonly description?: string;
}

/** Per-case values by column; `columns[i]` names `rows[*][i]`. */
export interface CaseTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface Provenance {
  /** Content hashes (SHA-256) of what went in, by name: the data folder, the checkpoint … */
  readonly inputs: Readonly<Record<string, string>>;
  /** Where those inputs lay, by the same names, relative to the project's root; what can be found again can be verified. */
  readonly paths?: Readonly<Record<string, string>>;
  /** SHA-256 of Folio's built code. */
  readonly code: string;
  readonly lockfile: string;
  readonly engine: string;
  readonly device: string;
  readonly node: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
}
