import type { EngineName, StateLocation, TensorFlow } from "./engine.js";
import type { ExportedModel, OnnxExport } from "./onnx-export.js";
import type { MakeStep } from "./step.js";

/** One way to run TensorFlow.js, each in its own folder: asked first whether it is there, then started. */
export interface Backend {
  readonly name: EngineName;
  /** What products and convolutions can be computed in beside float32. */
  readonly precisions?: readonly Precision[];
  /** Looks without loading more than it must; never throws. */
  probe(): Promise<Availability>;
  /** Makes TensorFlow.js run on this backend. Called only when {@link probe} said it is there. */
  start(tf: TensorFlow, options: StartOptions): Promise<RunningBackend>;
}

/** What products and convolutions are computed in; sums, weights and results are float32 in any case. */
export type Precision = "float32" | "bfloat16" | "float16";

export interface StartOptions {
  /** Threads for the kernels; the backend's own choice when undefined. */
  readonly threads?: number;
  /** How `ort` runs graphs; `"synchronous"` unless said otherwise. */
  readonly runs?: "synchronous" | "asynchronous";
  /** One of the backend's {@link Backend.precisions}, or float32. */
  readonly precision?: Precision;
  /** Whether `ort` may build weights into its graphs; `"variable"`, it may not, unless said otherwise. */
  readonly weights?: "fixed" | "variable";
}

export type Availability = Available | Missing;

export interface Available {
  readonly available: true;
  /** What would run the kernels, as {@link EngineDescription.device} says it. */
  readonly device: string;
}

export interface Missing {
  readonly available: false;
  readonly why: string;
  /** What the user can do, as one or two sentences. */
  readonly remedy: string;
}

export interface RunningBackend {
  readonly device: string;
  readonly state: StateLocation;
  readonly versions: Readonly<Record<string, string>>;
  counters?(): Readonly<Record<string, number>>;
  /** How this backend runs a step again and again, when it can do better than calling it. */
  readonly step?: MakeStep;
  /** On backends that know graphs. */
  exportOnnx?(what: OnnxExport): Promise<ExportedModel>;
  close(): Promise<void>;
}
