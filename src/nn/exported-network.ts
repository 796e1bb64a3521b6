import type { Tensor } from "@tensorflow/tfjs";

/** A trained network on its way out of Folio, as a file that other frameworks open. The caller owns its variables. */
export interface ExportedNetwork {
  /** The weights under PyTorch's names; what training alone needs is left out. */
  readonly weights: object;
  /** One call's tensors by name; only their shapes matter. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The network, given tensors of those names and shapes; its results become the exported model's outputs. */
  readonly forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
}
