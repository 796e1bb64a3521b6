import { BadFile, UsageError } from "../core/index.js";

/**
 * The cluster (patient, scan …) of each case, from its name: the first group of the expression, or the whole match.
 * @throws UsageError for an expression that is none; BadFile `no-cluster` naming the case that does not match
 * @example clustersByName(["p1_s03", "p1_s04"], "^(p\\d+)_") // ["p1", "p1"]
 */
export function clustersByName(names: readonly string[], expression: string): string[] {
  let pattern: RegExp;
  try {
    pattern = new RegExp(expression);
  } catch (error) {
    throw new UsageError(`--cluster-regex ${JSON.stringify(expression)} is no regular expression: ${(error as Error).message}.`);
  }
  return names.map((name) => {
    const match = pattern.exec(name);
    if (!match) throw new BadFile("no-cluster", name, `does not match --cluster-regex ${expression}`, "Widen the expression.");
    return match[1] ?? match[0];
  });
}
