import type { Register } from "./commands.js";
import { addEvaluateAsmr } from "./evaluate-asmr.js";
import { addEvaluateAespa } from "./evaluate-aespa.js";
import { addEvaluateRasalore } from "./evaluate-rasalore.js";
import { addEvaluateAstra } from "./evaluate-astra.js";
import { addEvaluatePrsMed } from "./evaluate-prs-med.js";

/** `folio evaluate METHOD`: one sub-command a method. */
export const registerEvaluate: Register = (folio, shell) => {
  const evaluate = folio
    .command("evaluate")
    .description("Measure a trained run on its test data, beside its ablations and peers.");
  addEvaluateAstra(evaluate, shell);
  addEvaluateAespa(evaluate, shell);
  addEvaluateAsmr(evaluate, shell);
  addEvaluatePrsMed(evaluate, shell);
  addEvaluateRasalore(evaluate, shell);
};
