import { seededRandom, silent, type Progress } from "../../core/index.js";
import type { Engine } from "../../engine/index.js";
import { Adam, assignArrays, disposeWeights, namedVariables, readArrays, readCheckpoint, runTraining, startOfTraining, trainableVariables, type NamedArray, type TrainingState } from "../../nn/index.js";
import { ssim } from "../../metrics/index.js";
import { acquire, columnPreference, maskOf } from "./acquire.js";
import { checkpointPath, loadTrainee, saveTrainee, type Trainee } from "./checkpoints.js";
import { collect, player } from "./collect.js";
import { checkConfig, type AsmrConfig } from "./config.js";
import { qualityFunction, ScanEnvironment, type ScanState } from "./environment.js";
import { initActorCritic, type ActorCritic } from "./policy.js";
import { ppoStep, ppoUpdate, type PpoReport } from "./ppo.js";
import { mean, pooledDice, predictor, type Predict } from "./predict.js";
import { makeSampler, type SliceSampler } from "./sampler.js";
import type { Segmenter } from "./segmenter.js";
import type { KspaceSlice } from "./slices.js";
import { requireSlices } from "./train-segmenter.js";

export interface TrainPolicyOptions {
  readonly engine: Pick<Engine, "tf" | "step">;
  readonly config: AsmrConfig;
  /** The frozen network that rewards. */
  readonly segmenter: Segmenter;
  readonly train: readonly KspaceSlice[];
  readonly val: readonly KspaceSlice[];
  readonly seed: number;
  /** Made from the training slices unless given. */
  readonly sampler?: SliceSampler;
  /** Weights that training starts from, by the names of its own; random where there are none. */
  readonly start?: ReadonlyMap<string, NamedArray>;
  readonly folder?: string;
  /** Name of the checkpoint; `policy` unless given. */
  readonly name?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** One update of training. */
export interface UpdateRecord extends PpoReport {
  /** From 1. */
  readonly update: number;
  readonly meanReturn: number | null;
}

/** One look at the validation slices, acquired greedily. */
export interface ValidationRecord {
  readonly update: number;
  readonly dice: number;
  readonly ssim: number;
  /** λ1·SSIM + λ2·Dice, by which the weights are chosen. */
  readonly score: number;
}

export interface TrainedPolicy extends ActorCritic {
  readonly history: readonly UpdateRecord[];
  readonly validation: readonly ValidationRecord[];
}

/** With weights and optimizer, all that a resumed run needs. */
interface PolicyState extends TrainingState {
  readonly scan: StoredScan;
  readonly records: readonly UpdateRecord[];
  readonly validation: readonly ValidationRecord[];
}

/** A {@link ScanState} as JSON. */
type StoredScan = Omit<ScanState, "masks" | "quality"> & { readonly masks: readonly (readonly number[])[]; readonly quality: readonly number[] };

/**
 * Trains a policy that chooses k-space lines by PPO (spec §4.7). The weights that score best on the validation slices, acquired greedily with the budget of the
 * configuration, are the result.
 *
 * With a folder, the state is saved after every look at the validation slices and when the signal fires; a later call goes on from there to the same result.
 *
 * @returns the policy; the caller owns its variables
 * @throws Interrupted, InvalidValue
 */
export async function trainPolicy(options: TrainPolicyOptions): Promise<TrainedPolicy> {
  const { engine, segmenter, train, val, seed, folder, name = "policy", progress = silent, signal } = options;
  const { tf } = engine;
  const config = checkConfig(options.config);
  const { ppo, data } = config;
  requireSlices(train, data.size, "the training split");
  requireSlices(val, data.size, "the validation split");
  const random = seededRandom(seed).stream(name);
  const weights = config.environment.sampler === "weighted" ? (options.sampler ?? makeSampler(train)).weights : train.map(() => 1);
  const environment = new ScanEnvironment(config, train, weights, qualityFunction(engine, segmenter, config.reward), random.stream("episodes"));
  const policy = initActorCritic(tf, config, seed);
  if (options.start) assignArrays(tf, namedVariables(policy.weights).filter(({ name }) => options.start!.has(name)), options.start, "start");
  const adam = new Adam(tf, trainableVariables(policy.weights), ppo.learningRate, { weightDecay: ppo.weightDecay });
  const trainee: Trainee = { weights: policy.weights, adam };
  const who = player(engine, policy);
  const take = ppoStep(engine, policy, adam, ppo);
  const validate = validator(engine, config, policy, predictor(engine, segmenter), val);
  let records: readonly UpdateRecord[] = [];
  let validation: readonly ValidationRecord[] = [];
  try {
    const saved = folder && (await loadTrainee<PolicyState>(tf, folder, name, trainee));
    let scan = saved ? revived(saved.scan) : await environment.reset();
    if (saved) ({ records, validation } = saved);
    await runTraining({
      task: `train ${name}`,
      epochs: Math.ceil(ppo.updates / ppo.evaluateEvery),
      stepsPerEpoch: ppo.evaluateEvery,
      step: async (epoch, step) => {
        const update = epoch * ppo.evaluateEvery + step;
        if (update < ppo.updates) {
          const own = random.stream("update").stream(update);
          const { experience, state, meanReturn } = await collect(environment, who, scan, ppo, own.stream("actions"));
          scan = state;
          records = [...records, { update: update + 1, meanReturn, ...(await ppoUpdate(take, experience, ppo, own.stream("minibatches"))) }];
        }
        if (step === ppo.evaluateEvery - 1) {
          const record = await validate(Math.min(update + 1, ppo.updates), signal);
          if (!validation.some(({ score }) => score > record.score)) trainee.best = await readArrays(namedVariables(policy.weights));
          validation = [...validation, record];
        }
        return -(records.at(-1)!.meanReturn ?? 0);
      },
      save: async (state) => (folder ? saveTrainee(folder, name, trainee, { ...state, scan: stored(scan), records, validation }) : "nothing"),
      progress,
      signal,
    }, saved || startOfTraining(ppo.learningRate));
    if (trainee.best) assignArrays(tf, namedVariables(policy.weights), trainee.best, name);
    return { ...policy, history: records, validation };
  } catch (error) {
    disposeWeights(policy.weights);
    throw error;
  } finally {
    adam.dispose();
  }
}

function validator(engine: Pick<Engine, "tf" | "step">, config: AsmrConfig, policy: ActorCritic, predict: Predict, val: readonly KspaceSlice[]): (update: number, signal?: AbortSignal) => Promise<ValidationRecord> {
  const preference = columnPreference(engine, policy);
  const { data: { size }, ppo, reward } = config;
  return async (update, signal) => {
    const orders = await acquire(preference, policy, val, { budget: ppo.evaluateBudget, signal });
    const predicted = await predict(val, orders.map((order) => maskOf(order, size)), signal);
    const dice = mean(pooledDice(predicted.map(({ label }) => label), val.map(({ label }) => label)));
    const similarity = mean(predicted.map(({ picture }, i) => sliceSsim(picture, val[i].image, size)));
    return { update, dice, ssim: similarity, score: reward.lambdaReconstruction * similarity + reward.lambdaSegmentation * dice };
  };
}

/** SSIM of a slice, data range from the truth as the release has it. */
export function sliceSsim(picture: Float32Array, image: Float32Array, size: number): number {
  const result = ssim(picture, image, [size, size], { dataRange: "truth" });
  return "score" in result ? result.score : Number.NaN;
}

/** Every update of a training that was saved; none where nothing was. */
export async function readHistory(folder: string, name: string): Promise<readonly UpdateRecord[]> {
  const path = checkpointPath(folder, name);
  const { metadata } = await readCheckpoint(path);
  return (JSON.parse(metadata.state ?? "{}") as Partial<PolicyState>).records ?? [];
}

const stored = ({ masks, quality, ...facts }: ScanState): StoredScan => ({ ...facts, masks: masks.map((mask) => [...mask]), quality: [...quality] });
const revived = ({ masks, quality, ...facts }: StoredScan): ScanState => ({ ...facts, masks: masks.map((mask) => Float32Array.from(mask)), quality: Float32Array.from(quality) });
