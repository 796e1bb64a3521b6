import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { FolioError, packageRoot } from "../core/index.js";
import { commands } from "./commands.js";
import type { Shell } from "./shell.js";

/**
 * Runs `folio` with these arguments.
 * @returns the exit code: 0 done, 1 the work failed, 2 the call was wrong
 */
export async function runCli(args: readonly string[], shell: Shell): Promise<number> {
  try {
    await folioProgram(shell).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return report(error, args.includes("--debug"), shell);
  }
}

export function folioProgram(shell: Shell): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  const folio = new Command("folio")
    .description("Literate TypeScript notebooks, honest metrics, and reports as HTML and PDF.")
    .version(version)
    .option("--debug", "show the stack trace of an error")
    .addHelpText("after", "\nExample:\n  folio inspect scan.nii.gz --json\n\nEvery command has its own --help with an example.");
  for (const register of commands) register(folio, shell);
  for (const command of withSubcommands(folio)) {
    command.exitOverride().showSuggestionAfterError().configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      outputError: (text, write) => write(`${text.replace(/^error: /, "folio: ").trimEnd()} (see ${fullName(command)} --help)\n`),
    });
  }
  return folio;
}

const fullName = (command: Command): string => (command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name());

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function report(error: unknown, debug: boolean, shell: Shell): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  shell.stderr.write(debug && error instanceof Error ? `${error.stack}\n` : `folio: ${message}\n`);
  return error instanceof FolioError ? error.exitCode : 1;
}
