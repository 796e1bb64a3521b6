import type { Register } from "./commands.js";
import { addAskPrsMed } from "./ask-prs-med.js";

/** `folio ask METHOD` */
export const registerAsk: Register = (folio, shell) => {
  const ask = folio.command("ask").description("Put a question to a trained model about one picture.");
  addAskPrsMed(ask, shell);
};
