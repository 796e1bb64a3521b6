import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { UsageError } from "../core/index.js";
import { foldOf, foldOptions, trainOptions, type FoldOptions, type TrainOptions } from "./method-options.js";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";
import type { VariantName } from "../methods/prs-med/index.js";

interface TrainPrsMedCommand extends TrainOptions, FoldOptions {
  readonly variant: VariantName;
  readonly form: "faithful" | "corrected";
  readonly base?: string;
  readonly llava?: string;
  readonly encoder?: string;
  readonly size?: "64";
}

// Written out, because the list of variants lies behind TensorFlow.js; a test holds it to src/methods/prs-med/variants.ts.
export const variantChoices = [
  "full", "no-text", "oracle", "whole-prompt", "leak-answer", "no-fusion", "no-lora", "encoder-frozen", "no-encoder-pretraining", "no-prompt-warmup", "language-scratch", "sam-encoder", "deconv-head", "biases-1",
] as const;

/** `folio train prs-med` */
export function addTrainPrsMed(train: Command, shell: Shell): void {
  foldOptions(trainOptions(train.command("prs-med"), "the data, as `folio data make prs-med` lays it out"))
    .description("Ask where a lesion is, get a mask and a sentence: a language model whose hidden states guide a mask head (PRS-Med layout).")
    .addOption(new Option("--variant <name>", "the method, or a run that leaves one part out").choices(variantChoices).default("full"))
    .addOption(new Option("--form <name>", "as published with its slips, or with them put right").choices(["faithful", "corrected"]).default("corrected"))
    .option("--base <folder>", "where the stand-ins for the pre-trained models are kept, to share them between runs of one seed (default: in the run)")
    .option("--llava <folder>", "a LLaVA-Med checkpoint as it is downloaded (config.json, tokenizer.model, safetensors with index) instead of the stand-ins for tower and language model")
    .option("--encoder <file>", "with --preset paper: TinySAM's tinysam_42.3.pth, or with --variant sam-encoder sam-med2d_b.pth, instead of the stand-in for the image encoder")
    .addOption(new Option("--size <pixels>", "with --preset small: pictures of 64 pixels instead of 32").choices(["64"]))
    .addHelpText("after", "\nExample:\n  folio train prs-med --data data/prs-med-quick --preset quick --out runs/prs-med-quick")
    .action((options: TrainPrsMedCommand) => trainPrsMedCommand(options, shell));
}

async function trainPrsMedCommand({ data, out, preset, variant, form, base: shared, llava: given, encoder: encoderPath, size, seed, engine: prefer, json, ...parts }: TrainPrsMedCommand, shell: Shell): Promise<void> {
  const { openPrsSource, readPrsMed, rowsOfSplit } = await import("../datasets/index.js");
  const { forms, makeBase, onLlava, openEncoderFile, openLlava, openPrsMedRun, presets, prsMedDataHash, requireMemory, rowsOf, small64, trainPrsMed, variants } = await import("../methods/prs-med/index.js");
  const { disposeWeights, parameterCount } = await import("../nn/index.js");
  const { progress, signal } = shell;
  const folder = resolve(shell.cwd, out);
  const fold = foldOf(parts);
  const llava = given === undefined ? undefined : await openLlava(resolve(shell.cwd, given));
  const usual = { ...(size === "64" ? small64 : presets[preset]), form: forms[form] };
  const config = variants[variant].change(llava ? onLlava(usual, llava) : usual);
  if (encoderPath !== undefined && config.parts.encoderPretraining === "none") throw new UsageError(`--variant ${variant} is the run whose image encoder starts untrained: leave out --encoder, or take another variant.`);
  const encoder = encoderPath === undefined ? undefined : await openEncoderFile(resolve(shell.cwd, encoderPath), config.encoder);
  if (preset === "paper" && encoder === undefined && config.parts.encoderPretraining !== "none") shell.stderr.write("The image encoder starts untrained; the published method starts from TinySAM's: --encoder tinysam_42.3.pth\n");
  const pretrained = { ...(llava && { llava: llava.key }), ...(encoder && { encoder: encoder.key }) };
  await withEngine(prefer, shell, async (engine) => {
    const { device } = engine.describe();
    requireMemory(config, engine.name);
    const dataset = await readPrsMed(resolve(shell.cwd, data));
    await openPrsMedRun(folder, { schema: "folio.run/1", method: "prs-med", preset, variant, seed, ...(fold && { fold }), config, data: await prsMedDataHash(dataset), ...((llava ?? encoder) && { pretrained }) });
    const cases = await openPrsSource(rowsOfSplit(rowsOf(dataset, fold), "train"), config.imageSize, { progress, signal });
    const started = performance.now();
    const base = await makeBase({ runner: engine, config, seed, llava, encoder, folder: shared === undefined ? folder : resolve(shell.cwd, shared), progress, signal });
    const model = await trainPrsMed({ runner: engine, cases, config, base, seed, folder, progress, signal });
    const seconds = (performance.now() - started) / 1000;
    const [first, last] = [model.losses.at(0) ?? null, model.losses.at(-1) ?? null];
    const { vlm, ...trained } = model.weights;
    const report = { run: folder, preset, variant, form, seed, engine: engine.name, device, parameters: { frozen: parameterCount(vlm), trained: parameterCount(trained) }, rows: cases.rows.length, steps: model.losses.length, first, last, seconds };
    disposeWeights(model.weights);
    if (json) return sayJson(shell, report);
    say(shell, `${variant}: ${report.parameters.frozen.toLocaleString("en")} frozen and ${report.parameters.trained.toLocaleString("en")} trained parameters, ${cases.rows.length} rows, ${report.steps} steps on ${engine.name} (${device})`);
    say(shell, `mask loss ${first?.mask.toFixed(3)} → ${last?.mask.toFixed(3)}, text loss ${first?.text.toFixed(3)} → ${last?.text.toFixed(3)}`);
    say(shell, `Next: folio evaluate prs-med --run ${out} --data ${data}`);
  });
}
