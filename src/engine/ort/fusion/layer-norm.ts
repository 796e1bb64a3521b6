import type { Operand, RecordedNode } from "../recording.js";
import { isVector, same, type Chains } from "./chains.js";
import type { Fusion } from "./fusion.js";

/** γ·(x − mean)/√(variance + ε) + β over the last axis. */
export function fuseLayerNorm(root: RecordedNode, chains: Chains): Fusion | undefined {
  if (root.kernel !== "Add") return undefined;
  const [sum, beta] = root.inputs as readonly Operand[];
  const weighted = chains.made(sum, "Multiply");
  if (!weighted || !isVector(beta, sum) || !isVector(weighted.inputs[1], sum)) return undefined;
  const [standard, gamma] = weighted.inputs;
  const deviation = divided(standard, chains);
  const centred = deviation && chains.made(deviation.of, "Sub");
  const guarded = deviation && chains.made(deviation.squared, "Add");
  const epsilon = guarded && chains.withNumber(guarded.inputs);
  const variance = epsilon && meanOverLast(epsilon.other, chains);
  const square = variance && chains.made(variance.of, "Square");
  const mean = centred && meanOverLast(centred.inputs[1], chains);
  if (!deviation || !centred || !guarded || !epsilon || !variance || !square || !mean) return undefined;
  const [x] = centred.inputs;
  if (!same(square.inputs[0], deviation.of) || !same(mean.of, x) || x.shape.join() !== sum.shape.join()) return undefined;
  const inner = [weighted.node, ...deviation.nodes, centred.node, guarded.node, variance.node, square.node, mean.node];
  if (!chains.closed(root, inner)) return undefined;
  const emit: Fusion["emit"] = (graph, names) => graph.op("LayerNormalization", names, { axis: -1, epsilon: { float: epsilon.number } });
  return { inputs: [x, gamma, beta], emit };
}

/** x · v^(−½) or x / √v: which x, which v. */
function divided({ value }: Operand, chains: Chains): { of: Operand; squared: Operand; nodes: RecordedNode[] } | undefined {
  const node = value.source?.node;
  if (node === undefined) return undefined;
  const [of, by] = node.inputs as readonly Operand[];
  const root = node.kernel === "Multiply" ? chains.made(by, "Rsqrt") : node.kernel === "RealDiv" ? chains.made(by, "Sqrt") : undefined;
  return root && { of, squared: root.inputs[0], nodes: [node, root.node] };
}

function meanOverLast({ value, shape }: Operand, chains: Chains): { of: Operand; node: RecordedNode } | undefined {
  const mean = chains.made({ value, shape, dtype: "float32" }, "Mean");
  if (mean === undefined) return undefined;
  const [of] = mean.inputs;
  const { axis } = mean.node.attrs as { axis: number | number[] };
  const [over, ...more] = [axis].flat();
  const rank = of.shape.length;
  const kept = shape.length === rank && shape.at(-1) === 1; // lies beside x as one number a row
  return more.length === 0 && (over === -1 || over === rank - 1) && kept ? { of, node: mean.node } : undefined;
}
