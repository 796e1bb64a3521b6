import { seededRandom, type MetricValue, type Random } from "../core/index.js";
import { aucWithInterval, dcaseScore, decisionMetrics, paucWithInterval, thresholdAtFpr } from "../metrics/index.js";
import type { ResultRecord } from "../results/index.js";

const machines = ["fan", "slider", "valve"] as const;
const domains = ["source", "target"] as const;

/** How far anomalies lie above normal cases, in standard deviations of the scores: [source, target]. */
const strengths: Readonly<Record<string, readonly [number, number]>> = {
  attention: [1.2, 0.6],
  "mean-pooling": [1.1, 0.5],
  "mean-pooling-trained": [1, 0.5],
  untrained: [0.05, -0.1],
  "ae-mse": [1.3, 0.8],
  "ae-mahalanobis": [2.2, 1.4],
  "logmel-stats": [2, 1.9],
  "clusters-1": [0.9, 0.5],
  "clusters-safe": [0.9, 0.6],
  "covariance-oas": [1.2, 0.6],
  "covariance-empirical": [1.1, 0.5],
  "covariance-diag": [1, 0.6],
  "pca-off": [1.8, 0.7],
  "pca-residual": [1.4, 0.7],
  "cosine-only": [1.2, 0.8],
  "mahalanobis-only": [0.8, 0.2],
  "normalisation-half": [1.2, 0.7],
};

/** Records as ASTRA's study writes them, with scores drawn at random: for tests of the report, never for reading. */
export function studyFixture({ seeds = [1], perClass = 20 }: { seeds?: readonly number[]; perClass?: number } = {}): ResultRecord[] {
  return Object.keys(strengths).flatMap((variant) => seeds.map((seed) => record(variant, seed, perClass)));
}

function record(variant: string, seed: number, perClass: number): ResultRecord {
  const random = seededRandom(seed).stream(`fixture-${variant}`);
  const rows: (string | number)[][] = [];
  const metrics: MetricValue[] = [];
  for (const machine of machines) {
    domains.forEach((domain, d) => {
      const labels = Array.from({ length: 2 * perClass }, (_, i) => (i < perClass ? 0 : 1));
      const scores = labels.map((label) => random.normal() + label * strengths[variant][d]);
      const threshold = thresholdAtFpr(scores.filter((_, i) => labels[i] === 0), { fpr: 0.1 });
      const group = { machine, domain };
      labels.forEach((label, i) => rows.push([`${machine}_${domain}_${label ? "anomaly" : "normal"}_${String(i).padStart(4, "0")}`, machine, domain, label, scores[i], threshold]));
      const decided = decisionMetrics(scores, labels, threshold);
      metrics.push(
        ...[
          aucWithInterval(scores, labels, { seed, resamples: 500 }),
          paucWithInterval(scores, labels, { seed, resamples: 500 }),
          decided.accuracy, decided.f1, decided.precision, decided.recall,
        ].map((metric) => ({ ...metric, group })),
      );
    });
  }
  const clips = rows.map(([, machine, domain, label, score]) => ({ machine: String(machine), section: "00", domain: String(domain), label: Number(label), score: Number(score) }));
  metrics.push(dcaseScore(clips).official, meanOfCells(metrics, "auc"), meanOfCells(metrics, "pauc"));
  return {
    schema: "folio.result/1",
    id: `astra-${variant}-quick-seed${seed}`,
    method: "astra",
    variant,
    dataset: { name: "dcase-generated", generated: true, description: "Synthetic machine sounds in the DCASE layout" },
    split: "test",
    preset: "quick",
    seed,
    config: { clusters: 5, covariance: "ledoit-wolf", pcaVariance: 0.98 },
    cases: { columns: ["case", "machine", "domain", "label", "score", "threshold"], rows },
    metrics,
    ...(variant === "attention" && { artifacts: artifacts(random) }),
    provenance: {
      inputs: { data: "5f".repeat(32), checkpoint: "a1".repeat(32) },
      code: "c0".repeat(32),
      lockfile: "1f".repeat(32),
      engine: "wasm",
      device: "cpu, 2 cores",
      node: "20.19.0",
      startedAt: "2026-01-02T03:04:05Z",
      seconds: 12.5 + seed,
    },
  };
}

function meanOfCells(metrics: readonly MetricValue[], id: string): MetricValue {
  const cells = metrics.filter((metric) => metric.id === id);
  const value = cells.reduce((sum, metric) => sum + (metric.value ?? 0), 0) / cells.length;
  const interval = { low: value - 0.05, high: value + 0.05, level: 0.95, method: "bootstrap-percentile", resamples: 500, cluster: "case" };
  return { id, convention: `${cells[0].convention}, mean of cells`, value, n: cells.reduce((sum, metric) => sum + metric.n, 0), excluded: [], interval };
}

function artifacts(random: Random): Record<string, unknown> {
  const steps = Array.from({ length: 60 }, (_, i) => i + 1);
  const clip = (name: string, squeak: boolean): object => {
    const [bands, frames] = [64, 63];
    const values = Array.from({ length: bands * frames }, (_, i) => {
      const [band, frame] = [Math.floor(i / frames), i % frames];
      const hum = -18 - 0.5 * band + (band % 9 === 4 ? 14 : 0) + 2 * Math.sin(frame / 5);
      const ring = squeak && Math.abs(band - 52 - 3 * Math.sin(frame / 4)) < 2 ? 26 : 0;
      return Math.max(-80, Math.round(10 * (hum + ring + 2.5 * random.normal())) / 10);
    });
    return { case: name, shape: [bands, frames], values, secondsPerFrame: 0.032, bandHz: Array.from({ length: bands }, (_, b) => Math.round(60 * 1.08 ** b)) };
  };
  const weights = Array.from({ length: 9 }, () => Math.exp(random.normal()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    loss: { x: steps, y: steps.map((step) => 2.1 + 1.2 * Math.exp(-step / 14) + 0.03 * random.normal()), xTitle: "Epoch", yTitle: "NT-Xent loss" },
    spectrograms: { title: "slider, source", normal: clip("slider_source_normal_0001", false), anomalous: clip("slider_source_anomaly_0021", true) },
    attention: {
      case: "slider_source_anomaly_0021", title: "slider, source, anomalous", patch: 32, stride: 16,
      image: { shape: [64, 64], values: Array.from({ length: 64 * 64 }, (_, i) => Math.round(128 + 60 * Math.sin(i / 64 / 5) + 20 * random.normal())) },
      weights: { shape: [3, 3], values: weights.map((weight) => weight / total) },
    },
  };
}
