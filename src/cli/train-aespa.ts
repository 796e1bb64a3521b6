import { resolve } from "node:path";
import { sha256File, UsageError, withSettings } from "../core/index.js";
import { Option, type Command } from "commander";
import type { RatedName } from "../datasets/index.js";
import { foldOf, foldOptions, parseSettings, ratedDatasetOption, trainOptions, type FoldOptions, type TrainOptions } from "./method-options.js";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface TrainAespaCommand extends TrainOptions, FoldOptions {
  readonly dataset: RatedName;
  readonly class?: string;
  readonly mode: "aespa" | "spa";
  readonly form: "faithful" | "corrected";
  readonly start?: string;
  readonly set?: readonly string[];
}

/** `folio train aespa` */
export function addTrainAespa(train: Command, shell: Shell): void {
  foldOptions(trainOptions(train.command("aespa"), "the data, as `folio data make lidc` lays it out"))
    .description("Segmentation by clicks, aligned to the rater who clicks (LIDC, MBHSeg or REFUGE layout).")
    .addOption(ratedDatasetOption())
    .addOption(new Option("--class <number>", "mbhseg in its multi-class form: the one class that counts (default: any)").choices(["1", "2", "3", "4", "5"]))
    .addOption(new Option("--mode <name>", "AESPA, or its parent SPA (many samples a round)").choices(["aespa", "spa"]).default("aespa"))
    .addOption(new Option("--form <name>", "as published with its slips, or with them put right").choices(["faithful", "corrected"]).default("corrected"))
    .option("--start <file>", "what the network starts from: SAM's or MedSAM's ViT-B, AESPA's own checkpoint, or what was converted")
    .option("--set <name=value...>", "change single settings, such as training.epochs=20")
    .addHelpText("after", "\nExample:\n  folio train aespa --data data/lidc-quick --preset quick --out runs/aespa-quick")
    .action((options: TrainAespaCommand) => trainAespaCommand(options, shell));
}

async function trainAespaCommand({ data, dataset: name, class: className, out, preset, mode, form, start, set, seed, engine: prefer, json, ...parts }: TrainAespaCommand, shell: Shell): Promise<void> {
  const { loadRatedAll, readRated } = await import("../datasets/index.js");
  const { checkConfig, forms, imagesOf, openAespaRun, presets, ratedDataHash, readStart, trainAespa, trainSpa } = await import("../methods/aespa/index.js");
  const { disposeWeights, parameterCount } = await import("../nn/index.js");
  const folder = resolve(shell.cwd, out);
  const config = checkConfig(withSettings({ ...presets[preset], form: forms[form] }, parseSettings(set ?? [])));
  const fold = foldOf(parts);
  const classIndex = className === undefined ? undefined : Number(className);
  const startFile = start === undefined ? undefined : resolve(shell.cwd, start);
  const startWeights = startFile === undefined ? undefined : await readStart(startFile, config);
  const dataset = await readRated(name, resolve(shell.cwd, data), { classIndex });
  await openAespaRun(folder, { schema: "folio.run/1", method: "aespa", mode, preset, seed, dataset: name, ...(classIndex !== undefined && { classIndex }), ...(fold && { fold }), config, data: await ratedDataHash(dataset), ...(startFile && { start: await sha256File(startFile) }) });
  const all = await loadRatedAll(imagesOf(dataset, fold).filter(({ split }) => split === "train"), config.sam.imageSize, shell);
  // A slice without the class has nothing to click on.
  const cases = classIndex === undefined ? all : all.filter(({ valid }) => valid.includes(true));
  if (cases.length === 0) throw new UsageError(`--class ${classIndex}: no train slice in ${data} has that class; folio data check ${name} --data ${data} counts them.`);
  if (cases.length < all.length && !json) say(shell, `${cases.length} of ${all.length} train slices have class ${classIndex}; the others are left out.`);
  await withEngine(prefer, shell, async (engine) => {
    const started = performance.now();
    const model = await (mode === "aespa" ? trainAespa : trainSpa)({ engine, cases, config, seed, start: startWeights, folder, progress: shell.progress, signal: shell.signal });
    const seconds = (performance.now() - started) / 1000;
    const [firstLoss, lastLoss] = [model.history.at(0)?.loss ?? null, model.history.at(-1)?.loss ?? null];
    const { device } = engine.describe();
    const report = { run: folder, mode, preset, form, seed, engine: engine.name, device, parameters: parameterCount(model.weights), images: cases.length, epochs: model.history.length, firstLoss, lastLoss, seconds };
    disposeWeights(model.weights);
    if (json) return sayJson(shell, report);
    say(shell, `${report.parameters.toLocaleString("en")} parameters, ${cases.length} images, ${report.epochs} epochs on ${engine.name} (${device}), loss ${firstLoss?.toFixed(3)} → ${lastLoss?.toFixed(3)}`);
    say(shell, `Next: folio evaluate aespa --run ${out} --data ${data}`);
  });
}
