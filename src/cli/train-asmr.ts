import { join, resolve } from "node:path";
import type { Command } from "commander";
import { sha256File, UsageError } from "../core/index.js";
import { foldOf, foldOptions, parseSettings, trainOptions, type FoldOptions, type TrainOptions } from "./method-options.js";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface TrainAsmrCommand extends TrainOptions, FoldOptions {
  readonly second: boolean;
  readonly rewardModel?: string;
  readonly backbone?: string;
  readonly set?: readonly string[];
}

/** `folio train asmr` */
export function addTrainAsmr(train: Command, shell: Shell): void {
  foldOptions(trainOptions(train.command("asmr"), "the data, as `folio data make acdc` lays it out"))
    .description("Learn which k-space lines to acquire: a segmentation network that rewards, then a policy by PPO (ACDC layout).")
    .option("--no-second", "do not train the second network, which measures and never rewards")
    .option("--reward-model <file>", "take this published network instead of training one; `folio weights convert --for asmr` says which fit")
    .option("--backbone <file>", "what the policy's ResNet-18 starts from: torchvision's .pth, or safetensors (preset paper)")
    .option("--set <name=value...>", "change single settings, such as rewardModel.network=unext or reward.lambdaSegmentation=0.5")
    .addHelpText("after", "\nExample:\n  folio train asmr --data data/acdc-quick --preset quick --out runs/asmr-quick")
    .action((options: TrainAsmrCommand) => trainAsmrCommand(options, shell));
}

async function trainAsmrCommand({ data, out, preset, seed, engine: prefer, second, rewardModel, backbone, set, json, ...parts }: TrainAsmrCommand, shell: Shell): Promise<void> {
  const { readAcdc } = await import("../datasets/index.js");
  const { acdcDataHash, asmrConfig, initSegmenter, loadSamples, makeSampler, openAsmrRun, readBackbones, readNetwork, saveWeights, secondSeed, trainPolicy, trainSegmenter, writeSampler } = await import("../methods/asmr/index.js");
  const { assignArrays, disposeWeights, namedVariables, parameterCount } = await import("../nn/index.js");
  const { progress, signal } = shell;
  const folder = resolve(shell.cwd, out);
  const fold = foldOf(parts);
  const config = asmrConfig(preset, parseSettings(set ?? []));
  if (backbone !== undefined && config.policy.backbone !== "resnet18") throw new UsageError("--backbone is for a policy with a ResNet-18: take --preset paper, or --set policy.backbone=resnet18.");
  const dataset = await readAcdc(resolve(shell.cwd, data));
  const path = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(shell.cwd, file));
  const [published, start] = [path(rewardModel) && (await readNetwork(path(rewardModel)!, config.rewardModel)), path(backbone) && (await readBackbones(path(backbone)!))];
  await openAsmrRun(folder, { schema: "folio.run/1", method: "asmr", preset, seed, ...(fold && { fold }), config, data: await acdcDataHash(dataset), ...(await startHashes({ rewardModel: path(rewardModel), backbone: path(backbone) })) });
  await withEngine(prefer, shell, async (engine) => {
    const started = performance.now();
    const { train, val } = await loadSamples(engine.tf, dataset, config, { fold, progress, signal });
    const sampler = makeSampler(train);
    await writeSampler(join(folder, "sampler.json"), sampler);
    const common = { engine, config, train, val, folder, progress, signal };
    const segmenter = published ? { ...initSegmenter(engine.tf, config, seed), history: [] } : await trainSegmenter({ ...common, seed, name: "reward-model" });
    if (published) {
      assignArrays(engine.tf, namedVariables(segmenter.weights), published, rewardModel!);
      await saveWeights(folder, "reward-model", segmenter.weights);
    }
    if (second) disposeWeights((await trainSegmenter({ ...common, seed: secondSeed(seed), name: "second-model" })).weights);
    const policy = await trainPolicy({ ...common, segmenter, seed, sampler, ...(start && { start }) });
    const seconds = (performance.now() - started) / 1000;
    const { device } = engine.describe();
    const returns = policy.history.flatMap(({ meanReturn }) => (meanReturn === null ? [] : [meanReturn]));
    const report = {
      run: folder, preset, seed, engine: engine.name, device, slices: train.length,
      rewardModel: { network: config.rewardModel.network, parameters: parameterCount(segmenter.weights), valDice: segmenter.history.length === 0 ? null : Math.max(...segmenter.history.map(({ valDice }) => valDice)) },
      policy: { parameters: parameterCount(policy.weights), updates: policy.history.length, firstReturn: returns[0] ?? null, lastReturn: returns.at(-1) ?? null, validation: policy.validation },
      seconds,
    };
    for (const { weights } of [segmenter, policy]) disposeWeights(weights);
    if (json) return sayJson(shell, report);
    const shown = (value: number | null): string => value?.toFixed(3) ?? "–";
    say(shell, `${config.rewardModel.network} with ${report.rewardModel.parameters.toLocaleString("en")} parameters, mean Dice ${shown(report.rewardModel.valDice)} on validation masks`);
    say(shell, `policy and critic with ${report.policy.parameters.toLocaleString("en")} parameters, ${report.policy.updates} updates on ${engine.name} (${device}), return ${shown(report.policy.firstReturn)} → ${shown(report.policy.lastReturn)}`);
    say(shell, `Next: folio evaluate asmr --run ${out} --data ${data}`);
  });
}

/** Files that a run started from, by content; a run goes on only with the same. */
async function startHashes(files: Readonly<Record<"rewardModel" | "backbone", string | undefined>>): Promise<{ readonly start?: Readonly<Record<string, string>> }> {
  const hashes: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) if (file !== undefined) hashes[name] = await sha256File(file);
  return Object.keys(hashes).length === 0 ? {} : { start: hashes };
}
