import { relative } from "node:path";
import { Argument, Option, type Command } from "commander";
import type { Register } from "./commands.js";
import { countingNumber } from "./option-values.js";
import { say, sayJson, type Shell } from "./shell.js";
import { sayRuns } from "./study-output.js";
import { addStudyResults } from "./study-results.js";

const nameArgument = (): Argument => new Argument("<name>", "a folder below reports/ with a study.yaml");
const coresOption = (): Option => new Option("--cores <number>", "of this computer, at most so many (default: all)").argParser(countingNumber);
const executorOption = (): Option => new Option("--executor <name>", "where the runs are carried out").choices(["local", "slurm"]).default("local");

/** `folio study run|status|resume|cancel|results NAME` */
export const registerStudy: Register = (folio, shell) => {
  const study = folio.command("study").description("Many runs, one table: seeds, variants and datasets of reports/NAME/study.yaml, here or on a cluster, and never twice.").addHelpText("after", "\nExample:\n  folio study run aespa-seeds --dry-run\n  folio study run aespa-seeds\n  folio study results aespa-seeds\n\nreports/README.md tells what study.yaml can say.");
  addRun(study, shell);
  addResume(study, shell);
  addStatus(study, shell);
  addCancel(study, shell);
  addStudyResults(study, shell);
};

interface RunOptions {
  readonly cores?: number;
  readonly executor: "local" | "slurm";
  readonly dryRun?: boolean;
  readonly report: boolean;
  readonly json?: boolean;
}

function addRun(study: Command, shell: Shell): void {
  study
    .command("run")
    .description("Run whatever is not done yet; what has the same key as before is not run again.")
    .addArgument(nameArgument())
    .addOption(executorOption())
    .addOption(coresOption())
    .option("--dry-run", "say what would run and why, and run nothing")
    .option("--no-report", "do not build the report at the end")
    .option("--json", "print how every run ended as JSON")
    .addHelpText("after", "\nExample:\n  folio study run aespa-seeds --executor slurm")
    .action((name: string, options: RunOptions) => (options.dryRun ? dryRun(name, options, shell) : runCommand(name, options, shell)));
}

function addResume(study: Command, shell: Shell): void {
  study
    .command("resume")
    .description("Go on with a study that was stopped, cancelled or killed; runs go on from their checkpoints.")
    .addArgument(nameArgument())
    .addOption(executorOption())
    .addOption(coresOption())
    .option("--no-report", "do not build the report at the end")
    .option("--json", "print how every run ended as JSON")
    .addHelpText("after", "\nExample:\n  folio study resume aespa-seeds")
    .action(async (name: string, options: RunOptions) => {
      const [{ packageRoot, UsageError }, { readStatus, readStudy }] = await Promise.all([import("../core/index.js"), import("../study/index.js")]);
      await readStudy(packageRoot, name);
      if ((await readStatus(packageRoot, name)) === undefined) throw new UsageError(`study resume: ${name} was never begun. Begin it with: folio study run ${name}`);
      await runCommand(name, options, shell);
    });
}

async function runCommand(name: string, { executor, cores, report, json }: RunOptions, shell: Shell): Promise<void> {
  const { packageRoot: root } = await import("../core/index.js");
  const { beginReport, buildStudyReport, hasReport, isOver, readStudy, requireComplete, runStudy, terminalDisplay } = await import("../study/index.js");
  const study = await readStudy(root, name);
  const display = terminalDisplay(shell.stderr);
  const { env, signal } = shell;
  const { runs } = await runStudy(study, { root, executor, cores, env, progress: display.progress, onChange: display.update, signal }).finally(() => display.end());
  const begun = report && !hasReport(study, root) && runs.every((run) => isOver(run) && run.state !== "stopped") && (await beginReport(study, root));
  const built = report && hasReport(study, root) && !signal.aborted ? await buildStudyReport(study, { root, env, progress: display.progress, signal }) : undefined;
  if (json) sayJson(shell, { study: name, runs, results: study.results, report: built?.html });
  else {
    if (shell.stderr.isTTY !== true) sayRuns(shell, runs); // On a terminal the table stands just above.
    if (begun) say(shell, `A first report was begun; reports/${name}/report.md.hbs is yours to write in.`);
    say(shell, built === undefined ? `Next: folio study results ${name}` : `${relative(shell.cwd, built.html)}\n${relative(shell.cwd, built.pdf)}`);
  }
  requireComplete(name, runs, executor === "slurm" ? "leave" : "stop");
}

async function dryRun(name: string, { executor, json }: RunOptions, shell: Shell): Promise<void> {
  const { packageRoot: root } = await import("../core/index.js");
  const { previewStudy, readStudy } = await import("../study/index.js");
  const planned = await previewStudy(await readStudy(root, name), { root, executor, progress: shell.progress, signal: shell.signal });
  if (json) return sayJson(shell, planned);
  const width = Math.max(...planned.map(({ id }) => id.length));
  for (const { id, key, state, resources, because } of planned) {
    const { cores, memoryGb, gpus, minutes } = resources;
    const wants = `${cores} ${cores === 1 ? "core" : "cores"}, ${memoryGb} GB${gpus > 0 ? `, ${gpus} GPU` : ""}${minutes === undefined ? "" : `, ${minutes} min`}`;
    say(shell, `  ${id.padEnd(width)}  ${key.slice(0, 12)}  ${state === "done" ? "done already" : `would run (${wants})${because}`}`);
  }
  const left = planned.filter(({ state }) => state !== "done").length;
  say(shell, `${left} of ${planned.length} would run on ${executor}; nothing was run.`);
}

function addStatus(study: Command, shell: Shell): void {
  study
    .command("status")
    .description("Where every run stands, also while another process runs the study.")
    .addArgument(nameArgument())
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  folio study status aespa-seeds")
    .action(async (name: string, { json }: { json?: boolean }) => {
      const { packageRoot } = await import("../core/index.js");
      const { readStatus, readStudy, tableLines } = await import("../study/index.js");
      await readStudy(packageRoot, name);
      const status = await readStatus(packageRoot, name);
      if (json) return sayJson(shell, status ?? { runs: [], driven: false });
      if (status === undefined) return say(shell, `${name} was never begun. Begin it with: folio study run ${name}`);
      for (const line of tableLines(status.runs, { width: shell.stdout.columns ?? Infinity, height: Infinity })) say(shell, line);
      say(shell, status.driven ? "A process is running this study." : `No process is looking after it now; folio study resume ${name} does.`);
    });
}

function addCancel(study: Command, shell: Shell): void {
  study
    .command("cancel")
    .description("Stop a study's runs wherever they are; what they saved is kept, and resume goes on from it.")
    .addArgument(nameArgument())
    .addHelpText("after", "\nExample:\n  folio study cancel aespa-seeds")
    .action(async (name: string) => {
      const { packageRoot: root } = await import("../core/index.js");
      const { cancelStudy, readStudy } = await import("../study/index.js");
      const stopped = await cancelStudy(await readStudy(root, name), { root, env: shell.env });
      say(shell, stopped === "asked" ? `${name}: the process that runs it has been asked to stop.` : stopped === "none" ? `${name}: nothing was running.` : `${name}: ${stopped} jobs were cancelled.`);
    });
}
