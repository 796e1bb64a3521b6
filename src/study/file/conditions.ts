import type { Field, Scalar } from "./fields.js";
import type { Run } from "./study.js";
import { resourcesOf, scalars } from "./values.js";

/** What a condition may look at. */
const facts: Readonly<Record<string, (run: Run) => Scalar | undefined>> = {
  method: ({ work }) => (work.kind === "method" ? work.method : undefined),
  notebook: ({ work }) => (work.kind === "notebook" ? work.notebook : undefined),
  name: ({ work }) => (work.kind === "command" ? work.name : undefined),
  variant: ({ variant }) => variant,
  dataset: ({ dataset }) => dataset,
  preset: ({ preset }) => preset,
  seed: ({ seed }) => seed,
  fold: ({ fold }) => fold,
  engine: ({ engine }) => engine,
};

/**
 * The file's conditions as a change of a run, in their order: where all of `if` holds, the run is left out (`skip`) or changed.
 * @returns a function that gives the run back, changed or not, or undefined when it is left out
 * @throws BadStudyFile
 */
export function conditionsOf(field: Field | undefined): (run: Run) => Run | undefined {
  const rules = (field?.items() ?? []).map((rule) => {
    const { if: when, skip, set, options, evaluate, resources, engine } = rule.fields(["if", "skip", "set", "options", "evaluate", "resources", "engine"]);
    if (when === undefined) throw rule.fault("needs an if", undefined);
    const wanted = Object.entries(when.fields(Object.keys(facts))).map(([name, values]) => ({ name, values: values.each().map((value) => value.scalar()) }));
    const skips = skip?.flag() ?? false;
    const changes = { set: scalars(set), options: scalars(options), evaluate: scalars(evaluate) };
    const holds = (run: Run): boolean => wanted.every(({ name, values }) => values.some((value) => value === facts[name](run)));
    const change = (run: Run): Run => ({
      ...run,
      set: { ...run.set, ...changes.set },
      options: { ...run.options, ...changes.options },
      evaluate: { ...run.evaluate, ...changes.evaluate },
      resources: resourcesOf(resources, run.resources),
      ...(engine && { engine: engine.text() }),
    });
    return (run: Run): Run | undefined => (holds(run) ? (skips ? undefined : change(run)) : run);
  });
  return (run) => rules.reduce<Run | undefined>((left, rule) => left && rule(left), run);
}
