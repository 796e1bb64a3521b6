import { join, resolve } from "node:path";
import { Argument, Option, type Command } from "commander";
import { UsageError } from "../core/index.js";
import type { BratsLayout, DcaseCheck, MachineCheck, Modality, PhantomKind } from "../datasets/index.js";
import type { Register } from "./commands.js";
import { checkAcdcData, makeAcdcData } from "./data-acdc.js";
import { checkPrsMedData, makePrsMedData } from "./data-prs-med.js";
import { checkBratsData, makeBratsData } from "./data-brats.js";
import { checkRatedData, isRated, makeRated } from "./data-rated.js";
import { wholeNumber } from "./option-values.js";
import { say, sayJson, type Shell } from "./shell.js";

/** `folio data make|check DATASET` */
export const registerData: Register = (folio, shell) => {
  const data = folio
    .command("data")
    .description("Make sample data in a dataset's published layout, or look at data that is there.");
  registerMake(data, shell);
  registerCheck(data, shell);
};

const dataset = (): Argument => new Argument("<dataset>", "which dataset").choices(["dcase", "lidc", "mbhseg", "prs-med", "refuge", "acdc", "brats"]);

interface MakeOptions {
  readonly out?: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly from?: string;
  readonly form?: "binary" | "multi" | "png" | "nifti";
  readonly phantom?: PhantomKind;
  readonly fold?: number;
  readonly layout?: BratsLayout;
  readonly modality?: Modality;
  readonly margin?: number;
  readonly minArea?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

function registerMake(data: Command, shell: Shell): void {
  data
    .command("make")
    .description("Generate synthetic data. It is marked as generated, and so is every number made from it.")
    .addArgument(dataset())
    .option("--out <folder>", "where to write (default: data/<dataset>-<preset>)")
    .addOption(new Option("--preset <name>", "how much").choices(["quick", "small"]).default("quick"))
    .option("--seed <number>", "the same seed gives the same bytes", wholeNumber, 1)
    .option("--from <folder>", "mbhseg, acdc, brats: make slices from these NIfTI volumes instead of generating")
    .addOption(new Option("--form <name>", "mbhseg with --from: any bleeding, or one channel a class; acdc: slices, or volumes as the challenge has them").choices(["binary", "multi", "png", "nifti"]))
    .addOption(new Option("--phantom <name>", "acdc: what the generated hearts show").choices(["texture", "two-group", "ring"]))
    .option("--fold <number>", "acdc with --from: this round of a five-fold split of the patients", wholeNumber)
    .addOption(new Option("--layout <name>", "brats: which release to imitate (default: BraTS20)").choices(["BraTS20", "BraTS21", "BraTS23", "MSD"]))
    .addOption(new Option("--modality <name>", "brats with --from (default: t2)").choices(["t1", "t1ce", "t2", "flair"]))
    .option("--margin <slices>", "brats with --from: left out at the bottom and the top (default: 15; 4 for generated volumes)", wholeNumber)
    .option("--min-area <pixels>", "brats with --from: a slice with more is unhealthy (default: 200; 20 for generated volumes)", wholeNumber)
    .option("--threads <number>", "brats with --from: patients at once (default: one a core)", wholeNumber)
    .option("--json", "print what was made as JSON")
    .addHelpText("after", "\nExample:\n  folio data make dcase --preset small --seed 1 --out data/dcase-small")
    .action(async (name: string, { out, preset, seed, from, form, phantom, fold, json, ...brats }: MakeOptions) => {
      const source = from && resolve(shell.cwd, from);
      if (name === "acdc") {
        const usual = from === undefined ? [name, preset, phantom, form].filter((part) => part !== undefined && part !== "texture" && part !== "png").join("-") : name;
        return makeAcdcData(shell, { out: resolve(shell.cwd, out ?? join("data", usual)), preset, seed, from: source, form, phantom, fold, json });
      }
      if (phantom !== undefined || fold !== undefined) throw new UsageError("--phantom and --fold go with acdc.");
      if (name === "brats") {
        if (form !== undefined) throw new UsageError("--form goes with mbhseg and acdc.");
        return makeBratsData(shell, { out: resolve(shell.cwd, out ?? join("data", from === undefined ? `brats-${preset}-raw` : "brats")), preset, seed, from: source, json, ...brats });
      }
      if (Object.keys(brats).length > 0) throw new UsageError(`--layout, --modality, --margin, --min-area and --threads go with brats, not with ${name}.`);
      if (form === "png" || form === "nifti") throw new UsageError(`--form ${form} goes with acdc.`);
      const folder = resolve(shell.cwd, out ?? join("data", from === undefined ? `${name}-${preset}` : `${name}-${form ?? "binary"}`));
      if (isRated(name)) return makeRated(shell, name, { out: folder, preset, seed, from: source, form, json });
      if (name === "prs-med") return makePrsMedData(shell, { out: folder, preset, seed, json });
      const { makeDcase } = await import("../datasets/index.js");
      const mark = await makeDcase({ out: folder, preset, seed, progress: shell.progress, signal: shell.signal });
      const clips = Object.keys(mark.files).filter((path) => path.endsWith(".wav")).length;
      if (json) sayJson(shell, { out: folder, preset, seed, clips, generatorVersion: mark.generatorVersion });
      else say(shell, `${clips} generated clips in ${folder} (preset ${preset}, seed ${seed})`);
    });
}

interface CheckCommandOptions {
  readonly data: string;
  readonly machines?: string;
  readonly json?: boolean;
}

function registerCheck(data: Command, shell: Shell): void {
  data
    .command("check")
    .description("Count the clips of a dataset and say what is missing or odd. Exit code 1 when the data cannot be used.")
    .addArgument(dataset())
    .requiredOption("--data <folder>", "the dataset's folder")
    .option("--machines <names>", "machine types, separated by commas (default: those that are there)")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", "\nExample:\n  folio data check dcase --data data/dcase-quick")
    .action(async (name: string, { data: folder, machines, json }: CheckCommandOptions) => {
      if (name === "acdc") return checkAcdcData(shell, resolve(shell.cwd, folder), json);
      if (name === "brats") return checkBratsData(shell, resolve(shell.cwd, folder), json);
      if (isRated(name)) return checkRatedData(shell, name, resolve(shell.cwd, folder), json);
      if (name === "prs-med") return checkPrsMedData(shell, resolve(shell.cwd, folder), json);
      const { checkDcase } = await import("../datasets/index.js");
      const wanted = machines?.split(",").map((machine) => machine.trim());
      if (wanted?.includes(""))
        throw new UsageError(`--machines: ${JSON.stringify(machines)} names an empty machine. Write them as fan,valve.`);
      const check = await checkDcase(resolve(shell.cwd, folder), {
        machines: wanted,
        progress: shell.progress,
        signal: shell.signal,
      });
      if (json) sayJson(shell, check);
      else sayCheck(shell, check);
    });
}

function sayCheck(shell: Shell, { root, generated, clips, machines, problems }: DcaseCheck): void {
  say(shell, `${root}: ${clips} clips of ${machines.length} machines`);
  if (generated) say(shell, `Generated data, not recordings (preset ${generated.preset}, seed ${generated.seed})`);
  for (const machine of machines) sayMachine(shell, machine);
  if (problems.length === 0) say(shell, "\nNothing is missing or odd.");
  else say(shell, `\n${problems.length} ${problems.length === 1 ? "thing is" : "things are"} odd:`);
  for (const { code, path, message } of problems.slice(0, 40)) say(shell, `  ${code.padEnd(14)} ${path}: ${message}`);
  if (problems.length > 40) say(shell, `  … and ${problems.length - 40} more; --json lists all`);
}

function sayMachine(shell: Shell, { machine, groups, attributes, seconds }: MachineCheck): void {
  const length =
    seconds === null
      ? "no readable clip"
      : seconds.shortest === seconds.longest
        ? `${seconds.longest} s`
        : `${seconds.shortest}–${seconds.longest} s`;
  say(shell, `\n${machine}: ${length}, attributes ${attributes.join(", ") || "none"}`);
  for (const { split, domain, label, clips } of groups)
    say(shell, `  ${split.padEnd(13)}${domain.padEnd(8)}${label.padEnd(9)}${String(clips).padStart(6)}`);
}
