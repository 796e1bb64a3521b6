import type { PrsCheck, PrsTaskReport } from "../datasets/index.js";
import { say, sayJson, type Shell } from "./shell.js";

interface PrsMakeOptions {
  readonly out: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly json?: boolean;
}

/** `folio data make prs-med` */
export async function makePrsMedData(shell: Shell, { json, ...options }: PrsMakeOptions): Promise<void> {
  const { makePrsMed } = await import("../datasets/index.js");
  const { files, generatorVersion } = await makePrsMed({ ...options, progress: shell.progress, signal: shell.signal });
  const rows = Object.keys(files).filter((path) => path.includes("_masks/")).length;
  const { out, preset, seed } = options;
  if (json) sayJson(shell, { out, preset, seed, rows, generatorVersion });
  else say(shell, `${rows} generated questions with picture and mask in ${out} (preset ${preset}, seed ${seed})`);
}

/** `folio data check prs-med` */
export async function checkPrsMedData(shell: Shell, folder: string, json = false): Promise<void> {
  const { checkPrsMed, readPrsMed } = await import("../datasets/index.js");
  const check = await checkPrsMed(await readPrsMed(folder), shell);
  if (json) sayJson(shell, check);
  else sayPrsMed(shell, check);
}

function sayPrsMed(shell: Shell, { root, tasks, generated, problems }: PrsCheck): void {
  const all = tasks.reduce((sum, { rows }) => sum + rows.train + rows.val + rows.test, 0);
  say(shell, `${root}: ${all} questions in ${tasks.length} tasks`);
  if (generated) say(shell, `Generated data, not patients (preset ${generated.preset}, seed ${generated.seed})`);
  for (const task of tasks) sayTask(shell, task);
  if (problems.length === 0) return say(shell, "\nNothing is missing or odd.");
  say(shell, `\n${problems.length} ${problems.length === 1 ? "thing is" : "things are"} odd:`);
  for (const { code, path, message } of problems.slice(0, 40)) say(shell, `  ${code.padEnd(16)} ${path}: ${message}`);
  if (problems.length > 40) say(shell, `  … and ${problems.length - 40} more; --json lists all`);
}

function sayTask(shell: Shell, { task, rows, zones, majority, answersDiffer }: PrsTaskReport): void {
  say(shell, `\n${task}: train ${rows.train}, val ${rows.val}, test ${rows.test}`);
  say(shell, `  zones ${Object.entries(zones).filter(([, count]) => count > 0).map(([zone, count]) => `${zone} ${count}`).join(", ")}`);
  if (majority !== null) say(shell, `  always the commonest zone scores ${(100 * majority).toFixed(1)} % on test`);
  if (answersDiffer > 0) say(shell, `  ${answersDiffer} answers do not name the position's zone`);
}
