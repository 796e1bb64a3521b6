import type { Tensor } from "@tensorflow/tfjs";

/** A function that shall leave as an ONNX model. */
export interface OnnxExport {
  /** Called once with the inputs; its results by name become the model's outputs. It may read no tensor and draw no random number. */
  readonly forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
  /** What becomes the model's inputs, in these shapes; their numbers do not matter. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Tensors it uses that become initializers under these names. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface ExportedModel {
  /** The bytes of an `.onnx` file. */
  readonly model: Uint8Array;
  /** Weights that the function did not use. */
  readonly unused: readonly string[];
}
