import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Register } from "./commands.js";
import { say, sayJson } from "./shell.js";

interface Options {
  readonly param: Record<string, string>;
  readonly out?: string;
  readonly timeout?: number;
  readonly json?: boolean;
}

export const registerRun: Register = (folio, shell) => {
  folio
    .command("run")
    .description("run a notebook from top to bottom in a fresh process; stops at the first cell that fails")
    .argument("<notebook>", "an .ipynb file")
    .option(
      "-p, --param <name=value>",
      "set a parameter of the notebook's parameters cell; may be repeated",
      addParameter,
      {},
    )
    .option("-o, --out <file>", "write the notebook with its outputs, also when it fails")
    .option("--timeout <seconds>", "the longest a cell may take", positive)
    .option("--json", "print what ran as JSON")
    .addHelpText("after", "\nExample:\n  folio run notebooks/01-astra.ipynb -p preset=small -p seed=2 -o out.ipynb")
    .action(async (notebook: string, { param, out, timeout, json }: Options) => {
      const { runNotebook } = await import("../notebook/index.js");
      const target = out === undefined ? undefined : resolve(shell.cwd, out);
      const { cells, seconds } = await runNotebook({
        path: resolve(shell.cwd, notebook),
        name: notebook,
        out: target,
        parameters: param,
        timeoutMs: timeout === undefined ? undefined : timeout * 1000,
        progress: shell.progress,
        signal: shell.signal,
      });
      if (json === true) sayJson(shell, { notebook, cells, seconds, out: target });
      else say(shell, `${notebook}: ${cells} cells in ${seconds.toFixed(1)} s${target === undefined ? "" : ` → ${out}`}`);
    });
};

function addParameter(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it as name=value.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function positive(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("It must be a number of seconds above 0.");
  return seconds;
}
