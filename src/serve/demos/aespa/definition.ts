import type { DemoDefinition } from "../../demo.js";

/** `folio demo aespa` */
export const aespaDemo: DemoDefinition = {
  name: "aespa",
  summary: "Click on a picture; the mask follows the expert you click like.",
  options: [
    { flags: "--run <folder>", description: "what `folio train aespa` wrote (default: a small model, trained now and kept)" },
    { flags: "--data <folder>", description: "whose test images are shown, in the layout the run was trained on (default: generated ones)" },
    { flags: "--image <file...>", description: "own images, PNG or JPEG, shown first" },
    { flags: "--mask <file...>", description: "outlines of the first --image by its raters, one file each" },
    { flags: "--engine <name>", description: "which engine, or auto for the fastest that is there", default: "auto" },
  ],
  example: "folio demo aespa --run runs/aespa-small --image slice.png --mask rater_0.png rater_1.png",
  open: async (context) => (await import("./open.js")).openAespaDemo(context),
};
