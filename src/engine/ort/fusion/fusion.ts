import type { Graph } from "../graph.js";
import type { Operand, RecordedNode } from "../recording.js";
import { fuseAttention } from "./attention.js";
import type { Chains } from "./chains.js";
import { fuseGelu } from "./gelu.js";
import { fuseLayerNorm } from "./layer-norm.js";

/** A chain of kernel calls that one ONNX operator computes. */
export interface Fusion {
  /** What the operator reads. */
  readonly inputs: readonly Operand[];
  /** Adds it to the graph; returns its output's name. */
  readonly emit: (graph: Graph, names: readonly string[]) => string;
}

/** Recognises a chain by its last call. */
export type FusionRule = (root: RecordedNode, chains: Chains) => Fusion | undefined;

/** The rules by the operator they need. Gradients read what lies inside such chains, so in a training step few are closed. */
export const fusionRules = { Gelu: fuseGelu, LayerNormalization: fuseLayerNorm, MultiHeadAttention: fuseAttention } as const satisfies Record<string, FusionRule>;

export type FusedOperator = keyof typeof fusionRules;
