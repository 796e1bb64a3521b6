import type { Figure } from "../../figures/index.js";
import type { HelperArguments } from "./arguments.js";
import { comparisonFigures } from "./figures/comparison.js";
import { curveFigures } from "./figures/curves.js";
import { detectionFigures } from "./figures/detection.js";
import { pictureFigures } from "./figures/pictures.js";
import { isGenerated, type FigureBuilder } from "./figures/request.js";
import type { HelperContext } from "./render.js";
import { seriesOf } from "./series.js";

const builders: Readonly<Record<string, FigureBuilder>> = { ...detectionFigures, ...comparisonFigures, ...curveFigures, ...pictureFigures };

/** What `{{figure "…"}}` can draw. */
export const figureKinds = Object.keys(builders);

/** Builds a figure from the records, or says in words what is missing for it. */
export function recordFigure(kind: string, id: string, args: HelperArguments, context: HelperContext): Figure | string {
  const series = seriesOf(args, context);
  if (series.length === 0) throw args.fault('needs series, for example series="attention"');
  const caption = args.text("caption", "What the figure shows");
  const alt = args.optional("alt");
  const options = { id, caption, generated: isGenerated(series, context), ...(alt !== undefined && { alt }) };
  return builders[kind]({ options, series, args, context });
}
