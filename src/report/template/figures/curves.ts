import { learningCurves, seriesStyles } from "../../../figures/index.js";
import { artifactsOf, keyOf, stylesOf, type FigureBuilder } from "./request.js";

/** Drawn from what a run kept of its training. */
export const curveFigures = {
  /** One curve a series, with the range over its seeds. */
  loss(request) {
    const logarithmic = request.args.flag("logarithmic");
    const { found, problem } = artifactsOf("loss", request);
    if (!found[0]) return problem;
    const styles = stylesOf(request.context, request.series);
    const { xTitle, yTitle } = found[0].value;
    const curves = request.series.flatMap((one) => {
      const own = found.filter((item) => item.one === one).map(({ value }) => value);
      return own.length ? [{ name: one.label, style: styles.get(keyOf(one))!, ...overSeeds(own) }] : [];
    });
    return learningCurves(curves, { ...request.options, xTitle, yTitle, logarithmic });
  },

  /** Several curves of one run, such as the parts of a loss. */
  curves(request) {
    const logarithmic = request.args.flag("logarithmic");
    const { found, problem } = artifactsOf("curves", request);
    if (!found[0]) return problem;
    const { xTitle, yTitle, curves } = found[0].value;
    const styles = seriesStyles(curves.map(({ name }) => name));
    return learningCurves(curves.map((curve) => ({ ...curve, style: styles.get(curve.name)! })), { ...request.options, xTitle, yTitle, logarithmic });
  },
} satisfies Record<string, FigureBuilder>;

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
