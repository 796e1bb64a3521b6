import { mkdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { plotlyFile } from "../display/plotly.js";
import { UsageError, packageRoot, writeFileAtomic } from "../../core/index.js";

/** What decides where Jupyter looks for kernels. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform?: NodeJS.Platform;
}

/** The folder of Jupyter's kernels that a choice of the command line means. @see jupyter-core, “Data files” */
export function kernelsFolder(
  { prefix, sysPrefix }: { readonly prefix?: string; readonly sysPrefix?: boolean },
  surroundings: Surroundings,
): string {
  if (prefix !== undefined) return join(resolve(surroundings.cwd, prefix), "share", "jupyter", "kernels");
  if (sysPrefix !== true) return join(userData(surroundings), "kernels");
  const active = surroundings.env.VIRTUAL_ENV ?? surroundings.env.CONDA_PREFIX;
  if (active === undefined)
    throw new UsageError(
      "--sys-prefix: no virtual or conda environment is active. Activate one, or name its folder with --prefix.",
    );
  return join(active, "share", "jupyter", "kernels");
}

function userData({ env, platform = process.platform }: Surroundings): string {
  if (env.JUPYTER_DATA_DIR !== undefined) return env.JUPYTER_DATA_DIR;
  const home = env.HOME ?? homedir();
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA ?? join(home, "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME ?? join(home, ".local", "share"), "jupyter");
}

/** What Jupyter needs to start the kernel: the package's template with this Node and this checkout filled in. */
export async function kernelSpec(): Promise<object> {
  const template = await readFile(join(packageRoot, "kernels", "folio", "kernel.json"), "utf8");
  const filled: Readonly<Record<string, string>> = {
    "{node}": process.execPath,
    "{folio}": join(packageRoot, "dist", "cli", "main.js"),
  };
  return JSON.parse(template, (_, value: unknown) =>
    typeof value === "string" ? (filled[value] ?? value) : value,
  ) as object;
}

/** @returns the folder that was written */
export async function installKernel(kernels: string): Promise<string> {
  const folder = join(kernels, "folio");
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, "kernel.json"), `${JSON.stringify(await kernelSpec(), null, 2)}\n`);
  await writeFileAtomic(join(folder, "logo-svg.svg"), await readFile(join(packageRoot, "kernels", "folio", "logo-svg.svg")));
  const plotly = createRequire(import.meta.url).resolve("plotly.js-cartesian-dist-min");
  await writeFileAtomic(join(folder, plotlyFile), await readFile(plotly));
  return folder;
}

/** @throws UsageError when it is not there */
export async function uninstallKernel(kernels: string): Promise<string> {
  const folder = join(kernels, "folio");
  const spec = await readFile(join(folder, "kernel.json"), "utf8").catch(() => undefined);
  if (spec === undefined)
    throw new UsageError(`${folder}: the kernel is not installed there. folio kernel list shows where it is.`);
  await rm(folder, { recursive: true });
  return folder;
}

/** The places Jupyter looks in where the kernel is, and which program it starts there. */
export async function installedKernels(
  surroundings: Surroundings,
): Promise<{ readonly folder: string; readonly runs: string }[]> {
  const { env } = surroundings;
  const prefixes = [env.VIRTUAL_ENV, env.CONDA_PREFIX, "/usr/local", "/usr"].filter((prefix) => prefix !== undefined);
  const places = new Set([
    kernelsFolder({}, surroundings),
    ...prefixes.map((prefix) => kernelsFolder({ prefix }, surroundings)),
  ]);
  const found = await Promise.all(
    [...places].map(async (kernels) => {
      const text = await readFile(join(kernels, "folio", "kernel.json"), "utf8").catch(() => undefined);
      if (text === undefined) return [];
      const { argv = [] } = JSON.parse(text) as { argv?: string[] };
      return [{ folder: join(kernels, "folio"), runs: argv.slice(0, 2).join(" ") }];
    }),
  );
  return found.flat();
}
