import type { DemoDefinition } from "../demo.js";
import { aespaDemo } from "./aespa/definition.js";
import { asmrDemo } from "./asmr/definition.js";
import { prsMedDemo } from "./prs-med/definition.js";
import { rasaloreDemo } from "./rasalore/definition.js";

/** Every demo of `folio demo`, in the order that `--help` lists them. A method adds its folder here and one line below. */
export const demos: readonly DemoDefinition[] = [aespaDemo, asmrDemo, rasaloreDemo, prsMedDemo];
