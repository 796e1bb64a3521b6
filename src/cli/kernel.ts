import { resolve } from "node:path";
import type { Register } from "./commands.js";
import { say, sayJson } from "./shell.js";

interface InstallOptions {
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  readonly user?: boolean;
}

/** A Jupyter server that is killed takes its kernels along: it says by this variable that it is their parent. */
function stopWithJupyter(env: Readonly<Record<string, string | undefined>>, stop: () => void): void {
  if (env.JPY_PARENT_PID === undefined || process.platform === "win32") return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stop(), 1000).unref();
}

export const registerKernel: Register = (folio, shell) => {
  const kernel = folio.command("kernel").description("the TypeScript kernel for JupyterLab, Jupyter Notebook and VS Code");
  kernel
    .command("install")
    .description("let Jupyter know the kernel; needs no Python")
    .option("--user", "for this user only (the default)")
    .option("--prefix <folder>", "below this prefix, for example a virtual environment")
    .option("--sys-prefix", "below the active virtual or conda environment")
    .addHelpText("after", "\nExample:\n  folio kernel install --user")
    .action(async (options: InstallOptions) => {
      const { installKernel, kernelsFolder } = await import("../kernel/index.js");
      const folder = await installKernel(kernelsFolder(options, { env: shell.env, cwd: shell.cwd }));
      say(shell, `Installed the kernel “TypeScript (Folio)” in ${folder}. Jupyter and VS Code list it from now on.`);
    });
  kernel
    .command("uninstall")
    .description("remove the kernel from Jupyter")
    .option("--user", "for this user only (the default)")
    .option("--prefix <folder>", "below this prefix")
    .option("--sys-prefix", "below the active virtual or conda environment")
    .addHelpText("after", "\nExample:\n  folio kernel uninstall --user")
    .action(async (options: InstallOptions) => {
      const { kernelsFolder, uninstallKernel } = await import("../kernel/index.js");
      say(shell, `Removed ${await uninstallKernel(kernelsFolder(options, { env: shell.env, cwd: shell.cwd }))}.`);
    });
  kernel
    .command("list")
    .description("where the kernel is installed")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  folio kernel list")
    .action(async ({ json }: { json?: boolean }) => {
      const { installedKernels } = await import("../kernel/index.js");
      const found = await installedKernels({ env: shell.env, cwd: shell.cwd });
      if (json === true) sayJson(shell, found);
      else if (found.length === 0) say(shell, "The kernel is not installed. Install it with: folio kernel install");
      else for (const { folder, runs } of found) say(shell, `${folder}  →  ${runs}`);
    });
  kernel
    .command("start")
    .description("start the kernel on a connection file; Jupyter does this")
    .requiredOption("-f, --connection-file <file>", "the file Jupyter wrote")
    .addHelpText("after", "\nExample:\n  folio kernel start -f {connection_file}")
    .action(async ({ connectionFile }: { connectionFile: string }) => {
      const { openLanguage, readConnectionFile, startKernel } = await import("../kernel/index.js");
      const connection = await readConnectionFile(resolve(shell.cwd, connectionFile));
      const running = await startKernel({
        connection,
        folder: shell.cwd,
        language: openLanguage({ folder: shell.cwd, restAfterMs: 10 * 60_000 }),
        warmAfterMs: 400,
      });
      process.removeAllListeners("SIGINT").on("SIGINT", () => void running.interrupt());
      shell.signal.addEventListener("abort", () => void running.stop());
      stopWithJupyter(shell.env, () => void running.stop());
      await running.ended;
    });
};
