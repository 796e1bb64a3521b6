import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { BadFile, UsageError, writeFileAtomic } from "../core/index.js";
import type { ExportedNetwork, NetworkCall } from "../nn/index.js";
import { runExports } from "./run-exports.js";
import { say, sayJson, type Shell } from "./shell.js";

interface ExportOptions {
  readonly run: string;
  readonly out: string;
  readonly part?: string;
  readonly json?: boolean;
}

/** `folio weights export`: a trained network for other frameworks. */
export function addWeightsExport(weights: Command, shell: Shell): void {
  weights
    .command("export")
    .description("Write a trained run's network for other frameworks: ONNX, or safetensors under PyTorch's names.")
    .requiredOption("--run <folder>", `a folder that folio train wrote (${Object.keys(runExports).join(", ")})`)
    .requiredOption("--out <file>", "network.onnx or network.safetensors")
    .option("--part <name>", "with .onnx: a later call of a network that is used in steps (aespa: clicks0, clicks1 …)")
    .option("--json", "print inputs, outputs and weights as JSON")
    .addHelpText("after", "\nExamples:\n  folio weights export --run runs/astra-quick --out astra.onnx\n  folio weights export --run runs/aespa-quick --part clicks1 --out round.onnx")
    .action((options: ExportOptions) => exportRun(options, shell));
}

async function exportRun({ run, out, part, json }: ExportOptions, shell: Shell): Promise<void> {
  const format = /\.(onnx|safetensors)$/.exec(out)?.[1];
  if (format === undefined) throw new UsageError(`--out must end in .onnx or .safetensors, but is "${out}".`);
  if (part !== undefined && format !== "onnx") throw new UsageError("--part goes with .onnx: a .safetensors file holds the weights of every part.");
  const folder = resolve(shell.cwd, run);
  const method = await methodOf(folder);
  const [{ openEngine }, { disposeWeights, namedVariables, readArrays }] = await Promise.all([import("../engine/index.js"), import("../nn/index.js")]);
  const engine = await openEngine({ prefer: format === "onnx" ? "ort" : "auto", signal: shell.signal });
  try {
    const network = await runExports[method](engine.tf, folder);
    const { weights, asPublished = (arrays) => arrays } = network;
    const { inputs, forward } = callOf(network, part, method);
    const named = namedVariables(weights);
    const inputShapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
    if (format === "onnx") {
      const { model } = await engine.exportOnnx({ forward, inputs, weights: new Map(named.map(({ name, variable }) => [name, variable])) });
      await writeFileAtomic(resolve(shell.cwd, out), model);
    } else {
      const { writeSafetensors } = await import("../io/index.js");
      await writeSafetensors(resolve(shell.cwd, out), asPublished(await readArrays(named)), { format: "pt", method });
    }
    disposeWeights(weights);
    for (const call of [network, ...Object.values(network.parts ?? {})]) engine.tf.dispose(call.inputs as Record<string, never>);
    if (json) return sayJson(shell, { method, run, out, format, weights: named.length, ...(format === "onnx" && { inputs: inputShapes }) });
    const given = Object.entries(inputShapes).map(([name, shape]) => `${name} [${shape.join(", ")}]`);
    say(shell, `${named.length} weights of ${method} written to ${out}${format === "onnx" ? `, for ${given.join(" and ")}` : " under PyTorch's names"}.`);
  } finally {
    await engine.close();
  }
}

function callOf(network: ExportedNetwork, part: string | undefined, method: string): NetworkCall {
  if (part === undefined) return network;
  const call = network.parts?.[part];
  if (call !== undefined) return call;
  const there = Object.keys(network.parts ?? {});
  throw new UsageError(`${method} has no part "${part}"; ${there.length > 0 ? `it has ${there.join(", ")}` : "its network is one call"}.`);
}

async function methodOf(folder: string): Promise<string> {
  const path = join(folder, "run.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", path, "is not there", "Give a folder that folio train wrote.", { cause });
  });
  const method = methodIn(text);
  if (method !== undefined && method in runExports) return method;
  throw new BadFile("unsupported", path, `is a run of ${method ?? "no known method"}`, `Runs of these can be exported: ${Object.keys(runExports).join(", ")}.`);
}

function methodIn(text: string): string | undefined {
  try {
    const { method } = JSON.parse(text) as { method?: unknown };
    return typeof method === "string" ? method : undefined;
  } catch {
    return undefined;
  }
}
