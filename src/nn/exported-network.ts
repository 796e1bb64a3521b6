import type { Tensor } from "@tensorflow/tfjs";
import type { NamedArray } from "./named.js";

/** One call of a network. */
export interface NetworkCall {
  /** The call's tensors by name; only their shapes matter. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The network, given tensors of those names and shapes; its results become the exported model's outputs. */
  readonly forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
}

/** A trained network on its way out of Folio, as a file that other frameworks open. The caller owns its variables. */
export interface ExportedNetwork extends NetworkCall {
  /** The weights under PyTorch's names; what training alone needs is left out. */
  readonly weights: object;
  /** Where the published code has other names or shapes: the arrays as it would load them. */
  readonly asPublished?: (arrays: ReadonlyMap<string, NamedArray>) => ReadonlyMap<string, NamedArray>;
  /** Calls after the first, where the network is used in steps: an encoder once, a decoder for every prompt. */
  readonly parts?: Readonly<Record<string, NetworkCall>>;
}
