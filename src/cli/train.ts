import type { Register } from "./commands.js";
import { addTrainAsmr } from "./train-asmr.js";
import { addTrainAespa } from "./train-aespa.js";
import { addTrainRasalore } from "./train-rasalore.js";
import { addTrainAstra } from "./train-astra.js";
import { addTrainPrsMed } from "./train-prs-med.js";

/** `folio train METHOD`: one sub-command a method. */
export const registerTrain: Register = (folio, shell) => {
  const train = folio
    .command("train")
    .description("Train a method; Ctrl-C leaves a checkpoint and the same command goes on from it.");
  addTrainAstra(train, shell);
  addTrainAespa(train, shell);
  addTrainAsmr(train, shell);
  addTrainPrsMed(train, shell);
  addTrainRasalore(train, shell);
};
