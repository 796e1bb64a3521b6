import { resolve } from "node:path";
import { FolioError } from "../core/index.js";
import type { Register } from "./commands.js";
import { say, sayJson } from "./shell.js";

class ChecksFailed extends FolioError {
  readonly code = "checks-failed";
  constructor(
    readonly wrong: readonly string[],
    notebook: string,
  ) {
    super(
      `${notebook}: ${wrong.length} ${wrong.length === 1 ? "exercise is" : "exercises are"} not right: ${wrong.join(", ")}.`,
    );
  }
}

const versions = {
  student: "the version to hand out: no solutions, no outputs; fails if a solution would show",
  solution: "the version with solutions, without marks and outputs",
  clean: "the same notebook without outputs and what front ends leave behind",
} as const;

export const registerNotebook: Register = (folio, shell) => {
  const notebook = folio.command("notebook").description("make the versions of a course notebook, and check its exercises");
  for (const [version, description] of Object.entries(versions)) {
    notebook
      .command(version)
      .description(description)
      .argument("<notebook>", "an .ipynb file")
      .option(
        "-o, --out <file>",
        version === "clean"
          ? "where to write it; in place unless given"
          : `where to write it; NAME.${version}.ipynb unless given`,
      )
      .addHelpText("after", `\nExample:\n  folio notebook ${version} notebooks/01-astra.ipynb`)
      .action(async (file: string, { out }: { out?: string }) => {
        const { cleanVersion, readNotebook, solutionVersion, studentVersion, writeNotebook } =
          await import("../notebook/index.js");
        const source = await readNotebook(resolve(shell.cwd, file));
        const made =
          version === "student"
            ? studentVersion(source, file)
            : version === "solution"
              ? solutionVersion(source)
              : cleanVersion(source);
        const target = out ?? (version === "clean" ? file : file.replace(/(\.ipynb)?$/, `.${version}.ipynb`));
        await writeNotebook(resolve(shell.cwd, target), made);
        say(shell, `${file} → ${target}: ${made.cells.length} of ${source.cells.length} cells`);
      });
  }
  notebook
    .command("check")
    .description("run the notebook and say which exercises are right; exit 1 when one is wrong")
    .argument("<notebook>", "an .ipynb file")
    .option("--timeout <seconds>", "the longest a cell may take", Number)
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  folio notebook check my-answers.ipynb")
    .action(async (file: string, { timeout, json }: { timeout?: number; json?: boolean }) => {
      const { checkNotebook } = await import("../notebook/index.js");
      const checks = await checkNotebook({
        path: resolve(shell.cwd, file),
        name: file,
        timeoutMs: timeout === undefined ? undefined : timeout * 1000,
        progress: shell.progress,
        signal: shell.signal,
      });
      if (json === true) sayJson(shell, checks);
      else if (checks.length === 0) say(shell, `${file}: ran to its end; it has no exercises.`);
      else
        for (const { exercise, status, hint, cell } of checks)
          say(shell, `${status.padEnd(5)}  ${exercise} (Cell [${cell}])${hint && `: ${hint}`}`);
      const wrong = checks.filter(({ status }) => status === "wrong").map(({ exercise }) => exercise);
      if (wrong.length > 0) throw new ChecksFailed(wrong, file);
    });
};
