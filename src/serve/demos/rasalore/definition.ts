import type { DemoDefinition } from "../../demo.js";

/** `folio demo rasalore` */
export const rasaloreDemo: DemoDefinition = {
  name: "rasalore",
  summary: "Watch a slice label become a tumour mask: where CLIP looks, the box, the points, the mask.",
  options: [
    { flags: "--run <folder>", description: "what `folio train rasalore` wrote (default: a small one, trained now and kept)" },
    { flags: "--data <folder>", description: "whose test slices are shown, as `folio data make brats --from` writes them (default: generated ones)" },
    { flags: "--engine <name>", description: "which engine, or auto for the fastest that is there", default: "auto" },
  ],
  example: "folio demo rasalore --run runs/rasalore-small --data data/brats-small",
  open: async (context) => (await import("./open.js")).openRasaloreDemo(context),
};
