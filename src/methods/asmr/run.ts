import { sha256File } from "../../core/index.js";
import { dataIdentity, inFold, loadAcdc, type AcdcDataset, type AcdcSplit, type Fold } from "../../datasets/index.js";
import type { Engine, EngineDescription } from "../../engine/index.js";
import { openRunFolder, readRunFolder } from "../../nn/index.js";
import { provenanceNow, type Provenance } from "../../results/index.js";
import { checkpointPath } from "./checkpoints.js";
import { checkConfig, type AsmrConfig, type PresetName } from "./config.js";
import { simulateKspace, type KspaceSlice } from "./slices.js";

/** `run.json`: what a run folder was made with. */
export interface AsmrRun {
  readonly schema: "folio.run/1";
  readonly method: "asmr";
  readonly preset: PresetName;
  readonly seed: number;
  /** A cross-validation: which part of the patients was held out; absent where the folder's own split is used. */
  readonly fold?: Fold;
  readonly config: AsmrConfig;
  /** SHA-256 of every data file's name and bytes. */
  readonly data: string;
  /** SHA-256 of published weights that it started from. */
  readonly start?: Readonly<Record<string, string>>;
}

/** @throws UsageError when the folder holds a run of other settings */
export const openAsmrRun = (folder: string, wanted: AsmrRun): Promise<void> => openRunFolder(folder, wanted, ({ config }) => checkConfig(config));

/** @throws BadFile when the folder holds no run of this method */
export const readAsmrRun = (folder: string): Promise<AsmrRun> => readRunFolder<AsmrRun>(folder, "asmr", ({ config }) => checkConfig(config));

/** Identifies the data by content. */
export const acdcDataHash = (dataset: Pick<AcdcDataset, "root" | "generated">): Promise<string> => dataIdentity(dataset);

/** Every slice with its simulated k-space, by split: the folder's own, or that of a fold. */
export async function loadSamples(tf: Engine["tf"], dataset: AcdcDataset, { data }: Pick<AsmrConfig, "data">, { fold, ...options }: Pick<Parameters<typeof loadAcdc>[1], "progress" | "signal"> & { readonly fold?: Fold } = {}): Promise<Record<AcdcSplit, KspaceSlice[]>> {
  const sided = inFold(dataset.slices, fold, { unit: ({ patient }) => patient, stratum: ({ group = "" }) => group, validation: "next-fold" });
  const slices = await simulateKspace(tf, await loadAcdc({ ...dataset, slices: sided }, { size: data.size, fit: data.fit, ...options }), data);
  const of = (split: AcdcSplit): KspaceSlice[] => slices.filter((slice) => slice.split === split);
  return { train: of("train"), val: of("val"), test: of("test") };
}

/** The seed of the second segmentation network, which measures and never rewards. */
export const secondSeed = (seed: number): number => seed + 1_000_000;

/** What the numbers came from: data, checkpoints, code, engine. */
export async function asmrProvenance({ data, folder, engine, startedAt }: { data: string; folder?: string; engine: EngineDescription; startedAt: Date }): Promise<Provenance> {
  const checkpoints: Record<string, string> = folder === undefined ? {} : { rewardModel: await sha256File(checkpointPath(folder, "reward-model")), policy: await sha256File(checkpointPath(folder, "policy")) };
  return provenanceNow({ inputs: { data, ...checkpoints }, engine, startedAt });
}
