import type { Command } from "commander";
import { registerAsk } from "./ask.js";
import { registerCache } from "./cache.js";
import { registerData } from "./data.js";
import { registerDemo } from "./demo.js";
import { registerDoctor } from "./doctor.js";
import { registerEngine } from "./engine.js";
import { registerEvaluate } from "./evaluate.js";
import { registerInspect } from "./inspect.js";
import { registerReport } from "./report.js";
import { registerKernel } from "./kernel.js";
import { registerLab } from "./lab.js";
import { registerNotebook } from "./notebook.js";
import { registerRun } from "./run-notebook.js";
import { registerScore } from "./score.js";
import type { Shell } from "./shell.js";
import { registerStart } from "./start.js";
import { registerStudy } from "./study.js";
import { registerTrain } from "./train.js";
import { registerWeights } from "./weights.js";
import { registerWhy } from "./why.js";

/** Adds a sub-command. Files load what they need inside the action, so `folio --help` stays quick. */
export type Register = (folio: Command, shell: Shell) => void;

export const commands: readonly Register[] = [
  registerRun,
  registerKernel,
  registerLab,
  registerNotebook,
  registerData,
  registerDoctor,
  registerEngine,
  registerInspect,
  registerWeights,
  registerScore,
  registerTrain,
  registerEvaluate,
  registerAsk,
  registerDemo,
  registerReport,
  registerStart,
  registerStudy,
  registerWhy,
  registerCache,
];
