import { caseBoxes, intervalDots, learningCurves, rankDiagram, seriesStyles, tradeOff, zoneMatrix } from "../../../figures/index.js";
import { caseRows, measure, type Measurement } from "../../../results/index.js";
import { betterDirection } from "../../../scoring/index.js";
import { criticalDifference } from "../../../stats/index.js";
import { queryOf } from "../series.js";
import { alignedCases, firstRuns, groupsOf, keyOf, stylesOf, type FigureBuilder } from "./request.js";

/** Drawn from the metrics of several series, or from their cases side by side. */
export const comparisonFigures = {
  dots({ options, series, args, context }) {
    const metric = args.text("metric", "auc");
    const keys = args.list("groups");
    const reference = args.number("reference");
    const { runs } = queryOf(args, context);
    const label = (key: string): string => context.config.labels[key] ?? key;
    const groups = groupsOf(keys, series, context);
    const styles = stylesOf(context, series);
    const dots = series.map((one) => ({
      name: one.label,
      style: styles.get(keyOf(one))!,
      values: groups.map((group) => {
        const found = measure(context.records, { ...runs, method: one.method, variant: one.variant, metric, group });
        return found && found.value !== null ? estimate(found) : null;
      }),
    }));
    for (const one of dots) if (one.values.every((value) => value === null)) context.warn("missing-record", `${options.id}: no record of ${one.name} ${metric}`);
    const shown = dots.filter((one) => one.values.some((value) => value !== null));
    if (shown.length === 0) return `no record of ${series.map((one) => one.label).join(", ")} ${metric}`;
    const names = groups.map((group) => keys.map((key) => label(group[key])).join(", ") || "all");
    return intervalDots(names, shown, { ...options, xTitle: label(metric), ...(reference !== undefined && { reference: { value: reference, label: reference === 0.5 ? "chance" : String(reference) } }) });
  },

  /** `over="budget"`: one curve a series (or, with `by="rater"`, one a value of that key) over a group whose values are numbers. */
  lines({ options, series, args, context }) {
    const metric = args.text("metric", "dice");
    const over = args.text("over", "round");
    const by = args.optional("by");
    const reference = args.number("reference");
    const referenceLabel = args.optional("referenceLabel");
    const { runs, group: fixed } = queryOf(args, context);
    const label = (key: string): string => context.config.labels[key] ?? key;
    const steps = groupsOf([over], series, context).map((group) => group[over]).filter((value) => Number.isFinite(Number(value))).sort((a, b) => Number(a) - Number(b));
    const parts = by === undefined ? [undefined] : groupsOf([by], series, context).map((group) => group[by]);
    const styles = stylesOf(context, series);
    const partStyles = seriesStyles(series.flatMap((one) => parts.map((_, p) => `${keyOf(one)}/${p}`)));
    const curves = series.flatMap((one) =>
      parts.flatMap((part, p) => {
        const points = steps.flatMap((step) => {
          const group = { ...fixed, ...(by !== undefined && { [by]: part! }), [over]: step };
          const found = measure(context.records, { ...runs, method: one.method, variant: one.variant, metric, group });
          return found && found.value !== null ? [{ x: Number(step), ...estimate(found) }] : [];
        });
        const name = part === undefined ? one.label : series.length === 1 ? (Number.isFinite(Number(part)) ? `${label(by!)} ${part}` : label(part)) : `${one.label}, ${label(part)}`;
        if (points.length === 0) context.warn("missing-record", `${options.id}: no record of ${name} ${metric} over ${over}`);
        const style = parts.length === 1 ? styles.get(keyOf(one))! : partStyles.get(`${keyOf(one)}/${p}`)!;
        const banded = points.some(({ low }) => low !== undefined);
        return points.length === 0 ? [] : [{ name, style, x: points.map(({ x }) => x), y: points.map(({ value }) => value), ...(banded && { low: points.map(({ low, value }) => low ?? value), high: points.map(({ high, value }) => high ?? value) }) }];
      }),
    );
    if (curves.length === 0) return `no record of ${series.map((one) => one.label).join(", ")} ${metric} over ${over}`;
    return learningCurves(curves, { ...options, xTitle: label(over), yTitle: label(metric), marked: true, ...(reference !== undefined && { reference: { value: reference, label: referenceLabel ?? String(reference) } }) });
  },

  tradeoff({ options, series, args, context }) {
    const [x, y] = [args.text("x", "ssim"), args.text("y", "dice")];
    const joined = args.flag("joined");
    const { runs, group } = queryOf(args, context);
    const label = (key: string): string => context.config.labels[key] ?? key;
    const styles = stylesOf(context, series);
    const points = series.flatMap((one) => {
      const [across, up] = [x, y].map((metric) => measure(context.records, { ...runs, method: one.method, variant: one.variant, metric, group }));
      if (!across || !up || across.value === null || up.value === null) {
        context.warn("missing-record", `${options.id}: no record of ${one.label} with ${x} and ${y}`);
        return [];
      }
      return [{ name: one.label, style: styles.get(keyOf(one))!, x: estimate(across), y: estimate(up) }];
    });
    return points.length ? tradeOff(points, { ...options, xTitle: label(x), yTitle: label(y), joined }) : `no record of ${series.map((one) => one.label).join(", ")} with ${x} and ${y}`;
  },

  boxes(request) {
    const { args, context, options } = request;
    const column = args.text("column", "dice");
    const shape = args.oneOf("shape", ["box", "violin"], "box");
    const { found, problem } = firstRuns(request);
    const { cases, values } = alignedCases(found, column);
    if (cases.length === 0) return found.length ? `no case has a column ${column} in the records of ${found.map(({ name }) => name).join(", ")}` : problem;
    return caseBoxes(found.map(({ name, style }, s) => ({ name, style, values: values[s] })), { ...options, cases, shape, yTitle: context.config.labels[column] ?? column });
  },

  ranks(request) {
    const column = request.args.text("column", "dice");
    const { found, problem } = firstRuns(request);
    const { cases, values } = alignedCases(found, column);
    const table = cases.map((_, i) => values.map((own) => own[i])).filter((row): row is number[] => !row.includes(null));
    if (found.length < 2 || table.length < 2) return found.length < 2 ? problem : `fewer than two cases have ${column} in every record`;
    return rankDiagram(criticalDifference(found.map(({ name }) => name), table, { better: betterDirection(column) }), request.options);
  },

  /** Zones of the cases: `truth="zone_truth" answer="zone_answer"` name the columns. */
  zones(request) {
    const [truth, answer] = [request.args.optional("truth") ?? "zone_truth", request.args.optional("answer") ?? "zone_answer"];
    const { found, problem } = firstRuns(request);
    if (!found[0]) return problem;
    const rows = caseRows(found[0].record, found[0].group);
    if (!rows.some((row) => row[truth] !== undefined && row[truth] !== null)) return `no case with a column ${truth} in the records of ${found[0].name}`;
    const text = (value: unknown): string | null => (value === null || value === undefined || value === "" ? null : String(value));
    return zoneMatrix({ truth: rows.map((row) => text(row[truth])), answer: rows.map((row) => text(row[answer])) }, request.options);
  },
} satisfies Record<string, FigureBuilder>;

/** The value with its interval over cases, or one deviation over seeds either way. */
function estimate({ value, interval, deviation }: Measurement): { value: number; low?: number; high?: number } {
  const limits = interval ?? (deviation === undefined ? undefined : { low: value! - deviation, high: value! + deviation });
  return { value: value!, ...(limits && { low: limits.low, high: limits.high }) };
}
