import { isVector, nearly, same, type Chains } from "./chains.js";
import type { Operand, RecordedNode } from "../recording.js";
import type { Fusion } from "./fusion.js";

/** x/2 · (1 + erf(x/√2)) in one pass, to the same bits; with the bias that x begins with, if nobody else sees the sum. */
export function fuseGelu(root: RecordedNode, chains: Chains): Fusion | undefined {
  if (root.kernel !== "Multiply") return undefined;
  const [left, right] = root.inputs as readonly Operand[];
  for (const [half, phi] of [[left, right], [right, left]]) {
    const plusOne = chains.made(phi, "Add");
    const erf = plusOne && chains.withNumber(plusOne.inputs);
    const curve = erf && erf.number === 1 ? chains.made(erf.other, "Erf") : undefined;
    const scaled = curve && chains.made(curve.inputs[0], "Multiply");
    const halved = chains.made(half, "Multiply");
    if (!plusOne || !curve || !scaled || !halved) continue;
    const [inside, outside] = [chains.withNumber(scaled.inputs), chains.withNumber(halved.inputs)];
    if (!inside || !outside || !nearly(inside.number, Math.SQRT1_2) || outside.number !== 0.5 || !same(inside.other, outside.other)) continue;
    const inner = [plusOne.node, curve.node, scaled.node, halved.node];
    if (!chains.closed(root, inner)) continue;
    const sum = chains.made(inside.other, "Add");
    if (sum && isVector(sum.inputs[1], sum.inputs[0]) && chains.closed(root, [...inner, sum.node]))
      return { inputs: sum.inputs, emit: (graph, [x, bias]) => graph.op("BiasGelu", [x, bias], {}, "com.microsoft") };
    return { inputs: [inside.other], emit: (graph, [x]) => graph.op("Gelu", [x], {}, "com.microsoft") };
  }
  return undefined;
}
