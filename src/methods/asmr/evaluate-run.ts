import { BadFile, type Progress } from "../../core/index.js";
import { readAcdc } from "../../datasets/index.js";
import type { Engine } from "../../engine/index.js";
import { disposeWeights } from "../../nn/index.js";
import { recordOfFold, type ResultRecord } from "../../results/index.js";
import { checkpointPath, loadWeights } from "./checkpoints.js";
import { actionCount } from "./config.js";
import { evaluateAsmr, type BaselineName, type Evaluation } from "./evaluate.js";
import { initActorCritic, type ActorCritic } from "./policy.js";
import { predictor } from "./predict.js";
import { asmrRecord, pictureArtifacts, trainingArtifacts } from "./record.js";
import { acdcDataHash, asmrProvenance, loadSamples, readAsmrRun, secondSeed, type AsmrRun } from "./run.js";
import { initSegmenter, type Segmenter } from "./segmenter.js";
import { readHistory } from "./train-policy.js";

export interface EvaluateRunOptions {
  readonly engine: Engine;
  /** A folder of `folio train asmr`. */
  readonly run: string;
  readonly data: string;
  readonly budgets?: readonly number[];
  readonly baselines?: readonly BaselineName[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Evaluates a run folder. @returns one record a system, the policy first @throws BadFile when the folder holds no trained run */
export async function evaluateAsmrRun({ engine, run: folder, data, budgets, baselines, progress, signal }: EvaluateRunOptions): Promise<{ evaluations: Evaluation[]; records: ResultRecord[] }> {
  const startedAt = new Date();
  const { run, segmenter, second, policy } = await openTrained(engine, folder);
  const dataset = await readAcdc(data);
  const { train, test } = await loadSamples(engine.tf, dataset, run.config, { fold: run.fold, progress, signal });
  const evaluations = await evaluateAsmr({
    engine, config: run.config, segmenter, second, train, test, spacing: dataset.spacing, seed: run.seed, budgets, baselines, progress, signal,
    policies: [{ variant: policyVariant(run), what: policyWhat(run), policy }],
  });
  const provenance = await asmrProvenance({ data: await acdcDataHash(dataset), folder, engine: engine.describe(), startedAt });
  const history = await readHistory(folder, "policy");
  const pictures = await pictureArtifacts(test[0], new Map(evaluations[0].budgets.map(({ budget, orders }) => [budget, orders[0]])), predictor(engine, segmenter));
  const records = evaluations.map((evaluation, i) => recordOfFold(asmrRecord(evaluation, {
    dataset, run, provenance, test, ...(i === 0 && { artifacts: { ...trainingArtifacts(history, actionCount(run.config.data)), ...pictures } }),
  }), run.fold));
  for (const { weights } of [segmenter, policy, ...(second ? [second] : [])]) disposeWeights(weights);
  return { evaluations, records };
}

/** `ppo`, or what its ablation is called. */
export const policyVariant = ({ config: { policy } }: Pick<AsmrRun, "config">): string => (policy.sees === "image" ? "ppo" : "ppo-non-adaptive");

export const policyWhat = ({ config: { policy } }: Pick<AsmrRun, "config">): string =>
  policy.sees === "image" ? "lines chosen one by one by the policy" : "the same policy with its picture zeroed, so that it only counts lines";

/**
 * The networks of a run folder as their checkpoints left them; the caller owns their variables.
 * @throws BadFile when there is no run or a network is missing
 */
export async function openTrained({ tf }: Pick<Engine, "tf">, folder: string): Promise<{ run: AsmrRun; segmenter: Segmenter; second: Segmenter | undefined; policy: ActorCritic }> {
  const run = await readAsmrRun(folder);
  const segmenter = initSegmenter(tf, run.config, run.seed);
  const second = initSegmenter(tf, run.config, secondSeed(run.seed));
  const policy = initActorCritic(tf, run.config, run.seed);
  for (const [name, { weights }] of [["reward-model", segmenter], ["policy", policy]] as const) {
    if (await loadWeights(tf, folder, name, weights)) continue;
    for (const each of [segmenter, second, policy]) disposeWeights(each.weights);
    throw new BadFile("not-found", checkpointPath(folder, name), "is not there", "Train first: folio train asmr --data DIR --out RUN");
  }
  if (await loadWeights(tf, folder, "second-model", second.weights)) return { run, segmenter, second, policy };
  disposeWeights(second.weights);
  return { run, segmenter, second: undefined, policy };
}
