import { readFile, readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { UsageError } from "../../core/index.js";
import { BadStudyFile, yamlFields, type Field, type Scalar } from "./fields.js";
import { expandRuns } from "./expand.js";
import type { Overrides, SlurmSettings, Study } from "./study.js";

/**
 * Reads `<root>/reports/<name>/study.yaml`.
 * @throws UsageError when there is no such study, naming those that are there
 * @throws BadStudyFile at the first line at fault
 */
export async function readStudy(root: string, name: string, overrides: Overrides = {}): Promise<Study> {
  const path = join(root, "reports", name, "study.yaml");
  const text = await readFile(path, "utf8").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    const there = await listStudies(root);
    throw new UsageError(`study: there is no ${relative(root, path)}. ${there.length > 0 ? `Studies: ${there.join(", ")}.` : "Write one; reports/README.md shows how."}`);
  });
  return parseStudy(text, { name, file: relative(root, path), overrides });
}

/** Names of the folders below `reports/` that hold a study file. */
export async function listStudies(root: string): Promise<string[]> {
  const folders = await readdir(join(root, "reports"), { recursive: true }).catch(() => []);
  return folders.filter((path) => basename(path) === "study.yaml").map((path) => path.split(/[\\/]/).slice(0, -1).join("/")).sort();
}

const topFields = ["title", "results", "variants", "defaults", "runs", "conditions", "slurm"] as const;

/** @throws BadStudyFile */
export function parseStudy(text: string, { name, file, overrides = {} }: { name: string; file: string; overrides?: Overrides }): Study {
  const top = yamlFields(text, file).fields(topFields);
  if (top.runs === undefined) throw new BadStudyFile(file, 1, "runs", "is missing; it lists what is to be run");
  const runs = expandRuns({ runs: top.runs, variants: top.variants, defaults: top.defaults, conditions: top.conditions, overrides });
  return {
    name,
    title: top.title?.text() ?? name,
    results: top.results?.text() ?? `results/${name}`,
    runs,
    slurm: slurmSettings(top.slurm),
  };
}

function slurmSettings(field: Field | undefined): SlurmSettings {
  const found = field?.fields(["partition", "account", "qos", "constraint", "gpuType", "throttle", "prologue", "container", "graceSeconds"]) ?? {};
  const texts = (["partition", "account", "qos", "constraint", "gpuType"] as const).flatMap((key): [string, Scalar][] => (found[key] ? [[key, found[key].text()]] : []));
  for (const [key, value] of texts) if (!/^[\w.,:&|*[\]()-]+$/.test(String(value))) throw found[key].fault("must be a plain name");
  return {
    ...Object.fromEntries(texts),
    ...(found.throttle && { throttle: found.throttle.whole(1) }),
    prologue: found.prologue?.text() ?? "",
    container: found.container?.text().trim().split(/\s+/) ?? [],
    graceSeconds: found.graceSeconds?.whole(1) ?? 60,
  };
}
