import type { DemoDefinition } from "../../demo.js";

/** `folio demo prs-med` */
export const prsMedDemo: DemoDefinition = {
  name: "prs-med",
  summary: "Ask where a lesion is; get a sentence, a mask, and see which word looked where.",
  options: [
    { flags: "--run <folder>", description: "what `folio train prs-med` wrote (default: a small one, trained now and kept)" },
    { flags: "--data <folder>", description: "whose test pictures are shown, in the PRS-Med layout (default: generated ones)" },
    { flags: "--engine <name>", description: "which engine, or auto for the fastest that is there", default: "auto" },
  ],
  example: "folio demo prs-med --run runs/prs-med-small --data data/prs-med-small",
  open: async (context) => (await import("./open.js")).openPrsMedDemo(context),
};
