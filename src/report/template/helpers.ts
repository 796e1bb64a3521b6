import { measure } from "../../results/index.js";
import { decimalsFor } from "../table/format.js";
import { metricTable } from "../table/metric-table.js";
import { explorerOf } from "./explorer.js";
import { figureKinds, recordFigure } from "./figures.js";
import type { HelperArguments } from "./arguments.js";
import type { Item } from "./items.js";
import type { HelperContext } from "./render.js";
import { codeOf, notebookOf } from "./notebook.js";
import { queryOf, seriesOf } from "./series.js";
import { ratersOf } from "./widgets/raters.js";
import { casesOf, stackOf } from "./widgets/stack.js";
import { surfaceOf } from "./widgets/surface.js";
import { volumeOf } from "./widgets/volume.js";
import type { Widget } from "./widgets/widget.js";

export type Helper = (args: HelperArguments, positional: readonly string[], context: HelperContext) => Item | Promise<Item>;

/**
 * The helpers of a report's template.
 *
 * `{{table id="tab-auc" caption="…" metrics="auc" series="attention, ae-mse" groups="machine, domain" mean=true paper=true}}`
 * `{{figure "roc" id="fig-roc" series="attention" machine="fan" domain="source" caption="…"}}`
 * `{{explorer id="fig-explorer" series="attention, ae-mse" groups="machine, domain" caption="…"}}`
 * `{{cases id="fig-cases" series="ours, theirs" columns="dice, hd95" caption="…"}}` · `{{stack …}}` · `{{raters …}}`
 * `{{volume id="fig-scan" file="scan.nii.gz" masks="truth=truth.nii.gz" caption="…"}}` · `{{surface file="mask.nii.gz" …}}`
 * `{{value metric="auc" series="attention" machine="fan" domain="source"}}`
 * `{{given "0.38" source="challenge rules, section 4"}}`
 * `{{cite "astra, dcase2025"}}` · `{{ref "tab-auc"}}` · `{{eq "E = mc^2" id="eq-energy"}}` · `{{math "x_i"}}`
 * `{{code notebook="../../notebooks/01-astra.ipynb" cell="mel-library"}}` · `{{notebook file="out/notebooks/01-astra.ipynb"}}`
 * `{{provenance}}` · `{{bibliography}}`
 */
export const helpers: Readonly<Record<string, Helper>> = {
  table(args, _positional, context) {
    const id = args.text("id", "tab-auc");
    context.claim(id);
    const series = seriesOf(args, context);
    const preset = args.optional("preset");
    const dataset = args.optional("dataset");
    const query = {
      id,
      caption: args.text("caption", "AUC by machine and domain"),
      metrics: args.list("metrics"),
      series,
      groups: args.list("groups"),
      rows: args.oneOf("rows", ["groups", "series"], "groups"),
      mean: args.flag("mean"),
      published: args.flag("paper"),
      ...(preset !== undefined && { preset }),
      ...(dataset !== undefined && { dataset }),
    } as const;
    args.close();
    if (query.metrics.length === 0) throw args.fault('needs metrics, for example metrics="auc, pauc"');
    const present = context.records.filter((record) => series.some((one) => one.method === record.method && one.variant === record.variant));
    const nothing = `no record of ${series.map((one) => one.label).join(", ")}`;
    if (present.length === 0) return missing(context, id, nothing);
    const table = metricTable(query, present, context.config, (what) => context.warn("missing-record", `${id}: no record of ${what}`), context.outcome);
    if (table.rows.length === 0) return missing(context, id, nothing);
    return { kind: "table", id, table };
  },

  figure(args, [kind], context) {
    const id = args.text("id", "fig-roc");
    if (kind === undefined || !figureKinds.includes(kind)) throw args.fault(`does not know the figure "${kind ?? ""}"; it knows ${figureKinds.join(", ")}`);
    context.claim(id);
    const found = recordFigure(kind, id, args, context);
    return typeof found === "string" ? missing(context, id, found) : { kind: "figure", id, figure: found };
  },

  explorer(args, _positional, context) {
    const id = args.text("id", "fig-explorer");
    context.claim(id);
    const found = explorerOf(id, args, context);
    return typeof found === "string" ? missing(context, id, found) : { kind: "explorer", id, explorer: found };
  },

  stack: widget("fig-slices", stackOf),
  cases: widget("fig-cases", casesOf),
  raters: widget("fig-raters", ratersOf),
  volume: widget("fig-scan", volumeOf),
  surface: widget("fig-surface", surfaceOf),

  value(args, _positional, context) {
    const metric = args.text("metric", "auc");
    const [series] = seriesOf(args, context);
    if (!series) throw args.fault('needs series, for example series="attention"');
    const { group, runs } = queryOf(args, context);
    const what = `${series.label} ${metric} ${Object.values(group).join(" ")}`.trim();
    const found = measure(context.records, { ...runs, method: series.method, variant: series.variant, metric, group });
    if (!found) {
      context.warn("missing-record", `no record of ${what}`);
      return { kind: "missing", what, block: false };
    }
    const uncertainty = found.deviation ?? (found.interval ? (found.interval.high - found.interval.low) / 2 : 0);
    return {
      kind: "value",
      what,
      cell: {
        kind: "number", value: found.value, decimals: decimalsFor([uncertainty]), n: found.n, seeds: found.seeds.length, excluded: found.excluded,
        ...(found.deviation !== undefined && { deviation: found.deviation, over: found.over }), ...(found.interval !== undefined && { interval: found.interval }),
        generated: found.generated, records: found.seeds.map((seed) => seed.record), marks: [],
      },
    };
  },

  given(args, [text]) {
    if (!text) throw args.fault('needs a number, for example {{given "0.38" source="challenge rules, section 4"}}');
    const source = args.text("source", "challenge rules, section 4");
    args.close();
    return { kind: "given", text, source };
  },

  cite(args, positional, { line }) {
    const keys = positional.flatMap((text) => text.split(",")).map((key) => key.trim()).filter(Boolean);
    if (keys.length === 0) throw args.fault('needs a key of refs.bib, for example {{cite "dcase2025"}}');
    args.close();
    return { kind: "cite", keys, line };
  },

  ref(args, [target], { line }) {
    if (!target) throw args.fault('needs an id, for example {{ref "tab-auc"}}');
    args.close();
    return { kind: "ref", target, line };
  },

  eq(args, [tex], { claim }) {
    if (!tex) throw args.fault('needs TeX, for example {{eq "E = mc^2" id="eq-energy"}}');
    const id = args.text("id", "eq-energy");
    const spoken = args.optional("spoken");
    args.close();
    claim(id);
    return { kind: "equation", id, tex: tex.trim(), ...(spoken !== undefined && { spoken }) };
  },

  math(args, [tex]) {
    if (!tex) throw args.fault('needs TeX, for example {{math "x_i"}}');
    args.close();
    return { kind: "math", tex };
  },

  code: (args, _positional, context) => codeOf(args, context),
  notebook: (args, _positional, context) => notebookOf(args, context),

  provenance(args) {
    args.close();
    return { kind: "provenance" };
  },

  bibliography(args) {
    args.close();
    return { kind: "bibliography" };
  },
};

/** Whatever a reader operates: numbered as a figure, drawn as a picture in print. */
function widget(example: string, build: (id: string, args: HelperArguments, context: HelperContext) => Widget | string | Promise<Widget>): Helper {
  return (args, _positional, context) => {
    const id = args.text("id", example);
    context.claim(id);
    const item = (found: Widget | string): Item => (typeof found === "string" ? missing(context, id, found) : { kind: "widget", id, widget: found });
    const found = build(id, args, context);
    return found instanceof Promise ? found.then(item) : item(found);
  };
}

function missing(context: HelperContext, id: string, what: string): Item {
  context.warn("missing-record", `${id}: ${what}`);
  return { kind: "missing", what, block: true, id };
}
