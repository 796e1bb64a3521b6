import type { DemoDefinition } from "../../demo.js";

/** `folio demo asmr` */
export const asmrDemo: DemoDefinition = {
  name: "asmr",
  summary: "Watch a policy acquire k-space line by line, or choose the lines yourself.",
  options: [
    { flags: "--run <folder...>", description: "what `folio train asmr` wrote; several can be switched between (default: a small one, trained now and kept)" },
    { flags: "--data <folder>", description: "whose test slices are shown, in the ACDC layout (default: generated hearts)" },
    { flags: "--engine <name>", description: "which engine, or auto for the fastest that is there", default: "auto" },
  ],
  example: "folio demo asmr --run runs/asmr-small runs/asmr-reconstruction --data data/acdc-small",
  open: async (context) => (await import("./open.js")).openAsmrDemo(context),
};
