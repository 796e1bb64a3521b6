import { join, resolve } from "node:path";
import { loadPrsRows, makePrsMed, readPrsMed, rowsOfSplit, type PrsDataset } from "../../../datasets/index.js";
import type { Engine } from "../../../engine/index.js";
import { makeBase, openPrsMedRun, openTrained, presets, prsMedDataHash, trainPrsMed, type PrsMedModel } from "../../../methods/prs-med/index.js";
import { disposeWeights } from "../../../nn/index.js";
import type { DemoContext } from "../../demo.js";
import { ownRunFolder } from "../own-run-folder.js";

/** The run that was named, or a small one for who has none: trained once, kept in .folio/demo. */
export async function loadModel(engine: Engine, context: DemoContext): Promise<PrsMedModel> {
  const { options, cwd } = context;
  const folder = typeof options.run === "string" ? resolve(cwd, options.run) : await ownRun(engine, context);
  return (await openTrained(engine.tf, folder)).model;
}

/** The data that was named, or generated pictures: written once, kept in .folio/demo. */
export async function loadData({ options, cwd, progress, signal }: Pick<DemoContext, "options" | "cwd" | "progress" | "signal">): Promise<PrsDataset> {
  if (typeof options.data === "string") return readPrsMed(resolve(cwd, options.data));
  const out = join(cwd, ".folio", "demo", "prs-med-small");
  await makePrsMed({ out, preset: "small", seed: 1, progress, signal });
  return readPrsMed(out);
}

async function ownRun(engine: Engine, context: DemoContext): Promise<string> {
  const { cwd, progress, signal, say } = context;
  const [preset, seed, config] = ["small", 1, presets.small] as const;
  say("No --run was given: using a small model trained on generated pictures (the first time takes about two minutes; it is kept in .folio/demo).");
  const dataset = await loadData({ ...context, options: {} });
  const data = await prsMedDataHash(dataset);
  const folder = ownRunFolder(cwd, "prs-med", { config, data });
  await openPrsMedRun(folder, { schema: "folio.run/1", method: "prs-med", preset, variant: "full", seed, config, data });
  const cases = await loadPrsRows(rowsOfSplit(dataset.rows, "train"), config.imageSize, { progress, signal });
  const base = await makeBase({ runner: engine, config, seed, folder, progress, signal });
  disposeWeights((await trainPrsMed({ runner: engine, cases, config, base, seed, folder, progress, signal })).weights);
  return folder;
}
