import { join } from "node:path";
import { UsageError } from "../../../core/index.js";
import { loadRatedAll, makeLidc, readRated, type RatedDataset } from "../../../datasets/index.js";
import type { Engine } from "../../../engine/index.js";
import { ClickDialogue, openAespaRun, openTrained, presets, ratedDataHash, trainAespa, type AespaModel, type AespaRun } from "../../../methods/aespa/index.js";
import { disposeWeights } from "../../../nn/index.js";
import type { DemoContext } from "../../demo.js";
import { ownRunFolder } from "../own-run-folder.js";

/** Generated slices of the LIDC layout, which everyone can make: written once, kept in .folio/demo. */
export async function generatedSlices({ cwd, progress, signal }: DemoContext): Promise<RatedDataset> {
  const out = join(cwd, ".folio", "demo", "lidc-quick");
  await makeLidc({ out, preset: "quick", seed: 1, progress, signal });
  return readRated("lidc", out);
}

/**
 * The run that was named, or a small one for who has none: trained once, kept in .folio/demo.
 * @throws UsageError for a run of SPA, which needs many masks a click
 */
export async function trainedModel(engine: Engine, named: string | undefined, context: DemoContext): Promise<{ run: AespaRun; model: AespaModel }> {
  const opened = await openTrained(engine.tf, named ?? (await ownRun(engine, context)));
  if (opened.run.mode === "aespa") return opened;
  disposeWeights(opened.model.weights);
  throw new UsageError(`${named} is a run of SPA; the demo shows AESPA. Train one with: folio train aespa --mode aespa --data DIR --out RUN`);
}

async function ownRun(engine: Engine, context: DemoContext): Promise<string> {
  const { cwd, progress, signal, say } = context;
  const [preset, seed, config] = ["quick", 1, presets.quick] as const;
  const dataset = await generatedSlices(context);
  const data = await ratedDataHash(dataset);
  const folder = ownRunFolder(cwd, "aespa", { config, data });
  await openAespaRun(folder, { schema: "folio.run/1", method: "aespa", mode: "aespa", preset, seed, dataset: "lidc", config, data });
  const cases = await loadRatedAll(dataset.images.filter(({ split }) => split === "train"), config.sam.imageSize, { signal });
  say("No --run was given: using a small model trained on generated slices (the first time takes about a minute; it is kept in .folio/demo).");
  disposeWeights((await trainAespa({ engine, cases, config, seed, folder, progress, signal })).weights);
  return folder;
}

/** The first clicks are the ones that must not wait for a graph to be compiled. */
export async function warmUp(engine: Engine, model: AespaModel, { progress }: DemoContext): Promise<void> {
  const { imageSize: size } = model.config.sam;
  const rounds = model.config.training.rounds + 2;
  const task = progress.begin("get ready", rounds);
  const dialogue = await ClickDialogue.begin(engine.tf, model, { size, image: new Uint8Array(size * size * 3) });
  for (let round = 0; round < rounds; round++) {
    await dialogue.click({ y: 1, x: 1, label: 1 });
    task.update(round + 1);
  }
  dialogue.dispose();
  task.end();
}
