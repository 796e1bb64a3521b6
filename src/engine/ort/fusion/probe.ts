import { Graph } from "../graph.js";
import { encodeModel } from "../onnx/model.js";
import type { Runtime } from "../runtime.js";
import { fusionRules, type FusedOperator, type FusionRule } from "./fusion.js";

const shape = [1, 2, 2];
const x = [1, -2, 0.5, 3];
const [gamma, beta] = [[2, -1], [0.5, 0.25]];

/** How each operator is called on [1, 2, 2] numbers, and what it must give. */
const trials: Record<FusedOperator, { emit: (graph: Graph) => string; expected: readonly number[] }> = {
  Gelu: {
    // The mean of what it gives with and without a bias.
    emit: (graph) => {
      const bias = graph.constant("float32", beta, [2]);
      const both = [graph.op("Gelu", ["x"], {}, "com.microsoft"), graph.op("BiasGelu", [graph.sub("x", bias), bias], {}, "com.microsoft")];
      return graph.mul(graph.add(both[0], both[1]), graph.scalar(0.5));
    },
    expected: [0.8413447, -0.0455003, 0.3457312, 2.9959503],
  },
  LayerNormalization: {
    emit: (graph) => graph.op("LayerNormalization", ["x", graph.constant("float32", gamma, [2]), graph.constant("float32", beta, [2])], { axis: -1, epsilon: { float: 0 } }),
    expected: [2.5, 1.25, -1.5, -0.75],
  },
  MultiHeadAttention: {
    emit: (graph) => graph.op("MultiHeadAttention", ["x", "x", "x"], { num_heads: 1, scale: { float: 0.5 } }, "com.microsoft"),
    expected: attended(0.5),
  },
};

/** softmax(s·x·xᵀ)·x in double precision. */
function attended(scale: number): number[] {
  const rows = [x.slice(0, 2), x.slice(2)];
  return rows.flatMap((query) => {
    const weights = rows.map((key) => Math.exp(scale * (query[0] * key[0] + query[1] * key[1])));
    const sum = weights[0] + weights[1];
    return [0, 1].map((at) => (weights[0] * rows[0][at] + weights[1] * rows[1][at]) / sum);
  });
}

/** The rules whose operator is there and computes what we expect of it, tried once an engine. */
export async function probeFusions(runtime: Runtime): Promise<readonly FusionRule[]> {
  const rules: FusionRule[] = [];
  for (const [operator, rule] of Object.entries(fusionRules) as [FusedOperator, FusionRule][]) {
    if (await computesRight(runtime, operator).catch(() => false)) rules.push(rule);
  }
  return rules;
}

async function computesRight(runtime: Runtime, operator: FusedOperator): Promise<boolean> {
  const { emit, expected } = trials[operator];
  const graph = new Graph();
  const float = (name: string) => ({ name, type: "float32" as const, shape });
  const session = runtime.compile(encodeModel(graph.finish([float("x")], [{ ...float("y"), source: emit(graph) }])), { threads: 1 });
  try {
    const { y } = await session.run({ x: runtime.tensor("float32", Float32Array.from(x), shape) }, { y: null });
    return expected.every((value, at) => Math.abs((y.data as Float32Array)[at] - value) < 1e-5);
  } finally {
    session.dispose();
  }
}
