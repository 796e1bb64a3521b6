import type { MetricValue } from "../../core/index.js";
import {
  aucWithInterval,
  dcaseScore,
  decisionMetricsOf,
  confusionAt,
  paucWithInterval,
  resampledAuc,
  resampledPauc,
  sortCases,
} from "../../metrics/index.js";
import { bootstrap, type ResampleStatistic } from "../../stats/index.js";
import type { ScoredClip } from "./detect.js";

export type Labelled = ScoredClip & { readonly label: 0 | 1 };

/** Decisions that are measured at the threshold. */
const decisions = ["accuracy", "f1", "precision", "recall"] as const;

/**
 * Everything that is measured on scored clips; clips without a label are left out.
 *
 * For each machine and domain, on that domain's clips alone: `auc` and `pauc` (McClish, FPR ≤ 0.1) with bootstrap intervals,
 * and the decisions at the threshold. Grouped by domain, and without a group, the mean of `auc` and `pauc` over those cells
 * with an interval that resamples clips within machine, domain and label. `dcase_score` is the challenge's official number
 * from scores made without knowing the domain; `dcase_score_known_domain` the same from the scores that knew it.
 *
 * @param seed of the bootstrap
 */
export function measureDetection(clips: readonly ScoredClip[], { seed = 1, resamples = 2000 } = {}): MetricValue[] {
  const labelled = clips.filter(isLabelled);
  const cells = labelledCells(clips);
  const domains = [...new Set(labelled.map(({ domain }) => domain))];
  return [
    ...cells.flatMap((cell) => measureCell(cell, seed, resamples)),
    ...(domains.length > 1
      ? domains.flatMap((domain) =>
          meanOverCells(
            cells.filter(([{ domain: own }]) => own === domain),
            { domain },
            seed,
            resamples,
          ),
        )
      : []),
    ...meanOverCells(cells, undefined, seed, resamples),
    ...officialScores(labelled),
  ];
}

/** The labelled clips by machine and domain, in order of first appearance. */
export function labelledCells(clips: readonly ScoredClip[]): [Labelled, ...Labelled[]][] {
  return groupBy(clips.filter(isLabelled), ({ machine, domain }) => `${machine}\u0000${domain}`);
}

const isLabelled = (clip: ScoredClip): clip is Labelled => clip.label !== null;

function measureCell(cell: readonly Labelled[], seed: number, resamples: number): MetricValue[] {
  const { machine, domain } = cell[0];
  const [scores, labels] = [cell.map((clip) => clip.score), cell.map((clip) => clip.label)];
  const decided = decisionMetricsOf(
    cell
      .map((clip) => confusionAt([clip.score], [clip.label], clip.threshold))
      .reduce((a, b) => ({
        truePositives: a.truePositives + b.truePositives,
        falsePositives: a.falsePositives + b.falsePositives,
        trueNegatives: a.trueNegatives + b.trueNegatives,
        falseNegatives: a.falseNegatives + b.falseNegatives,
      })),
  );
  const values = [
    aucWithInterval(scores, labels, { seed, resamples }),
    paucWithInterval(scores, labels, { seed, resamples }),
    ...decisions.map((id) => decided[id]),
  ];
  return values.map((value) => ({ ...value, group: { machine, domain } }));
}

/** The plain mean of each area over machines (and domains), undefined where a cell is. */
function meanOverCells(
  cells: readonly (readonly Labelled[])[],
  group: Record<string, string> | undefined,
  seed: number,
  resamples: number,
): MetricValue[] {
  if (cells.length === 0) return [];
  const clips = cells.flat();
  const strata = clips.map(({ machine, domain, label }) => `${machine}\u0000${domain}\u0000${label}`);
  return (["auc", "pauc"] as const).map((id) => {
    const statistic = meanStatistic(cells, id);
    const value = statistic(new Int32Array(clips.length).fill(1));
    const interval = value === null ? null : bootstrap(clips.length, statistic, { seed, resamples, strata });
    return {
      id,
      convention: id === "auc" ? "ties-half, mean of cells" : "mcclish, mean of cells",
      value,
      n: value === null ? 0 : clips.length,
      excluded: value === null ? [{ case: "*", reason: "one-class-only" }] : [],
      ...(interval && { interval }),
      ...(group && { group }),
    };
  });
}

/** The mean of an area over cells as a function of how often each clip was drawn. */
export function meanStatistic(cells: readonly (readonly Labelled[])[], id: "auc" | "pauc"): ResampleStatistic {
  let offset = 0;
  const parts = cells.map((cell) => {
    const sorted = sortCases(
      cell.map((clip) => clip.score),
      cell.map((clip) => clip.label),
    );
    const from = offset;
    offset += cell.length;
    return {
      area: id === "auc" ? resampledAuc(sorted) : resampledPauc(sorted, 0.1),
      order: sorted.order.map((i) => from + i),
    };
  });
  return (counts) => {
    let sum = 0;
    for (const { area, order } of parts) {
      const value = area(Int32Array.from(order, (i) => counts[i]));
      if (value === null) return null;
      sum += value;
    }
    return sum / parts.length;
  };
}

function officialScores(clips: readonly Labelled[]): MetricValue[] {
  if (clips.length === 0) return [];
  const year = clips.every(({ domain }) => domain === "all") ? 2020 : 2023;
  const blind = dcaseScore(
    clips.map((clip) => ({ ...clip, score: clip.scoreDomainUnknown })),
    { year },
  ).official;
  const told = dcaseScore(clips, { year }).official;
  return [blind, { ...told, id: "dcase_score_known_domain" }];
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const list = groups.get(key(item));
    if (list) list.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
