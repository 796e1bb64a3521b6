import { dataIdentity, type DcaseDataset } from "../../datasets/index.js";
import { openRunFolder, readRunFolder } from "../../nn/index.js";
import { checkConfig, type AstraConfig, type PresetName } from "./config.js";

/** `run.json`: what a run folder was made with. A run goes on only with the same. */
export interface AstraRun {
  readonly schema: "folio.run/1";
  readonly method: "astra";
  readonly preset: PresetName;
  readonly seed: number;
  readonly config: AstraConfig;
  /** SHA-256 of every data file's name and bytes. */
  readonly data: string;
  readonly attributeDim: number;
  /** SHA-256 of the file the backbone started from; null when it started at random. */
  readonly backbone: string | null;
}

/** Identifies the data by content. */
export const dataHash = (dataset: Pick<DcaseDataset, "root" | "generated">): Promise<string> => dataIdentity(dataset);

/** @throws UsageError when the folder holds a run of other settings; the message names the first difference */
export const openRun = (folder: string, wanted: AstraRun): Promise<void> => openRunFolder(folder, wanted, ({ config }) => checkConfig(config));

/** @throws BadFile when the folder holds no run, or one of something else */
export const readRun = (folder: string): Promise<AstraRun> => readRunFolder<AstraRun>(folder, "astra", ({ config }) => checkConfig(config));
