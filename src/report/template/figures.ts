import {
  attentionMap, calibrationFigure, caseBoxes, colour, confusionMatrix, imagePanels, intervalDots, precisionRecallFigure, rankDiagram, learningCurves, rocFigure, scoreHistogram, seriesStyles, spectrogramPair,
  type Figure, type FigureOptions, type SeriesStyle,
} from "../../figures/index.js";
import { auc, averagePrecision, confusionAt, ece, precisionRecallCurve, reliability, rocCurve } from "../../metrics/index.js";
import { betterDirection } from "../../scoring/index.js";
import { criticalDifference } from "../../stats/index.js";
import { artifact, caseRows, groupValues, measure, scoredCases, selectRecords, type ResultRecord } from "../../results/index.js";
import type { SeriesName } from "../config.js";
import type { HelperArguments } from "./arguments.js";
import type { HelperContext } from "./render.js";
import { queryOf, seriesOf } from "./series.js";

export const figureKinds = ["roc", "scores", "dots", "loss", "spectrograms", "attention", "confusion", "pr", "calibration", "boxes", "ranks", "panels"] as const;
type Kind = (typeof figureKinds)[number];

interface Request {
  readonly options: FigureOptions;
  readonly series: readonly SeriesName[];
  readonly args: HelperArguments;
  readonly context: HelperContext;
}

/** Builds a figure from the records, or says in words what is missing for it. */
export function recordFigure(kind: Kind, id: string, args: HelperArguments, context: HelperContext): Figure | string {
  const series = seriesOf(args, context);
  if (series.length === 0) throw args.fault('needs series, for example series="attention"');
  const caption = args.text("caption", "What the figure shows");
  const alt = args.optional("alt");
  const options = { id, caption, generated: isGenerated(series, context), ...(alt !== undefined && { alt }) };
  return builders[kind]({ options, series, args, context });
}

const builders: Record<Kind, (request: Request) => Figure | string> = {
  roc({ options, series, args, context }) {
    const maxFpr = args.number("maxFpr") ?? 0.1;
    const runs = firstRuns(series, args, context);
    const curves = runs.found.flatMap(({ name, style, record, group }) => {
      const { scores, labels, threshold } = scoredCases(record, group);
      const curve = rocCurve(scores, labels, { points: "corners" });
      if (curve === null) return [];
      const area = auc(scores, labels).value ?? undefined;
      const point = threshold === undefined ? undefined : operatingPoint(scores, labels, threshold);
      return [{ name, style, ...curve, ...(area !== undefined && { auc: area }), ...(point && { operatingPoint: point }) }];
    });
    return curves.length ? rocFigure(curves, { ...options, maxFpr }) : runs.problem;
  },

  scores({ options, series, args, context }) {
    const { found, problem } = firstRuns(series, args, context);
    if (!found[0]) return problem;
    const { scores, labels, threshold } = scoredCases(found[0].record, found[0].group);
    if (scores.length === 0) return `no scored case of ${found[0].name} ${Object.values(found[0].group).join(" ")}`;
    const of = (label: number): number[] => scores.filter((_, i) => labels[i] === label);
    return scoreHistogram({ normal: of(0), anomalous: of(1), ...(threshold !== undefined && { threshold }) }, options);
  },

  confusion({ options, series, args, context }) {
    const { found, problem } = firstRuns(series, args, context);
    if (!found[0]) return problem;
    const { scores, labels, threshold } = scoredCases(found[0].record, found[0].group);
    if (threshold === undefined) return `no single threshold in the cases of ${found[0].name} ${Object.values(found[0].group).join(" ")}`;
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusionAt(scores, labels, threshold);
    return confusionMatrix({ labels: ["normal", "anomalous"], counts: [[trueNegatives, falsePositives], [falseNegatives, truePositives]] }, options);
  },

  dots({ options, series, args, context }) {
    const metric = args.text("metric", "auc");
    const keys = args.list("groups");
    const reference = args.number("reference");
    const { runs } = queryOf(args, context);
    const label = (key: string): string => context.config.labels[key] ?? key;
    const groups = keys.reduce<readonly Readonly<Record<string, string>>[]>(
      (all, key) => all.flatMap((group) => groupValues(context.records, key).map((value) => ({ ...group, [key]: value }))),
      [{}],
    );
    const styles = stylesOf(context);
    const dots = series.map((one) => ({
      name: one.label,
      style: styles.get(keyOf(one))!,
      values: groups.map((group) => {
        const found = measure(context.records, { ...runs, method: one.method, variant: one.variant, metric, group });
        if (!found || found.value === null) return null;
        const { value, deviation, interval } = found;
        const limits = interval ?? (deviation === undefined ? undefined : { low: value - deviation, high: value + deviation });
        return { value, ...(limits && { low: limits.low, high: limits.high }) };
      }),
    }));
    for (const one of dots) if (one.values.every((value) => value === null)) context.warn("missing-record", `${options.id}: no record of ${one.name} ${metric}`);
    const shown = dots.filter((one) => one.values.some((value) => value !== null));
    if (shown.length === 0) return `no record of ${series.map((one) => one.label).join(", ")} ${metric}`;
    const names = groups.map((group) => keys.map((key) => label(group[key])).join(", ") || "all");
    return intervalDots(names, shown, {
      ...options,
      xTitle: label(metric),
      ...(reference !== undefined && { reference: { value: reference, label: reference === 0.5 ? "chance" : String(reference) } }),
    });
  },

  loss({ options, series, args, context }) {
    const { runs } = queryOf(args, context);
    const styles = stylesOf(context);
    const curves = series.flatMap((one) => {
      const found = recordsOf(one, context, runs).flatMap((record) => artifact(record, "loss") ?? []);
      return found.length ? [{ one, found }] : [];
    });
    if (curves.length === 0) return `no training curve in the records of ${series.map((one) => one.label).join(", ")}`;
    const { xTitle, yTitle } = curves[0].found[0];
    return learningCurves(curves.map(({ one, found }) => ({ name: one.label, style: styles.get(keyOf(one))!, ...overSeeds(found) })), { ...options, xTitle, yTitle });
  },

  spectrograms({ options, series, args, context }) {
    const { runs } = queryOf(args, context);
    const [pair] = recordsOf(series[0], context, runs).flatMap((record) => artifact(record, "spectrograms") ?? []);
    if (!pair) return `no spectrograms in the records of ${series[0].label}`;
    return spectrogramPair({ ...pair.normal, title: `${pair.title}, normal` }, { ...pair.anomalous, title: `${pair.title}, anomalous` }, options);
  },

  pr({ options, series, args, context }) {
    const { found, problem } = firstRuns(series, args, context);
    const curves = found.flatMap(({ name, style, record, group }) => {
      const { scores, labels } = scoredCases(record, group);
      const curve = precisionRecallCurve(scores, labels);
      const area = averagePrecision(scores, labels).value;
      return curve === null ? [] : [{ name, style, ...curve, ...(area !== null && { averagePrecision: area }), prevalence: labels.filter(Boolean).length / labels.length }];
    });
    return curves.length ? precisionRecallFigure(curves, curves[0].prevalence, options) : problem;
  },

  calibration({ options, series, args, context }) {
    const bins = args.number("bins") ?? 10;
    const { found, problem } = firstRuns(series, args, context);
    const curves = found.flatMap(({ name, style, record, group }) => {
      const { scores, labels } = scoredCases(record, group);
      if (scores.some((score) => score < 0 || score > 1)) throw args.fault(`needs probabilities between 0 and 1 as scores, which ${name} does not have`);
      const error = ece(scores, labels, { bins }).value;
      return scores.length ? [{ name, style, bins: reliability(scores, labels, { bins }), ...(error !== null && { error }) }] : [];
    });
    return curves.length ? calibrationFigure(curves, options) : problem;
  },

  boxes({ options, series, args, context }) {
    const column = args.text("column", "dice");
    const { found, problem } = firstRuns(series, args, context);
    const { cases, values } = alignedCases(found, column);
    if (cases.length === 0) return found.length ? `no case has a column ${column} in the records of ${found.map(({ name }) => name).join(", ")}` : problem;
    return caseBoxes(found.map(({ name, style }, s) => ({ name, style, values: values[s] })), { ...options, cases, yTitle: context.config.labels[column] ?? column });
  },

  ranks({ options, series, args, context }) {
    const column = args.text("column", "dice");
    const { found, problem } = firstRuns(series, args, context);
    const { cases, values } = alignedCases(found, column);
    const table = cases.map((_, i) => values.map((own) => own[i])).filter((row): row is number[] => !row.includes(null));
    if (found.length < 2 || table.length < 2) return found.length < 2 ? problem : `fewer than two cases have ${column} in every record`;
    return rankDiagram(criticalDifference(found.map(({ name }) => name), table, { better: betterDirection(column) }), options);
  },

  panels({ options, series, args, context }) {
    const columns = args.number("columns");
    const { runs } = queryOf(args, context);
    const [found] = recordsOf(series[0], context, runs).flatMap((record) => artifact(record, "panels") ?? []);
    if (!found) return `no panels in the records of ${series[0].label}`;
    const names = [...new Set(found.panels.flatMap(({ overlays = [] }) => overlays.map(({ name }) => name)))];
    const inks = [colour.series2, colour.series6, colour.series3, colour.series4, colour.series5];
    const panels = found.panels.map(({ overlays = [], ...panel }) => ({
      ...panel,
      overlays: overlays.map((overlay) => ({ ...overlay, colour: inks[names.indexOf(overlay.name) % inks.length] })),
    }));
    return imagePanels(panels, { ...options, ...(columns !== undefined && { columns }), ...(found.scaleBar && { scaleBar: found.scaleBar }) });
  },

  attention({ options, series, args, context }) {
    const { runs } = queryOf(args, context);
    const [found] = recordsOf(series[0], context, runs).flatMap((record) => artifact(record, "attention") ?? []);
    return found ? attentionMap(found, options) : `no attention map in the records of ${series[0].label}`;
  },
};

/** Every series of report.json first, then whatever else was recorded, so that a look never depends on the figure. */
export function stylesOf({ config, records }: HelperContext): ReadonlyMap<string, SeriesStyle> {
  return seriesStyles([...config.series.map(keyOf), ...records.map(keyOf).sort()]);
}

const keyOf = ({ method, variant }: { method: string; variant: string }): string => `${method}/${variant}`;

function recordsOf(one: SeriesName, { records }: HelperContext, runs: object = {}): ResultRecord[] {
  return selectRecords(records, { ...runs, method: one.method, variant: one.variant }).sort((a, b) => a.seed - b.seed);
}

function isGenerated(series: readonly SeriesName[], context: HelperContext): boolean {
  return series.some((one) => recordsOf(one, context).some((record) => record.dataset.generated));
}

/** The first seed's run of each series, and the group that was asked for. */
function firstRuns(series: readonly SeriesName[], args: HelperArguments, context: HelperContext) {
  const { group, runs } = queryOf(args, context);
  const styles = stylesOf(context);
  const found = series.flatMap((one) => {
    const [record] = recordsOf(one, context, runs);
    if (!record) context.warn("missing-record", `no record of ${one.label} for a figure`);
    return record ? [{ name: one.label, style: styles.get(keyOf(one))!, record, group }] : [];
  });
  return { found, problem: `no record of ${series.map((one) => one.label).join(", ")}` };
}

/** One numeric column of several runs' cases, matched by case name; null where a run has none. */
function alignedCases(found: readonly { readonly record: ResultRecord; readonly group: Readonly<Record<string, string>> }[], column: string) {
  const byName = found.map(({ record, group }) => new Map(caseRows(record, group).map((row) => [String(row.case), row[column]])));
  const cases = [...new Set(byName.flatMap((rows) => [...rows].filter(([, value]) => typeof value === "number").map(([name]) => name)))];
  return { cases, values: byName.map((rows) => cases.map((name) => (typeof rows.get(name) === "number" ? (rows.get(name) as number) : null))) };
}

export function operatingPoint(scores: readonly number[], labels: readonly number[], threshold: number) {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusionAt(scores, labels, threshold);
  return { falsePositiveRate: fp / (fp + tn), truePositiveRate: tp / (tp + fn) };
}

/** Mean curve with the range over seeds, where all seeds have the same steps; otherwise the first seed's. */
function overSeeds(curves: readonly { readonly x: readonly number[]; readonly y: readonly number[] }[]) {
  const [{ x, y }] = curves;
  const aligned = curves.length > 1 && curves.every((curve) => curve.x.length === x.length && curve.x.every((at, i) => at === x[i]));
  if (!aligned) return { x, y };
  const column = (i: number): number[] => curves.map((curve) => curve.y[i]);
  return {
    x,
    y: x.map((_, i) => column(i).reduce((sum, value) => sum + value, 0) / curves.length),
    low: x.map((_, i) => Math.min(...column(i))),
    high: x.map((_, i) => Math.max(...column(i))),
  };
}
