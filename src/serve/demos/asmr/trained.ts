import { basename, join } from "node:path";
import { makeAcdc, readAcdc, type AcdcDataset } from "../../../datasets/index.js";
import type { Engine } from "../../../engine/index.js";
import { acdcDataHash, loadSamples, openAsmrRun, openTrained, presets, trainPolicy, trainSegmenter, type ActorCritic, type AsmrRun, type Segmenter } from "../../../methods/asmr/index.js";
import { disposeWeights } from "../../../nn/index.js";
import type { DemoContext } from "../../demo.js";
import { ownRunFolder } from "../own-run-folder.js";

/** One trained run that can be chosen on the page. */
export interface LoadedRun {
  readonly name: string;
  readonly run: AsmrRun;
  readonly segmenter: Segmenter;
  readonly policy: ActorCritic;
}

/** Generated hearts of the ACDC layout, which everyone can make: written once, kept in .folio/demo. */
export async function generatedHearts({ cwd, progress, signal }: DemoContext): Promise<AcdcDataset> {
  const out = join(cwd, ".folio", "demo", "acdc-quick");
  await makeAcdc({ out, preset: "quick", seed: 1, progress, signal });
  return readAcdc(out);
}

/** The runs that were named, or a small one for who has none: trained once, kept in .folio/demo. */
export async function loadRuns(engine: Engine, folders: readonly string[], context: DemoContext): Promise<LoadedRun[]> {
  const runs: LoadedRun[] = [];
  for (const folder of folders.length > 0 ? folders : [await ownRun(engine, context)]) {
    const { run, segmenter, second, policy } = await openTrained(engine, folder);
    if (second !== undefined) disposeWeights(second.weights);
    runs.push({ name: basename(folder), run, segmenter, policy });
  }
  return runs;
}

async function ownRun(engine: Engine, context: DemoContext): Promise<string> {
  const { cwd, progress, signal, say } = context;
  const [preset, seed, config] = ["quick", 1, presets.quick] as const;
  const dataset = await generatedHearts(context);
  const data = await acdcDataHash(dataset);
  const folder = ownRunFolder(cwd, "asmr", { config, data });
  await openAsmrRun(folder, { schema: "folio.run/1", method: "asmr", preset, seed, config, data });
  const { train, val } = await loadSamples(engine.tf, dataset, config, { signal });
  say("No --run was given: using a small policy trained on generated hearts (the first time takes about a minute; it is kept in .folio/demo).");
  const common = { engine, config, train, val, seed, folder, progress, signal };
  const segmenter = await trainSegmenter(common);
  const policy = await trainPolicy({ ...common, segmenter });
  for (const { weights } of [segmenter, policy]) disposeWeights(weights);
  return folder;
}
