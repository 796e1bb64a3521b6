import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import type { Register } from "./commands.js";
import { say, sayJson, type Shell } from "./shell.js";

/** One thing Folio can use. Only what is `needed` makes the doctor unhappy when it is not there. */
interface Finding {
  readonly name: string;
  readonly found: boolean;
  readonly needed: boolean;
  readonly detail: string;
  /** How to get it, when it was not found. */
  readonly remedy?: string;
}

export const registerDoctor: Register = (folio, shell) => {
  folio
    .command("doctor")
    .description("Say what this machine offers Folio – engines, GPU, browser, Jupyter – and how to get what is missing.")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", "\nExample:\n  folio doctor --json")
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(shell);
      if (json === true) return sayJson(shell, { healthy: healthy(findings), findings });
      for (const line of findings.flatMap(lines)) say(shell, line);
      say(shell);
      say(shell, healthy(findings) ? "Everything Folio needs is here." : "Something Folio needs is missing; see above.");
    });
};

const healthy = (findings: readonly Finding[]): boolean => findings.every(({ found, needed }) => found || !needed);

function lines({ name, found, needed, detail, remedy }: Finding): string[] {
  const mark = found ? "✔" : needed ? "✖" : "–";
  return [`${mark} ${name}: ${detail}`, ...(remedy === undefined ? [] : [`    ${remedy}`])];
}

async function examine(shell: Shell): Promise<Finding[]> {
  return [node(), processor(), ...(await engines()), await gpu(), browser(shell), await jupyter()];
}

function node(): Finding {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const found = major > 20 || (major === 20 && minor >= 19);
  const remedy = found ? undefined : "Folio needs 20.19 or newer, from nodejs.org.";
  return { name: "Node", found, needed: true, detail: `${process.versions.node}, ${process.platform} ${process.arch}`, remedy };
}

function processor(): Finding {
  const gibibytes = (totalmem() / 2 ** 30).toFixed(1);
  return {
    name: "Processor",
    found: true,
    needed: true,
    detail: `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${gibibytes} GiB of memory`,
  };
}

async function engines(): Promise<Finding[]> {
  const { findEngines } = await import("../engine/index.js");
  const found = await findEngines();
  const fastest = found.find((engine) => engine.available)?.name;
  const summary: Finding = {
    name: "Engine",
    found: fastest !== undefined,
    needed: true,
    detail: fastest === undefined ? "none can run here" : `"auto" takes ${fastest}`,
    ...(fastest === undefined && { remedy: "Run npm ci." }),
  };
  const each = found.map((engine): Finding => ({
    name: `Engine ${engine.name}`,
    found: engine.available,
    needed: false,
    ...(engine.available ? { detail: engine.device } : { detail: engine.why, remedy: engine.remedy }),
  }));
  return [summary, ...each];
}

async function gpu(): Promise<Finding> {
  const answer = await output("nvidia-smi", ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]);
  const detail =
    answer === undefined ? "no NVIDIA GPU was found (nvidia-smi does not answer); the methods train on the processor" : answer.trim();
  return { name: "GPU", found: answer !== undefined, needed: false, detail };
}

/** For PDF: FOLIO_CHROME, then an installed Chrome or Chromium, then the one that comes with npm. */
function browser({ env }: Shell): Finding {
  const finding = { name: "Browser (PDF)", needed: true };
  const chosen = env.FOLIO_CHROME;
  if (chosen !== undefined && chosen !== "") {
    const found = existsSync(chosen);
    return {
      ...finding,
      found,
      detail: `FOLIO_CHROME is ${chosen}${found ? "" : ", which does not exist"}`,
      ...(!found && { remedy: "Correct or unset FOLIO_CHROME." }),
    };
  }
  const installed = installedBrowser(env);
  if (installed !== undefined) return { ...finding, found: true, detail: installed };
  if (hasBundledBrowser()) return { ...finding, found: true, detail: "the Chromium of @sparticuz/chromium, from npm" };
  return {
    ...finding,
    found: false,
    detail: "no Chrome or Chromium was found",
    remedy: "Install one, set FOLIO_CHROME to its path, or run npm ci on Linux x64.",
  };
}

function installedBrowser(env: Shell["env"]): string | undefined {
  const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"];
  const onPath = (env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const programs = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter((folder) => folder !== undefined);
  const usual = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ...programs.map((folder) => join(folder, "Google/Chrome/Application/chrome.exe")),
  ];
  return [...onPath, ...usual].find((path) => existsSync(path));
}

function hasBundledBrowser(): boolean {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  try {
    import.meta.resolve("@sparticuz/chromium");
    return true;
  } catch {
    return false;
  }
}

async function jupyter(): Promise<Finding> {
  const answer = await output("jupyter", ["--version"]);
  const finding = { name: "Jupyter", found: answer !== undefined, needed: false };
  if (answer === undefined)
    return {
      ...finding,
      detail: "not found; optional, notebooks also run with folio run",
      remedy: "pip install jupyterlab, then folio kernel install.",
    };
  const version = /jupyterlab\s*:\s*(\d\S*)/.exec(answer)?.[1];
  return { ...finding, detail: version === undefined ? "installed, without JupyterLab" : `JupyterLab ${version}` };
}

/** What a program prints, or undefined when it is not there or fails. */
function output(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 10_000 }, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
}
