import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { foundationFiles, foundationOptions, type FoundationPaths } from "./foundation-options.js";
import { foldOf, foldOptions, trainOptions, type FoldOptions, type TrainOptions } from "./method-options.js";
import { wholeNumber } from "./option-values.js";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface TrainRasaloreCommand extends TrainOptions, FoldOptions, FoundationPaths {
  readonly form: "faithful" | "corrected";
  readonly lore?: "aliased" | "clean" | "zero" | "learnable";
  readonly attention: "region-aware" | "none";
  readonly segmenterTerm: "used" | "left-out";
  readonly selectOn?: "pseudo-masks" | "ground-truth" | "last-epoch";
  readonly ddpt?: string;
  readonly ddptEpoch: number;
  readonly optimizer?: "sgd-halved" | "adam-cosine";
}

/** `folio train rasalore` and `folio train rasalore-stand-ins` */
export function addTrainRasalore(train: Command, shell: Shell): void {
  const rasalore = foldOptions(trainOptions(train.command("rasalore"), "extracted slices"))
    .description("Tumour masks from slice labels: prompts on a frozen CLIP, masks guided by their boxes, then RASALoRE's network (slices of `folio data make brats --from`).")
    .addOption(new Option("--form <name>", "as published with its slips, or with them put right").choices(["faithful", "corrected"]).default("corrected"))
    .option("--ddpt <folder>", "a stage 1 that the published code trained (holds prompt_learner/model.pth.tar-60 …), instead of training one")
    .option("--ddpt-epoch <number>", "with --ddpt: which of its checkpoints", wholeNumber, 60)
    .addOption(new Option("--lore <kind>", "location embeddings (default: the form's)").choices(["aliased", "clean", "zero", "learnable"]))
    .addOption(new Option("--attention <kind>", "none leaves region-aware attention out").choices(["region-aware", "none"]).default("region-aware"))
    .addOption(new Option("--segmenter-term <kind>", "left-out learns from the map alone").choices(["used", "left-out"]).default("used"))
    .addOption(new Option("--select-on <what>", "what chooses the checkpoint (default: the preset's); ground-truth is no weak supervision").choices(["pseudo-masks", "ground-truth", "last-epoch"]))
    .addOption(new Option("--optimizer <name>", "of stage 2 (default: the preset's)").choices(["sgd-halved", "adam-cosine"]))
    .addHelpText("after", "\nExample:\n  folio train rasalore --data data/brats-quick --preset quick --out runs/rasalore-quick");
  foundationOptions(rasalore).action((options: TrainRasaloreCommand) => trainRasaloreCommand(options, shell));
  train
    .command("rasalore-stand-ins")
    .description("Train the small stand-ins of CLIP and MedSAM anew, on generated textures; Folio brings a file of them.")
    .requiredOption("--out <file>", "a .safetensors")
    .option("--seed <number>", "fixes every random draw", wholeNumber, 1)
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .addHelpText("after", "\nExample:\n  folio train rasalore-stand-ins --out data/stand-ins/rasalore.safetensors")
    .action((options: { out: string; seed: number; engine: string }) => trainStandIns(options, shell));
}

async function trainRasaloreCommand(options: TrainRasaloreCommand, shell: Shell): Promise<void> {
  const { data, out, preset, form, seed, engine: prefer, json } = options;
  const { readBrainSlices } = await import("../datasets/index.js");
  const { forms, presets, trainRasaloreRun } = await import("../methods/rasalore/index.js");
  const fold = foldOf(options);
  const usual = presets[preset];
  const config = {
    ...usual,
    form: { ...forms[form], ...(options.lore && { lore: options.lore }) },
    attention: options.attention,
    segmenterTerm: options.segmenterTerm,
    training: { ...usual.training, ...(options.selectOn && { selectOn: options.selectOn }), ...(options.optimizer && { optimizer: options.optimizer, ...(options.optimizer === "sgd-halved" && { learningRate: 1e-2 }) }) },
  };
  const dataset = await readBrainSlices(resolve(shell.cwd, data));
  const stage1 = options.ddpt === undefined ? undefined : { folder: resolve(shell.cwd, options.ddpt), epoch: options.ddptEpoch };
  await withEngine(prefer, shell, async (engine) => {
    const started = performance.now();
    const report = await trainRasaloreRun({ engine, dataset, folder: resolve(shell.cwd, out), preset, seed, fold, config, files: foundationFiles(options, shell), stage1, progress: shell.progress, signal: shell.signal });
    const { device } = engine.describe();
    if (json) return sayJson(shell, { run: out, preset, form, seed, engine: engine.name, device, ...report, seconds: (performance.now() - started) / 1000 });
    const { stage1TrainedOn, trainedOn, parameters, firstLoss, lastLoss } = report;
    say(shell, `Stage 1 ${stage1 ? `is that of ${options.ddpt}` : `learned from ${stage1TrainedOn} slices`}; stage 2 learned from ${trainedOn} unhealthy ones, ${parameters.toLocaleString("en")} parameters on ${engine.name} (${device}), loss ${firstLoss.toFixed(3)} → ${lastLoss.toFixed(3)}`);
    say(shell, `Next: folio evaluate rasalore --run ${out} --data ${data}`);
  });
}

async function trainStandIns({ out, seed, engine: prefer }: { out: string; seed: number; engine: string }, shell: Shell): Promise<void> {
  const { pretrainStandIns } = await import("../methods/rasalore/index.js");
  await withEngine(prefer, shell, async (engine) => {
    const { captionAccuracy, segmenterDice } = await pretrainStandIns(resolve(shell.cwd, out), { engine, seed, progress: shell.progress, signal: shell.signal });
    say(shell, `On textures not seen: caption right in ${(100 * captionAccuracy).toFixed(1)} % (chance 20 %), Dice of boxed blobs ${segmenterDice.toFixed(3)}; ${out}`);
  });
}
