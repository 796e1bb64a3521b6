import { hasTag, type Cell, type Notebook } from "./nbformat.js";
import { runNotebook, type RunNotebookOptions } from "./run.js";

/** What became of one exercise in a run. */
export interface ExerciseCheck {
  readonly exercise: string;
  readonly status: "right" | "wrong" | "open";
  /** Why it is wrong; empty otherwise. */
  readonly hint: string;
  /** Execution count of the cell. */
  readonly cell: number | null;
}

/** Runs a notebook, going on after cells tagged `exercise` that fail, and says what became of each. */
export async function checkNotebook(options: Omit<RunNotebookOptions, "mayRaise">): Promise<ExerciseCheck[]> {
  return exercisesIn((await runNotebook({ ...options, mayRaise: ["raises-exception", "exercise"] })).notebook);
}

/** The verdicts of the cells tagged `exercise`, whose last expression is a `check`; a later cell on the same exercise overrules. */
export function exercisesIn({ cells }: Notebook): ExerciseCheck[] {
  const found = new Map<string, ExerciseCheck>();
  for (const cell of cells.filter((one) => hasTag(one, "exercise"))) {
    const verdict = verdictOf(cell);
    if (verdict !== undefined) found.set(verdict.exercise, { ...verdict, cell: cell.execution_count ?? null });
  }
  return [...found.values()];
}

function verdictOf({ outputs = [], execution_count: count = null }: Cell): Omit<ExerciseCheck, "cell"> | undefined {
  for (const output of outputs) {
    if (output.output_type === "error") {
      const [, exercise, hint] = /^(.*?): not yet\. ?([^]*)$/.exec(output.evalue) ?? [];
      return exercise === undefined
        ? { exercise: `Cell [${count}]`, status: "wrong", hint: `${output.ename}: ${output.evalue}` }
        : { exercise, status: "wrong", hint };
    }
    const text = output.output_type === "execute_result" ? String(output.data["text/plain"]) : "";
    const [, exercise, words] = /^['"`](.*): (right|not answered yet)\.['"`]$/.exec(text) ?? [];
    if (exercise !== undefined)
      return { exercise: exercise.replaceAll("\\'", "'"), status: words === "right" ? "right" : "open", hint: "" };
  }
  return undefined;
}
