import { resolve } from "node:path";
import { surfaceFigure, surfaceMesh, type MaskVolume } from "../../../figures/index.js";
import { readNifti } from "../../../io/index.js";
import type { HelperArguments } from "../arguments.js";
import type { HelperContext } from "../render.js";
import type { Widget } from "./widget.js";

/**
 * `{{surface id="fig-lesion" file="mask.nii.gz" caption="…"}}`: the surface of a NIfTI mask, turned by dragging or the arrow
 * keys; a still, shaded picture in print. `label=2` takes one value of a label map.
 */
export async function surfaceOf(id: string, args: HelperArguments, context: HelperContext): Promise<Widget> {
  const name = args.text("file", "mask.nii.gz");
  const label = args.number("label");
  const generated = args.flag("generated");
  const [turn, tip] = [args.number("turn") ?? 35, args.number("tip") ?? 20];
  const alt = args.optional("alt");
  const options = { id, caption: args.text("caption", "What it shows"), generated, ...(alt !== undefined && { alt }) };
  args.close();
  const { shape, spacingMm, data } = await readNifti(resolve(context.folder, name));
  const volume: MaskVolume = {
    shape: [shape[2] ?? 1, shape[1] ?? 1, shape[0] ?? 1],
    spacingMm: [spacingMm[2], spacingMm[1], spacingMm[0]],
    values: label === undefined ? data : Uint8Array.from(data, (value) => (value === label ? 1 : 0)),
  };
  const mesh = surfaceMesh(volume);
  const twin = surfaceFigure(mesh, { title: name.replace(/^.*\//, ""), view: { turn, tip } }, options);
  const reach = mesh.vertices.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  return {
    type: "surface", caption: options.caption, generated, twin,
    // Places to a thousandth of the reach: a tenth of a pixel.
    data: { alt: twin.alt, turn, tip, vertices: Array.from(mesh.vertices, (value) => Math.round((1000 * value) / reach)), triangles: [...mesh.triangles] },
  };
}
