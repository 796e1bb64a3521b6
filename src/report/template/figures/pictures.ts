import { acquisitionMap, agreementMap, architectureDiagram, attentionMap, colour, imagePanels, kspaceFigure, spectrogramPair, type PanelOverlay } from "../../../figures/index.js";
import type { PanelOverlayArtifact } from "../../../results/index.js";
import { artifactsOf, type FigureBuilder } from "./request.js";

/** Drawn from what a run kept beside its numbers: images, k-spaces, the model itself. */
export const pictureFigures = {
  spectrograms(request) {
    const { found, problem } = artifactsOf("spectrograms", request);
    if (!found[0]) return problem;
    const { normal, anomalous, title } = found[0].value;
    return spectrogramPair({ ...normal, title: `${title}, normal` }, { ...anomalous, title: `${title}, anomalous` }, request.options);
  },

  attention(request) {
    const { found, problem } = artifactsOf("attention", request);
    return found[0] ? attentionMap(found[0].value, request.options) : problem;
  },

  panels(request) {
    const columns = request.args.number("columns");
    const { found, problem } = artifactsOf("panels", request);
    if (!found[0]) return problem;
    const { panels, scaleBar } = found[0].value;
    const names = [...new Set(panels.flatMap(({ overlays = [] }) => overlays.filter(({ draw }) => draw !== "heat").map(({ name }) => name)))];
    const inked = panels.map(({ overlays = [], ...panel }) => ({ ...panel, overlays: overlays.map((overlay) => inOwnColour(overlay, names)) }));
    return imagePanels(inked, { ...request.options, ...(columns !== undefined && { columns }), ...(scaleBar && { scaleBar }) });
  },

  agreement(request) {
    const { found, problem } = artifactsOf("agreement", request);
    return found[0] ? agreementMap(found[0].value, request.options) : problem;
  },

  acquisition(request) {
    const { found, problem } = artifactsOf("acquisition", request);
    return found[0] ? acquisitionMap(found[0].value, request.options) : problem;
  },

  kspace(request) {
    const { found, problem } = artifactsOf("kspace", request);
    return found[0] ? kspaceFigure(found[0].value, request.options) : problem;
  },

  architecture(request) {
    const { found, problem } = artifactsOf("architecture", request);
    // The drawing shows the model, not data: nothing in it is generated.
    return found[0] ? architectureDiagram(found[0].value, { ...request.options, generated: false }) : problem;
  },
} satisfies Record<string, FigureBuilder>;

const inks = [colour.series2, colour.series6, colour.series3, colour.series4, colour.series5];

/** An overlay of one name has one colour in all panels. */
function inOwnColour(overlay: PanelOverlayArtifact, names: readonly string[]): PanelOverlay {
  return overlay.draw === "heat" ? overlay : { ...overlay, colour: inks[names.indexOf(overlay.name) % inks.length] };
}
