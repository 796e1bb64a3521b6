import type { Interval } from "../core/index.js";
import { measure, missingSiblings, type ResultRecord, type StudyOutcome } from "../results/index.js";

/** One metric of one method and variant, over all its runs of a study. */
export interface ResultRow {
  readonly method: string;
  readonly variant: string;
  readonly dataset: string;
  readonly preset: string;
  readonly metric: string;
  readonly group: Readonly<Record<string, string>>;
  /** Mean over seeds; null where it is defined on none. */
  readonly value: number | null;
  /** How much it changes when training is repeated: standard deviation over seeds, or over folds where there is one seed. */
  readonly deviation?: number;
  readonly over?: "seeds" | "folds";
  /** How much it would change with other test cases: the interval of a run, or of a typical one (bounds averaged over runs). */
  readonly caseInterval?: Interval;
  readonly runs: number;
  /** Runs of the same kind that are not done; the mean is without them. */
  readonly missing: readonly string[];
  readonly cases: number;
  readonly generated: boolean;
}

/**
 * The table of a study: a row for every method, variant, dataset, preset, metric and group.
 * @param groups `overall`: of every metric its values over all data, or those of its largest groups where it has no others; `all`: every value
 */
export function aggregate(records: readonly ResultRecord[], outcome: StudyOutcome | undefined, { metrics, groups = "overall" }: { metrics?: readonly string[]; groups?: "overall" | "all" } = {}): ResultRow[] {
  const kinds = distinct(records.map(({ method, variant, dataset, split, preset }) => ({ method, variant, dataset: dataset.name, split, preset })));
  return kinds.flatMap((kind) => {
    const own = records.filter((record) => record.method === kind.method && record.variant === kind.variant && record.dataset.name === kind.dataset && record.split === kind.split && record.preset === kind.preset);
    const asked = distinct(own.flatMap((record) => record.metrics.map(({ id, convention, group = {} }) => ({ metric: id, convention, group }))));
    const keys = ({ group }: { readonly group: object }): number => Object.keys(group).length;
    const fewest = (metric: string): number => Math.min(...asked.filter((one) => one.metric === metric).map(keys));
    return asked
      .filter((one) => (metrics === undefined || metrics.includes(one.metric)) && (groups === "all" || keys(one) === fewest(one.metric)))
      .map((query): ResultRow => {
        const found = measure(own, { ...kind, ...query })!;
        const caseInterval = found.interval ?? found.caseInterval;
        const missing = outcome === undefined ? [] : missingSiblings(outcome, found.seeds.map(({ record }) => record)).map(({ id }) => id);
        return {
          method: kind.method, variant: kind.variant, dataset: kind.dataset, preset: kind.preset, metric: query.metric, group: query.group,
          value: found.value,
          ...(found.deviation !== undefined && { deviation: found.deviation, over: found.over }),
          ...(caseInterval !== undefined && { caseInterval }),
          runs: found.seeds.length, missing, cases: found.n, generated: found.generated,
        };
      });
  });
}

function distinct<T extends object>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
