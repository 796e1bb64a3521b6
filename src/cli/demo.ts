import { spawn } from "node:child_process";
import { Option, type Command } from "commander";
import { UsageError } from "../core/index.js";
import { demos, serveDemo, type DemoDefinition } from "../serve/index.js";
import type { Register } from "./commands.js";
import { say, type Shell } from "./shell.js";

/** `folio demo METHOD`: one sub-command a demo of src/serve/demos. */
export const registerDemo: Register = (folio, shell) => {
  const demo = folio.command("demo").description("Try a method in the browser: a page on this computer, reachable from nowhere else.");
  for (const definition of demos) addDemo(demo, definition, shell);
};

function addDemo(parent: Command, definition: DemoDefinition, shell: Shell): void {
  const command = parent.command(definition.name).description(definition.summary);
  for (const { flags, description, default: usual, choices } of definition.options) {
    const option = new Option(flags, description);
    if (usual !== undefined) option.default(usual);
    if (choices !== undefined) option.choices(choices);
    command.addOption(option);
  }
  command
    .option("--port <number>", "which port must be used (default: 7860, or any that is free)", portNumber)
    .option("--open", "open the page in the browser")
    .addHelpText("after", `\nExample:\n  ${definition.example}`)
    .action((options: DemoOptions) => runDemo(definition, options, shell));
}

type DemoOptions = Readonly<Record<string, string | readonly string[] | boolean | undefined>> & { readonly port?: number & string; readonly open?: boolean };

async function runDemo(definition: DemoDefinition, { port, open = false, ...options }: DemoOptions, shell: Shell): Promise<void> {
  const { cwd, progress, signal } = shell;
  const demo = await definition.open({ options, cwd, progress, signal, say: (line) => say(shell, line) });
  const server = await serveDemo(demo, { port, signal, report: (line) => shell.stderr.write(`folio: ${line}\n`) }).catch(async (error: unknown) => {
    await demo.close();
    throw error;
  });
  say(shell, `${demo.title}: ${server.url}  (Ctrl-C ends it)`);
  if (open) openInBrowser(server.url, shell);
  await server.closed;
}

/** With the desktop's own command; a machine without one only loses the convenience. */
function openInBrowser(url: string, shell: Shell): void {
  const [command, ...args] = { darwin: ["open"], win32: ["cmd", "/c", "start", ""] }[process.platform as string] ?? ["xdg-open"];
  spawn(command, [...args, url], { stdio: "ignore", detached: true, env: { ...shell.env } })
    .once("error", () => shell.stderr.write(`folio: no browser could be opened; go to ${url}\n`))
    .unref();
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError(`--port must be a number from 1 to 65535, but is "${text}".`);
  return port;
}
