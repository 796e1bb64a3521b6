import type { RunQuery } from "../../results/index.js";
import type { SeriesName } from "../config.js";
import type { HelperArguments } from "./arguments.js";
import type { HelperContext } from "./render.js";

/**
 * `series="attention, ae-mse"` or `series="astra/attention"`, with `method="astra"` where a variant's name alone is not
 * enough; labels come from report.json. A variant that report.json does not list goes by its own name.
 */
export function seriesOf(args: HelperArguments, { config, records }: HelperContext): SeriesName[] {
  const method = args.optional("method");
  return args.list("series").map((name) => {
    const [first, second] = name.includes("/") ? name.split("/", 2) : [method, name];
    const matches = ({ method: m, variant }: { method: string; variant: string }): boolean => variant === second && (first === undefined || m === first);
    const named = config.series.filter(matches);
    if (named.length > 1) throw args.fault(`finds "${name}" in several methods (${named.map((one) => one.method).join(", ")}); write method/variant`);
    if (named[0]) return named[0];
    const recorded = records.find(matches);
    const owner = first ?? recorded?.method;
    if (owner === undefined) throw args.fault(`does not know the series "${name}": neither report.json nor a record has it`);
    return { method: owner, variant: second ?? name, label: second ?? name };
  });
}

/** What is left of the arguments: `preset`, `dataset`, `seed` choose runs, everything else names the group. */
export function queryOf(args: HelperArguments, _context: HelperContext): { group: Record<string, string>; runs: RunQuery } {
  const preset = args.optional("preset");
  const dataset = args.optional("dataset");
  const seed = args.number("seed");
  const runs = { ...(preset !== undefined && { preset }), ...(dataset !== undefined && { dataset }), ...(seed !== undefined && { seed }) };
  return { group: args.rest(), runs };
}
