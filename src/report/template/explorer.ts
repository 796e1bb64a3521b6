import { rocFigure, scoreHistogram, type Figure } from "../../figures/index.js";
import { auc, rocCurve } from "../../metrics/index.js";
import { groupValues, scoredCases, selectRecords } from "../../results/index.js";
import type { HelperArguments } from "./arguments.js";
import { operatingPoint } from "./figures/detection.js";
import { stylesOf } from "./figures/request.js";
import type { HelperContext } from "./render.js";
import { seriesOf } from "./series.js";

/** ROC curve, scores, decisions and measures of one run, moved together by its threshold. */
export interface Explorer {
  readonly caption: string;
  readonly generated: boolean;
  readonly parts: readonly ExplorerPart[];
}

/** One series in one group. */
export interface ExplorerPart {
  readonly series: string;
  readonly group: string;
  readonly record: string;
  readonly threshold: number;
  readonly cases: readonly string[];
  readonly scores: readonly number[];
  readonly labels: readonly number[];
  readonly roc: Figure;
  readonly histogram: Figure;
}

/** `{{explorer id="fig-explorer" series="attention, ae-mse" groups="machine, domain" caption="…"}}` */
export function explorerOf(id: string, args: HelperArguments, context: HelperContext): Explorer | string {
  const series = seriesOf(args, context);
  const keys = args.list("groups");
  const caption = args.text("caption", "Scores and decisions");
  const seed = args.number("seed");
  args.close();
  const styles = stylesOf(context, series);
  const label = (key: string): string => context.config.labels[key] ?? key;
  const parts = series.flatMap((one): ExplorerPart[] => {
    const runs = selectRecords(context.records, { method: one.method, variant: one.variant, ...(seed !== undefined && { seed }) });
    const [record] = runs.sort((a, b) => a.seed - b.seed);
    if (!record) {
      context.warn("missing-record", `${id}: no record of ${one.label}`);
      return [];
    }
    const groups = keys.reduce<readonly Readonly<Record<string, string>>[]>(
      (all, key) => all.flatMap((group) => groupValues([record], key).map((value) => ({ ...group, [key]: value }))),
      [{}],
    );
    return groups.flatMap((group) => {
      const found = scoredCases(record, group);
      const { scores, labels, threshold } = found;
      const curve = rocCurve(scores, labels, { points: "corners" });
      if (curve === null || threshold === undefined) return [];
      const area = auc(scores, labels).value ?? undefined;
      const options = { id: `${id}-${record.id}-${Object.values(group).join("-")}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), generated: record.dataset.generated };
      const of = (wanted: number): number[] => scores.filter((_, i) => labels[i] === wanted);
      const style = styles.get(`${one.method}/${one.variant}`)!;
      const point = operatingPoint(scores, labels, threshold);
      return [{
        series: one.label, group: keys.map((key) => label(group[key])).join(", ") || "all cases", record: record.id, threshold, cases: found.cases, scores, labels,
        roc: rocFigure([{ name: one.label, style, ...curve, ...(area !== undefined && { auc: area }), operatingPoint: point }], { ...options, id: `${options.id}-roc` }),
        histogram: scoreHistogram({ normal: of(0), anomalous: of(1), threshold }, { ...options, id: `${options.id}-scores`, height: 336 }),
      }];
    });
  });
  if (parts.length === 0) return `no scored cases of ${series.map((one) => one.label).join(", ")}`;
  return { caption, generated: parts.some(({ roc }) => roc.generated), parts };
}
