import { basename } from "node:path";
import { dcaseHasNoFolds } from "../../datasets/index.js";
import { conditionsOf } from "./conditions.js";
import type { Field } from "./fields.js";
import type { Overrides, Run, Work } from "./study.js";
import { resourcesOf, scalars } from "./values.js";

/** Fields of which a list means: one run for each. */
const axes = ["method", "notebook", "variant", "dataset", "data", "preset", "seed", "fold", "set", "options", "engine"] as const;
const others = ["folds", "name", "command", "inputs", "evaluate", "resources", "retries"] as const;
export const runFields: readonly string[] = [...axes, ...others];

export type RunFields = Readonly<Partial<Record<(typeof axes)[number] | (typeof others)[number], Field>>>;

export interface RunLists {
  readonly runs: Field;
  readonly variants?: Field;
  readonly defaults?: Field;
  readonly conditions?: Field;
  readonly overrides: Overrides;
}

/**
 * Every run of a study. An entry of `runs` is a matrix: where it gives a list, there is a run for each value.
 * @throws BadStudyFile at the line at fault
 */
export function expandRuns({ runs, variants, defaults, conditions, overrides }: RunLists): Run[] {
  const named = variantsOf(variants);
  const common: RunFields = defaults?.fields(runFields) ?? {};
  const apply = conditionsOf(conditions);
  const found = runs.items().flatMap((entry) => {
    const own: RunFields = { ...common, ...entry.fields(runFields) };
    return combinations(own).flatMap((choice) =>
      foldsOf(choice).flatMap((fold) => {
        const run = apply(runOf(choice, fold, entry, named, overrides));
        return run === undefined ? [] : [{ run, entry }];
      }),
    );
  });
  const seen = new Map<string, Field>();
  for (const { run, entry } of found) {
    const before = seen.get(run.id);
    if (before) throw entry.fault(`makes a second run called ${run.id} (the first is on line ${before.line}); tell them apart by a variant or a name`, undefined);
    seen.set(run.id, entry);
  }
  if (found.length === 0) throw runs.fault("leaves no run to do");
  return found.map(({ run }) => run);
}

function combinations(fields: RunFields): RunFields[] {
  return axes.reduce<RunFields[]>(
    (all, axis) => (fields[axis] ? all.flatMap((choice) => fields[axis]!.each().map((value) => ({ ...choice, [axis]: value }))) : all),
    [fields],
  );
}

interface Variant {
  readonly set: Run["set"];
  readonly options: Run["options"];
}

function variantsOf(field: Field | undefined): ReadonlyMap<string, Variant> {
  return new Map(
    Object.entries(field?.fields() ?? {}).map(([name, variant]) => {
      if (!/^[\w.-]+$/.test(name)) throw variant.fault("must be called by a plain name");
      const { set, options } = variant.fields(["set", "options"]);
      return [name, { set: scalars(set), options: scalars(options) }];
    }),
  );
}

interface FoldChoice {
  readonly fold?: number;
  readonly folds?: number;
}

/** Where `folds` stands alone there is a run for each of them. */
function foldsOf({ method, command, fold, folds }: RunFields): FoldChoice[] {
  const given = fold ?? folds;
  if (given === undefined) return [{}];
  if (method?.value === "astra") throw given.fault(`is not for astra: ${dcaseHasNoFolds}`);
  // Otherwise every part would be the same run under another name.
  if (command && !command.items().some(({ value }) => String(value).includes("{fold}"))) throw given.fault("needs {fold} in one of the words of command", undefined);
  const all = folds?.whole(2) ?? (method ? usualFolds : undefined);
  if (fold === undefined) return Array.from({ length: all! }, (_, i) => ({ fold: i + 1, folds: all }));
  const number = fold.whole(method ? 1 : 0);
  if (all !== undefined && number > all) throw fold.fault(`must be at most ${all}, the number of folds`);
  return [{ fold: number, ...(all !== undefined && { folds: all }) }];
}

const usualFolds = 5;

function runOf(fields: RunFields, { fold, folds }: FoldChoice, entry: Field, variants: ReadonlyMap<string, Variant>, overrides: Overrides): Run {
  const work = workOf(fields, entry);
  const variantName = fields.variant?.text();
  const variant = variantName === undefined ? undefined : variants.get(variantName);
  if (variantName !== undefined && variant === undefined && work.kind !== "command")
    throw fields.variant!.fault(`must be one of the file's variants (${[...variants.keys()].join(", ") || "it has none"})`);
  const preset = overrides.preset ?? fields.preset?.text() ?? "quick";
  const seed = overrides.seed ?? fields.seed?.whole() ?? 1;
  const dataset = fields.dataset?.text();
  if (dataset !== undefined && fields.data !== undefined) throw fields.data.fault("and dataset exclude each other: a folder of your own, or sample data that Folio makes", undefined);
  const parts = [nameOf(work), variantName, dataset, preset, fold === undefined ? undefined : `fold${fold}`, `seed${seed}`];
  return {
    id: parts.filter((part) => part !== undefined).join("-"),
    work,
    ...(variantName !== undefined && { variant: variantName }),
    ...(dataset !== undefined && { dataset }),
    ...(fields.data && { data: fields.data.text() }),
    preset,
    seed,
    ...(fold !== undefined && { fold }),
    ...(folds !== undefined && { folds }),
    set: { ...variant?.set, ...scalars(fields.set) },
    options: { ...variant?.options, ...scalars(fields.options) },
    evaluate: scalars(fields.evaluate),
    engine: fields.engine?.text() ?? "auto",
    resources: resourcesOf(fields.resources),
    retries: fields.retries?.whole() ?? 1,
  };
}

function workOf({ method, notebook, command, name, inputs }: RunFields, entry: Field): Work {
  const given = [method, notebook, command].filter((field) => field !== undefined);
  if (given.length !== 1) throw entry.fault("must have exactly one of method, notebook and command", Object.keys(entry.fields()));
  const plain = (text: string, field: Field): string => {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(text)) throw field.fault("must be a plain name");
    return text;
  };
  if (method) return { kind: "method", method: plain(method.text(), method) };
  if (notebook) return { kind: "notebook", notebook: notebook.text() };
  if (name === undefined) throw command!.fault("needs a name beside it", undefined);
  return {
    kind: "command",
    name: plain(name.text(), name),
    command: command!.items().map((word) => String(word.scalar())),
    inputs: inputs?.each().map((input) => input.text()) ?? [],
  };
}

/** What a run's id begins with. */
export function nameOf(work: Work): string {
  return work.kind === "method" ? work.method : work.kind === "command" ? work.name : basename(work.notebook, ".ipynb");
}
