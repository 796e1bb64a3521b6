import type { Scalar } from "./fields.js";

/** `reports/<name>/study.yaml`, read and checked: which runs there are, and what each may use. */
export interface Study {
  /** The folder's name: `five-papers`. */
  readonly name: string;
  readonly title: string;
  /** Where the result records go, relative to the project's root: `results/five-papers`. */
  readonly results: string;
  readonly runs: readonly Run[];
  readonly slurm: SlurmSettings;
}

/** One run: what is done, with which values, and what it may use. */
export interface Run {
  /** Unique in its study, a plain file name: `aespa-faithful-lidc-quick-seed2`. */
  readonly id: string;
  readonly work: Work;
  /** One of the study's own names for a set of options and settings; appended to the variants of the run's records. */
  readonly variant?: string;
  /** A dataset whose sample data Folio makes when they are not there: `dcase`. */
  readonly dataset?: string;
  /** A folder with data instead, relative to the project's root. */
  readonly data?: string;
  readonly preset: string;
  readonly seed: number;
  /** The part of a cross-validation that is held out; of a method, from 1. */
  readonly fold?: number;
  /** How many parts there are. */
  readonly folds?: number;
  /** Single settings of the method's configuration: `{ "training.epochs": 20 }`. */
  readonly set: Readonly<Record<string, Scalar>>;
  /** Options of `folio train METHOD`, or parameters of the notebook: `{ mode: "spa" }`. */
  readonly options: Readonly<Record<string, Scalar>>;
  /** Options of `folio evaluate METHOD`: `{ peers: false }`. */
  readonly evaluate: Readonly<Record<string, Scalar>>;
  readonly engine: string;
  readonly resources: Resources;
  /** How often a run that fails or is killed is tried again. */
  readonly retries: number;
}

export type Work =
  /** `folio train METHOD` and `folio evaluate METHOD`. */
  | { readonly kind: "method"; readonly method: string }
  | { readonly kind: "notebook"; readonly notebook: string }
  /** Any program that leaves result records in `{results}`; `inputs` are the files and folders it reads. */
  | { readonly kind: "command"; readonly name: string; readonly command: readonly string[]; readonly inputs: readonly string[] };

export interface Resources {
  /** Processor cores, and threads of the engine. */
  readonly cores: number;
  readonly memoryGb: number;
  readonly gpus: number;
  /** The longest one attempt may take; no limit when absent. */
  readonly minutes?: number;
}

/** What a cluster wants to know besides a run's resources. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly constraint?: string;
  /** Kind of GPU in `--gres=gpu:KIND:N`. */
  readonly gpuType?: string;
  /** Most runs of this study at one time. */
  readonly throttle?: number;
  /** Shell lines before the work: `module load node/22`. */
  readonly prologue: string;
  /** What the work is started through: `apptainer exec --nv folio.sif`. */
  readonly container: readonly string[];
  /** Seconds between the warning and the kill at the end of a run's time or at preemption. */
  readonly graceSeconds: number;
}

/** Values that stand in for the file's own, in every run: `folio start --preset small --seed 2`. */
export interface Overrides {
  readonly preset?: string;
  readonly seed?: number;
}
