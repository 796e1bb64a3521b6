import { spawn, spawnSync } from "node:child_process";
import { UsageError } from "../core/index.js";
import type { Register } from "./commands.js";
import { say } from "./shell.js";

/** The front ends we look for, best first: how to ask whether it is there and how to start it. */
const frontEnds = [
  { name: "JupyterLab", command: "jupyter-lab", args: [] },
  { name: "JupyterLab", command: "jupyter", args: ["lab"] },
  { name: "Jupyter Notebook", command: "jupyter-notebook", args: [] },
  { name: "Jupyter Notebook", command: "jupyter", args: ["notebook"] },
] as const;

export const registerLab: Register = (folio, shell) => {
  folio
    .command("lab")
    .description("open JupyterLab or Jupyter Notebook with Folio's kernel ready")
    .argument("[notebook]", "a notebook or folder to open")
    .addHelpText("after", "\nExample:\n  folio lab notebooks/01-astra.ipynb")
    .action(async (notebook?: string) => {
      const { installKernel, kernelsFolder } = await import("../kernel/index.js");
      const env = { ...shell.env };
      const found = frontEnds.find(
        ({ command, args }) => spawnSync(command, [...args, "--version"], { env, stdio: "ignore" }).status === 0,
      );
      if (found === undefined)
        throw new UsageError(
          "JupyterLab is not on the PATH. Get it with: pip install jupyterlab  (VS Code with its Jupyter extension needs only: folio kernel install)",
        );
      await installKernel(kernelsFolder({}, { env: shell.env, cwd: shell.cwd }));
      say(shell, `Starting ${found.name}; choose the kernel “TypeScript (Folio)”.`);
      const child = spawn(found.command, [...found.args, ...(notebook === undefined ? [] : [notebook])], {
        cwd: shell.cwd,
        env,
        stdio: "inherit",
      });
      await new Promise((resolve) => child.once("exit", resolve));
    });
};
