import { agreementMap, picture } from "../../../figures/index.js";
import { overlapTable } from "../../../metrics/index.js";
import type { HelperArguments } from "../arguments.js";
import { artifactsOf, isGenerated } from "../figures/request.js";
import type { HelperContext } from "../render.js";
import { seriesOf } from "../series.js";
import type { Widget } from "./widget.js";

/**
 * `{{raters id="fig-raters" series="ours" caption="…"}}`: the record's `artifacts.agreement`. A reader chooses raters; the map of
 * their agreement and the energy distance between them and the model's masks follow.
 */
export function ratersOf(id: string, args: HelperArguments, context: HelperContext): Widget | string {
  const series = seriesOf(args, context);
  if (series.length === 0) throw args.fault('needs series, for example series="ours"');
  const alt = args.optional("alt");
  const options = { id, caption: args.text("caption", "What it shows"), generated: isGenerated(series, context), ...(alt !== undefined && { alt }) };
  const { found, problem } = artifactsOf("agreement", { options, series, args, context });
  if (!found[0]) return problem;
  const { title, image, raters, samples = [] } = found[0].value;
  const all = [...raters, ...samples].map(({ mask }) => mask.values);
  return {
    type: "raters",
    caption: options.caption,
    generated: options.generated,
    twin: agreementMap({ title, image, raters }, options),
    data: {
      title, height: image.shape[0], width: image.shape[1], src: picture(image, "grey"),
      raters: raters.map(({ name, mask }) => ({ name, bits: packedBits(mask.values) })),
      samples: samples.map(({ name, mask }) => ({ name, bits: packedBits(mask.values) })),
      // Raters first, then samples: everything the energy distance needs.
      iou: overlapTable(all, all, "iou").map((row) => row.map((value) => Math.round(value * 1e6) / 1e6)),
    },
  };
}

/** One bit a pixel, the first in the highest place, as base64. */
function packedBits(values: ArrayLike<number>): string {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) if (values[i] > 0) bytes[i >> 3] |= 128 >> (i & 7);
  return Buffer.from(bytes).toString("base64");
}
