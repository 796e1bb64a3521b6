import type { Graph } from "../graph.js";

/** How TensorFlow.js's fused kernels name what follows a product or convolution. */
export interface ActivationAttrs {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

const known = new Set(["linear", "relu", "relu6", "sigmoid", "elu", "leakyrelu"]);

export const canActivate = ({ activation }: ActivationAttrs): boolean =>
  activation === undefined || activation === null || known.has(activation);

export function activate(graph: Graph, x: string, { activation, leakyreluAlpha }: ActivationAttrs): string {
  switch (activation) {
    case "relu":
      return graph.op("Relu", [x]);
    case "relu6":
      return graph.op("Clip", [x, graph.scalar(0), graph.scalar(6)]);
    case "sigmoid":
      return graph.op("Sigmoid", [x]);
    case "elu":
      return graph.op("Elu", [x]);
    case "leakyrelu":
      return graph.op("LeakyRelu", [x], { alpha: { float: leakyreluAlpha ?? 0.2 } });
    default:
      return x;
  }
}
