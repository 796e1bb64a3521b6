import { distinctStyles, seriesStyles, type Figure, type FigureOptions, type SeriesStyle } from "../../../figures/index.js";
import { artifact, caseRows, groupValues, selectRecords, type KnownArtifacts, type ResultRecord } from "../../../results/index.js";
import type { SeriesName } from "../../config.js";
import type { HelperArguments } from "../arguments.js";
import type { HelperContext } from "../render.js";
import { queryOf } from "../series.js";

/** What `{{figure …}}` asks for; every kind of figure reads its own arguments from it. */
export interface FigureRequest {
  readonly options: FigureOptions;
  readonly series: readonly SeriesName[];
  readonly args: HelperArguments;
  readonly context: HelperContext;
}

/** A figure, or in words what is missing for it. */
export type FigureBuilder = (request: FigureRequest) => Figure | string;

/**
 * Every series of report.json first, then whatever else was recorded, so that a method looks alike in all figures; only where
 * two of one figure would look the same does one of them change.
 */
export function stylesOf({ config, records }: HelperContext, series: readonly SeriesName[]): ReadonlyMap<string, SeriesStyle> {
  return distinctStyles(series.map(keyOf), seriesStyles([...config.series.map(keyOf), ...records.map(keyOf).sort()]));
}

export const keyOf = ({ method, variant }: { method: string; variant: string }): string => `${method}/${variant}`;

/** The runs of one series, the first seed first. */
export function recordsOf(one: SeriesName, { records }: HelperContext, runs: object = {}): ResultRecord[] {
  return selectRecords(records, { ...runs, method: one.method, variant: one.variant }).sort((a, b) => a.seed - b.seed);
}

export function isGenerated(series: readonly SeriesName[], context: HelperContext): boolean {
  return series.some((one) => recordsOf(one, context).some((record) => record.dataset.generated));
}

/** All combinations of the values that these group keys have in the records of the series. */
export function groupsOf(keys: readonly string[], series: readonly SeriesName[], context: HelperContext): Readonly<Record<string, string>>[] {
  const records = series.flatMap((one) => recordsOf(one, context));
  return keys.reduce<Readonly<Record<string, string>>[]>((all, key) => all.flatMap((group) => groupValues(records, key).map((value) => ({ ...group, [key]: value }))), [{}]);
}

/** The first seed's run of each series, and the group that was asked for. */
export function firstRuns({ series, args, context }: FigureRequest) {
  const { group, runs } = queryOf(args, context);
  const styles = stylesOf(context, series);
  const found = series.flatMap((one) => {
    const [record] = recordsOf(one, context, runs);
    if (!record) context.warn("missing-record", `no record of ${one.label} for a figure`);
    return record ? [{ name: one.label, style: styles.get(keyOf(one))!, record, group }] : [];
  });
  return { found, problem: `no record of ${series.map((one) => one.label).join(", ")}` };
}

/** One artifact of each run of the series that has it; `artifact="gallery"` names one that does not go by its kind. */
export function artifactsOf<Kind extends keyof KnownArtifacts>(kind: Kind, { series, args, context }: FigureRequest, name: string | undefined = args.optional("artifact")): { found: { readonly one: SeriesName; readonly record: ResultRecord; readonly value: KnownArtifacts[Kind] }[]; problem: string } {
  const { runs } = queryOf(args, context);
  const found = series.flatMap((one) =>
    recordsOf(one, context, runs).flatMap((record) => {
      const value = artifact(record, kind, name);
      return value === undefined ? [] : [{ one, record, value }];
    }),
  );
  return { found, problem: `no ${name ?? kind} in the records of ${series.map((one) => one.label).join(", ")}` };
}

/** One numeric column of several runs' cases, matched by case name; null where a run has none. */
export function alignedCases(found: readonly { readonly record: ResultRecord; readonly group: Readonly<Record<string, string>> }[], column: string) {
  const byName = found.map(({ record, group }) => new Map(caseRows(record, group).map((row) => [String(row.case), row[column]])));
  const cases = [...new Set(byName.flatMap((rows) => [...rows].filter(([, value]) => typeof value === "number").map(([name]) => name)))];
  return { cases, values: byName.map((rows) => cases.map((name) => (typeof rows.get(name) === "number" ? (rows.get(name) as number) : null))) };
}
