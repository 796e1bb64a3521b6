import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256, sha256File, sha256Folder, writeJsonAtomic } from "../core/index.js";

/** A piece of work whose outputs are a function of its ingredients, so that it need not run twice. */
export interface Step {
  /** Kebab-case, unique among the steps that share a folder. */
  readonly name: string;
  /** Everything the outputs depend on, each as text or a content hash: code, data, parameters, seed, engine … */
  readonly ingredients: Readonly<Record<string, string>>;
  /** Files or folders the step leaves behind; a function where only the finished work knows their names. */
  readonly outputs: readonly string[] | (() => Promise<readonly string[]>);
  run(): Promise<void>;
}

export interface StepOutcome {
  readonly ran: boolean;
  /** Why it ran: the ingredients that changed, `"output PATH"`, or `"first run"`. Empty when it did not. */
  readonly because: readonly string[];
  readonly seconds: number;
}

interface Stamp {
  readonly ingredients: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Runs a step unless its stamp says that the same ingredients already gave the outputs that are still there, byte for byte.
 * The stamp is written after the work and removed before it, so a kill in between means "run again", never "done".
 *
 * @param folder where the stamps live, one JSON file a step
 * @example await once({ name: "report", ingredients: { template: hash }, outputs: ["out/report.html"], run }, ".folio/steps");
 */
export async function once(step: Step, folder: string): Promise<StepOutcome> {
  const started = performance.now();
  const stampFile = join(folder, `${step.name}.json`);
  const because = await reasonsToRun(step, await readStamp(stampFile));
  if (because.length > 0) {
    await rm(stampFile, { force: true });
    await step.run();
    await mkdir(dirname(stampFile), { recursive: true });
    const stamp: Stamp = { ingredients: step.ingredients, outputs: await hashOutputs(await outputsOf(step)) };
    await writeJsonAtomic(stampFile, stamp);
  }
  return { ran: because.length > 0, because, seconds: (performance.now() - started) / 1000 };
}

/** A content key for ingredients: equal ingredients in any order give an equal key. */
export function contentKey(ingredients: Readonly<Record<string, string>>): string {
  return sha256(ingredients);
}

async function reasonsToRun(step: Step, stamp: Stamp | undefined): Promise<string[]> {
  if (stamp === undefined) return ["first run"];
  const names = [...new Set([...Object.keys(step.ingredients), ...Object.keys(stamp.ingredients)])].sort();
  const changed = names.filter((name) => step.ingredients[name] !== stamp.ingredients[name]);
  const paths = [...new Set([...(await outputsOf(step)), ...Object.keys(stamp.outputs)])];
  const outputs = await hashOutputs(paths);
  const gone = paths.filter((path) => outputs[path] === "missing" || outputs[path] !== stamp.outputs[path]);
  return [...changed, ...gone.map((path) => `output ${path}`)];
}

async function outputsOf({ outputs }: Step): Promise<readonly string[]> {
  return typeof outputs === "function" ? outputs() : outputs;
}

async function hashOutputs(paths: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await hashPath(path)] as const)));
}

async function hashPath(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "missing";
  return found.isDirectory() ? sha256Folder(path) : sha256File(path);
}

async function readStamp(path: string): Promise<Stamp | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}
