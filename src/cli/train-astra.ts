import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { sha256File, UsageError } from "../core/index.js";
import { parseSettings, trainOptions, type TrainOptions } from "./method-options.js";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

/** `folio train astra` */
export function addTrainAstra(train: Command, shell: Shell): void {
  trainOptions(train.command("astra"), "the data, as `folio data make dcase` lays it out")
    .description("Anomalous sounds: contrastive training on normal clips only (DCASE layout).")
    .option("--backbone <file>", "what the ResNet starts from: torchvision's .pth, or safetensors")
    .option("--set <name=value...>", "change single settings, such as training.epochs=20")
    .addOption(new Option("--fold <number>").hideHelp())
    .addHelpText("after", "\nExample:\n  folio train astra --data data/dcase-quick --preset quick --out runs/astra-quick")
    .action((options: TrainAstraCommand) => trainAstraCommand(options, shell));
}

interface TrainAstraCommand extends TrainOptions {
  readonly backbone?: string;
  readonly fold?: string;
  readonly set?: readonly string[];
}

async function trainAstraCommand(
  { data, out, preset, seed, engine: prefer, backbone, fold, set, json }: TrainAstraCommand,
  shell: Shell,
): Promise<void> {
  const { dcaseHasNoFolds, readDcase } = await import("../datasets/index.js");
  if (fold !== undefined) throw new UsageError(`train astra: there is no --fold ${fold}: ${dcaseHasNoFolds}.`);
  const { astraConfig, dataHash, openRun, readBackbone, trainAstra } = await import("../methods/astra/index.js");
  const { disposeWeights, parameterCount } = await import("../nn/index.js");
  const { progress, signal } = shell;
  const folder = resolve(shell.cwd, out);
  const dataset = await readDcase(resolve(shell.cwd, data));
  const config = astraConfig(preset, parseSettings(set ?? []));
  const start = backbone === undefined ? undefined : resolve(shell.cwd, backbone);
  const pretrained = start === undefined ? undefined : await readBackbone(start, config.model);
  await openRun(folder, {
    schema: "folio.run/1",
    method: "astra",
    preset,
    seed,
    config,
    data: await dataHash(dataset),
    attributeDim: dataset.attributeDim,
    backbone: start === undefined ? null : await sha256File(start),
  });
  await withEngine(prefer, shell, async (engine) => {
    const started = performance.now();
    const model = await trainAstra({
      engine,
      dataset,
      config,
      seed,
      folder,
      backbone: pretrained,
      progress,
      signal,
    });
    const seconds = (performance.now() - started) / 1000;
    const [first, last] = [model.history.at(0)?.loss ?? null, model.history.at(-1)?.loss ?? null];
    const report = {
      run: folder,
      preset,
      seed,
      engine: engine.name,
      device: engine.describe().device,
      parameters: parameterCount(model.weights),
      epochs: model.history.length,
      firstLoss: first,
      lastLoss: last,
      seconds,
    };
    disposeWeights(model.weights);
    if (json) sayJson(shell, report);
    else {
      say(
        shell,
        `${report.parameters.toLocaleString("en")} parameters, ${report.epochs} ${report.epochs === 1 ? "epoch" : "epochs"} ` +
          `on ${engine.name} (${report.device}), loss ${first?.toFixed(3)} → ${last?.toFixed(3)}`,
      );
      say(shell, `Next: folio evaluate astra --run ${out} --data ${data}`);
    }
  });
}
