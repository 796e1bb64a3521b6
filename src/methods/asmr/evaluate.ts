import { InvalidValue, seededRandom, silent, type MetricValue, type Progress, type Random } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { acquire, columnPreference, maskOf, type LineOrder } from "./acquire.js";
import { fixedOrder, fixedSamplers } from "./baselines.js";
import type { AsmrConfig } from "./config.js";
import { qualityFunction } from "./environment.js";
import { batchSize, greedyFixed, greedyOracle, inChunks } from "./greedy.js";
import { learnLoupe } from "./loupe.js";
import { scorePredictions, summarise, type Scores } from "./measure.js";
import type { ActorCritic } from "./policy.js";
import { predictor, type Prediction } from "./predict.js";
import type { Segmenter } from "./segmenter.js";
import type { KspaceSlice } from "./slices.js";

/** A system that chooses lines, measured at every budget. */
export interface Evaluation {
  /** `ppo`, `centre`, `greedy-oracle` … */
  readonly variant: string;
  readonly what: string;
  readonly budgets: readonly MeasuredBudget[];
  /** All budgets' values; the group says which. */
  readonly metrics: readonly MetricValue[];
}

export interface MeasuredBudget {
  readonly budget: number;
  /** Columns of each test slice in the order they were acquired. */
  readonly orders: readonly LineOrder[];
  readonly scores: Scores;
}

/** A trained policy under the name its records get. */
export interface NamedPolicy {
  readonly variant: string;
  readonly what: string;
  readonly policy: ActorCritic;
}

/** What there is beside the policies. `loupe`, `greedy-fixed` and `greedy-oracle` cost as much as everything else together. */
export const baselineNames = [...fixedSamplers, "loupe", "greedy-fixed", "greedy-oracle", "all-lines"] as const;
export type BaselineName = (typeof baselineNames)[number];

const whatBaseline: Readonly<Record<BaselineName, string>> = {
  random: "lines drawn uniformly, anew for each slice",
  centre: "lines from the middle outwards",
  equispaced: "a third in the middle, the others evenly over the rest",
  vds: "variable density: half in the middle, the others drawn, nearer ones more often",
  loupe: "one mask for all slices, learned by gradient through the reward network",
  "greedy-fixed": "one mask for all slices, by forward search on training slices",
  "greedy-oracle": "the best next line of each slice, looking at its truth: not achievable, a reference",
  "all-lines": "everything, the quality that lines can reach",
};

export interface EvaluateOptions {
  readonly engine: Pick<Engine, "tf" | "step">;
  readonly config: AsmrConfig;
  /** The reward network, which also predicts. */
  readonly segmenter: Segmenter;
  /** A network of another seed that never rewarded: its Dice tells whether a policy has only learned to please the first. */
  readonly second?: Segmenter;
  readonly policies: readonly NamedPolicy[];
  /** For the learned and searched baselines; never looked at otherwise. */
  readonly train: readonly KspaceSlice[];
  readonly test: readonly KspaceSlice[];
  readonly spacing: "mm" | "pixels";
  readonly seed: number;
  readonly budgets?: readonly number[];
  readonly baselines?: readonly BaselineName[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Policies and baselines on the same test slices, at every budget (spec §5): each chooses its lines, the same network segments what they reconstruct.
 * @returns policies first
 * @throws Interrupted, InvalidValue
 */
export async function evaluateAsmr(options: EvaluateOptions): Promise<Evaluation[]> {
  const { engine, config, segmenter, second, policies, test, spacing, seed, baselines = baselineNames, progress = silent, signal } = options;
  const budgets = [...(options.budgets ?? config.evaluation.budgets)].sort((a, b) => a - b);
  if (test.length === 0) throw new InvalidValue("evaluate asmr", "the test split must have slices", 0);
  const batch = batchSize(test.length, 32);
  const predict = predictor(engine, segmenter, batch);
  const predictSecond = second && predictor(engine, second, batch);
  const width = config.data.size;
  const measured = async (orders: readonly LineOrder[], budget: number): Promise<MeasuredBudget> => {
    const masks = orders.map((order) => maskOf(order, width));
    const predictions = await predict(test, masks, signal);
    const others: Prediction[] | undefined = predictSecond && (await predictSecond(test, masks, signal));
    return { budget, orders, scores: scorePredictions(test, predictions, others) };
  };
  const evaluations: Evaluation[] = [];
  const task = progress.begin("acquire and segment", policies.length + baselines.length);
  const add = async (variant: string, what: string, ordersOf: (budget: number) => Promise<readonly LineOrder[]>): Promise<void> => {
    const own: MeasuredBudget[] = [];
    for (const budget of budgets) own.push(await measured(await ordersOf(budget), budget));
    evaluations.push({ variant, what, budgets: own, metrics: own.flatMap(({ budget, scores }) => summarise(scores, budget, spacing)) });
    task.update(evaluations.length, variant);
  };
  for (const { variant, what, policy } of policies) {
    const preference = columnPreference(engine, policy);
    await add(variant, what, (budget) => acquire(preference, policy, test, { budget, signal }));
  }
  const chooser = baselineOrders(options, budgets.at(-1)!, seededRandom(seed).stream("baselines"));
  for (const name of baselines) await add(name, whatBaseline[name], (budget) => chooser(name, budget));
  task.end(`${evaluations.length} systems on ${test.length} slices`);
  return evaluations;
}

/** The lines of every baseline for every test slice; searches are made once, their beginnings are the smaller budgets. */
function baselineOrders({ engine, config, segmenter, train, test, seed, progress, signal }: EvaluateOptions, largest: number, random: Random): (name: BaselineName, budget: number) => Promise<readonly LineOrder[]> {
  const { data: { size: width, sampledIndices: range }, evaluation: { greedySlices }, reward } = config;
  const kept = new Map<BaselineName, readonly LineOrder[]>();
  const searched = async (name: "greedy-fixed" | "greedy-oracle"): Promise<readonly LineOrder[]> => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const quality = inChunks(qualityFunction(engine, segmenter, reward), batchSize(name === "greedy-fixed" ? greedySlices : test.length, 32));
    const search = { quality, range, width, budget: largest, progress, signal };
    const sample = random.stream("greedy-slices").shuffled(train).slice(0, greedySlices);
    const orders = name === "greedy-oracle" ? await greedyOracle(test, search) : await greedyFixed(sample, search).then((order) => test.map(() => order));
    kept.set(name, orders);
    return orders;
  };
  return async (name, budget) => {
    if (name === "all-lines") return test.map(() => Array.from({ length: width }, (_, column) => column));
    if (name === "loupe") {
      const order = await learnLoupe({ engine, config, segmenter, train, budget, seed, progress, signal });
      return test.map(() => order);
    }
    if (name === "greedy-fixed" || name === "greedy-oracle") return (await searched(name)).map((order) => order.slice(0, budget));
    return test.map(({ id }) => fixedOrder(name, { width, range, budget, random: random.stream(name).stream(budget).stream(id) }));
  };
}

/** How many different sets of columns were taken: 1 is a mask that never looks at the slice. */
export function distinctMasks({ orders }: Pick<MeasuredBudget, "orders">): number {
  return new Set(orders.map((order) => [...order].sort((a, b) => a - b).join())).size;
}
