import type { ResultRecord } from "./index.js";

/** A small valid record: two machines × two domains, AUC with an interval, six scored cases each. */
export function exampleRecord(changes: Partial<ResultRecord> & { readonly shift?: number }): ResultRecord {
  const { shift = 0, ...rest } = changes;
  const seed = rest.seed ?? 1;
  const variant = rest.variant ?? "attention";
  const groups = ["fan", "valve"].flatMap((machine) => ["source", "target"].map((domain) => ({ machine, domain })));
  return {
    schema: "folio.result/1",
    id: `astra-${variant}-quick-seed${seed}`,
    method: "astra",
    variant,
    dataset: { name: "dcase-sample", generated: true },
    split: "test",
    preset: "quick",
    seed,
    config: { clusters: 5 },
    cases: {
      columns: ["case", "machine", "domain", "label", "score", "threshold"],
      rows: groups.flatMap(({ machine, domain }) =>
        [0.1, 0.4, 0.35, 0.8, 0.9, 0.3].map((score, i) => [`${machine}-${domain}-${i}`, machine, domain, i < 3 ? 0 : 1, score + shift, 0.5]),
      ),
    },
    metrics: groups.map((group, i) => ({
      id: "auc",
      convention: "ties-half",
      value: 0.6 + 0.05 * i + shift,
      n: 6,
      excluded: [],
      interval: { low: 0.5 + 0.05 * i, high: 0.9, level: 0.95, method: "bootstrap-percentile", resamples: 2000, cluster: "case" },
      group,
    })),
    provenance: {
      inputs: { data: "a".repeat(64) },
      code: "b".repeat(64),
      lockfile: "c".repeat(64),
      engine: "wasm",
      device: "cpu",
      node: "20.19.0",
      startedAt: "2026-01-02T03:04:05Z",
      seconds: 1.5,
    },
    ...rest,
  };
}
