import { resolve } from "node:path";
import { Option } from "commander";
import { BadFile, FolioError, UsageError } from "../core/index.js";
import type { Register } from "./commands.js";
import { say, sayJson, type Shell } from "./shell.js";
import { methodWeights } from "./weight-targets.js";
import { addWeightsExport } from "./weights-export.js";
import type { TensorFile, TorchTensorInfo, WeightPlan, WeightTarget } from "../io/index.js";

/** `folio weights`: what published files of tensors hold, and what a method takes from them. */
export const registerWeights: Register = (folio, shell) => {
  const weights = folio
    .command("weights")
    .description("List, convert and compare files of tensors: safetensors, PyTorch, TorchScript.");
  weights
    .command("inspect")
    .argument("<file>", "a .safetensors, .pt, .pth, .ckpt or .index.json")
    .description("List every tensor without loading one; nothing in the file is run.")
    .option("--json", "print the list as JSON")
    .addHelpText("after", "\nExample:\n  folio weights inspect resnet34-b627a593.pth")
    .action((file: string, options: { json?: boolean }) => inspect(file, options, shell));
  weights
    .command("convert")
    .argument("<file>", "as for inspect")
    .description("Write a file's tensors as safetensors, or those a method takes under its own names.")
    .requiredOption("--out <file>", "where the result goes")
    .addOption(new Option("--to <format>", "what to write").choices(["safetensors"]).default("safetensors"))
    .addOption(new Option("--for <method>", "only what this method takes, under its names").choices(Object.keys(methodWeights)))
    .option("--architecture <name>", "with --for: which of the method's architectures it is, listed below (default: the first that the file is whole for)")
    .option("--prefix <text>", "what stands before the published names in this file (default: found by trying)")
    .option("--fold-batch-norm", "fold each batch norm into the convolution before it: for inference in other programs")
    .option("--json", "print what was used, left over and missing as JSON")
    .addHelpText(
      "after",
      `\nArchitectures:\n${architectureList()}\n\nExample:\n  folio weights convert resnet34-b627a593.pth --to safetensors --for astra --out resnet34.safetensors`,
    )
    .action((file: string, options: ConvertOptions) => convert(file, options, shell));
  weights
    .command("verify")
    .argument("<a>", "as for inspect")
    .argument("<b>", "as for inspect")
    .description("Compare two files tensor by tensor; exit code 1 when they differ.")
    .option("--tolerance <share>", "largest difference allowed, as a share of a tensor's largest number", share, 0)
    .option("--json", "print every tensor's difference as JSON")
    .addHelpText("after", "\nExample:\n  folio weights verify resnet34-b627a593.pth resnet34.safetensors --tolerance 1e-6")
    .action((a: string, b: string, options: VerifyOptions) => verify(a, b, options, shell));
  addWeightsExport(weights, shell);
};

async function inspect(file: string, { json }: { readonly json?: boolean }, shell: Shell): Promise<void> {
  const { openTensorFile } = await import("../io/index.js");
  const { format, tensors, shared, values } = await openTensorFile(resolve(shell.cwd, file));
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  if (json)
    return sayJson(shell, {
      file,
      format,
      tensors,
      parameters: numbers(tensors),
      bytes,
      shared,
      values: Object.fromEntries(values),
    });
  const rows = tensors.map(({ name, dtype, shape, bytes }) => [
    name || "(the file is one tensor)",
    dtype,
    shape.length === 0 ? "scalar" : shape.join(" × "),
    `${bytes} bytes`,
  ]);
  const widths = [0, 1, 2].map((column) => rows.reduce((most, row) => Math.max(most, row[column].length), 0));
  for (const row of rows) say(shell, row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()); // prettier-ignore
  for (const names of shared) say(shell, `shared: ${names.join(", ")}`);
  say(shell, `${counted(tensors.length, "tensor")}, ${numbers(tensors)} numbers, ${bytes} bytes (${format})`);
}

interface ConvertOptions {
  readonly out: string;
  readonly for?: string;
  readonly architecture?: string;
  readonly prefix?: string;
  readonly foldBatchNorm?: boolean;
  readonly json?: boolean;
}

async function convert(name: string, options: ConvertOptions, shell: Shell): Promise<void> {
  const { openTensorFile, writeEverything } = await import("../io/index.js");
  if (options.for === undefined && (options.prefix ?? options.architecture) !== undefined)
    throw new UsageError("--prefix and --architecture go with --for: without it every tensor keeps its name.");
  const [path, out] = [name, options.out].map((file) => resolve(shell.cwd, file));
  const file = await openTensorFile(path);
  if (options.for !== undefined) return convertFor(options.for, file, { ...options, name, path, out }, shell);
  if (options.foldBatchNorm) return convertTo(everything(name, file), file, { ...options, prefix: "", name, path, out }, shell);
  await writeEverything(out, file, shell);
  if (options.json)
    return sayJson(shell, {
      file: name,
      out: options.out,
      used: file.tensors.map(({ name }) => ({ from: name, to: name })),
      shared: file.shared,
    });
  say(shell, `${counted(file.tensors.length, "tensor")} written to ${options.out}, each under its own name.`);
  for (const names of file.shared) say(shell, `shared in the source, separate here: ${names.join(", ")}`);
}

interface Conversion extends ConvertOptions {
  readonly name: string;
  readonly path: string;
  readonly out: string;
}

async function convertFor(method: string, file: TensorFile, conversion: Conversion, shell: Shell): Promise<void> {
  const architecture = conversion.architecture ?? (await fittingArchitecture(method, file, conversion));
  const { architectures, target } = methodWeights[method];
  if (!(architecture in architectures))
    throw new UsageError(`${method} has no architecture "${architecture}"; it has ${Object.keys(architectures).join(", ")}.`);
  await convertTo(await target(architecture), file, conversion, shell, { for: method, architecture });
}

/** The first architecture that the file is whole for, or the method's first when it is for none. */
async function fittingArchitecture(method: string, file: TensorFile, { path, prefix }: Conversion): Promise<string> {
  const { planWeights, requireComplete } = await import("../io/index.js");
  const { architectures, target: load } = methodWeights[method];
  for (const architecture of Object.keys(architectures)) {
    const target = await load(architecture);
    try {
      requireComplete(planWeights(file.tensors, target, prefix), target, path);
      return architecture;
    } catch (error) {
      if (!(error instanceof FolioError)) throw error;
      if (error instanceof UsageError) return architecture; // it is there twice: the caller is told so
    }
  }
  return Object.keys(architectures)[0];
}

/** Every tensor under its own name, counters left out. */
function everything(name: string, { tensors }: TensorFile): WeightTarget {
  const counter = /num_batches_tracked$/;
  return { name, slots: tensors.filter((tensor) => !counter.test(tensor.name)).map((tensor) => ({ from: tensor.name, to: tensor.name, shape: tensor.shape })), unneeded: [] };
}

async function convertTo(
  plain: WeightTarget,
  file: TensorFile,
  { name, path, out, prefix, foldBatchNorm, json }: Conversion,
  shell: Shell,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { foldBatchNorms, planWeights, requireComplete, writePlanned } = await import("../io/index.js");
  const target = foldBatchNorm ? foldBatchNorms(plain) : plain;
  const plan = planWeights(file.tensors, target, prefix);
  if (json) sayJson(shell, { file: name, ...metadata, ...plan });
  else {
    if (metadata.architecture !== undefined) say(shell, `as ${metadata.architecture}: ${target.name}`);
    sayPlan(plan, shell);
  }
  requireComplete(plan, target, path);
  await writePlanned(out, file, plan, { ...shell, metadata });
}

function architectureList(): string {
  return Object.entries(methodWeights)
    .flatMap(([method, { architectures }]) => Object.entries(architectures).map(([name, what]) => `  --for ${method} --architecture ${name}: ${what}`))
    .join("\n");
}

function sayPlan({ prefix, used, unneeded, leftOver, missing, otherShape }: WeightPlan, shell: Shell): void {
  if (prefix !== "") say(shell, `names begin with ${prefix}`);
  for (const { from, also = [], to, becomes } of used) say(shell, `used       ${[from, ...also.map((other) => other.from)].join(", ")} → ${to}${becomes === undefined ? "" : ` (${becomes.how})`}`);
  for (const { name, reason } of unneeded) say(shell, `not needed ${name}: ${reason}`);
  for (const name of leftOver) say(shell, `left over  ${name}`);
  for (const name of missing) say(shell, `missing    ${name}`);
  for (const { name, expected, actual } of otherShape)
    say(shell, `shape      ${name}: ${actual.join(" × ")} instead of ${expected.join(" × ")}`);
  say(
    shell,
    `${used.length} used, ${unneeded.length} not needed, ${leftOver.length} left over, ${missing.length + otherShape.length} missing`,
  );
}

interface VerifyOptions {
  readonly tolerance: number;
  readonly json?: boolean;
}

async function verify(a: string, b: string, { tolerance, json }: VerifyOptions, shell: Shell): Promise<void> {
  const { compareTensors, openTensorFile } = await import("../io/index.js");
  const [first, second] = [await openTensorFile(resolve(shell.cwd, a)), await openTensorFile(resolve(shell.cwd, b))];
  const comparison = await compareTensors(first, second, shell);
  const { compared, onlyFirst, onlySecond, otherShape, otherDtype } = comparison;
  const apart = compared.filter(({ relative }) => relative > tolerance);
  const equal = apart.length + onlyFirst.length + onlySecond.length + otherShape.length === 0;
  const largest = compared.reduce((most, tensor) => (tensor.relative > most.relative ? tensor : most), {
    name: "",
    absolute: 0,
    relative: 0,
  });
  if (json) sayJson(shell, { a, b, tolerance, equal, largest, ...comparison });
  else {
    for (const { name, absolute, relative } of apart)
      say(shell, `differs   ${name}: at most ${absolute.toPrecision(3)}, relative ${relative.toPrecision(3)}`);
    for (const name of onlyFirst) say(shell, `only in A ${name}`);
    for (const name of onlySecond) say(shell, `only in B ${name}`);
    for (const { name, first, second } of otherShape)
      say(shell, `shape     ${name}: ${first.join(" × ")} and ${second.join(" × ")}`);
    for (const { name, first, second } of otherDtype) say(shell, `type      ${name}: ${first} and ${second}`);
    say(
      shell,
      `${counted(compared.length, "tensor")} compared, largest difference ${largest.absolute.toPrecision(3)}, relative ${largest.relative.toPrecision(3)}`,
    );
  }
  if (!equal) throw new BadFile("tensors-differ", b, `does not hold the same tensors as ${a}`, "See the list above.");
}

const numbers = (tensors: readonly TorchTensorInfo[]): number =>
  tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === "")
    throw new UsageError(`--tolerance must be a number of at least 0, but is "${text}".`);
  return value;
}
