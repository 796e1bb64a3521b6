import type { Operand, RecordedNode } from "../recording.js";
import type { Chains } from "./chains.js";
import type { Fusion } from "./fusion.js";

/**
 * Heads apart, softmax(s·q·kᵀ)·v, heads together: what ONNX Runtime computes in tiles that stay in the cache, without
 * writing scores or re-ordered heads.
 */
export function fuseAttention(root: RecordedNode, chains: Chains): Fusion | undefined {
  if (!swapsHeads(root)) return undefined;
  const mixed = chains.made(root.inputs[0]!, "BatchMatMul");
  const weights = mixed && plain(mixed.node) ? chains.made(mixed.inputs[0], "Softmax") : undefined;
  const scores = weights && (weights.node.attrs as { dim: number }).dim === 3 ? scaledScores(weights.inputs[0], chains) : undefined;
  const parts = scores && [scores.q, scores.k, mixed!.inputs[1]].map((part) => chains.made(part, "Transpose"));
  if (!mixed || !weights || !scores || !parts?.every((part) => part !== undefined && swapsHeads(part.node))) return undefined;
  if (!chains.closed(root, [mixed.node, weights.node, ...scores.nodes])) return undefined;
  const inputs = parts.map((part) => part!.inputs[0]); // [B, N, H, d] each
  const [batch, tokens, heads] = inputs[0].shape;
  if (inputs.some(({ shape }) => shape[0] !== batch || shape[2] !== heads)) return undefined;
  const width = inputs[2].shape[3];
  return {
    inputs,
    emit: (graph, names) => {
      const rows = names.map((name, i) => graph.reshape(name, [batch, inputs[i].shape[1], heads * inputs[i].shape[3]]));
      const y = graph.op("MultiHeadAttention", rows, { num_heads: heads, scale: { float: scores.scale } }, "com.microsoft");
      return graph.reshape(y, [batch, tokens, heads, width]);
    },
  };
}

/** (s·q)·kᵀ or s·(q·kᵀ). */
function scaledScores(scores: Operand, chains: Chains): { q: Operand; k: Operand; scale: number; nodes: RecordedNode[] } | undefined {
  const after = chains.made(scores, "Multiply");
  const scaledAfter = after && chains.withNumber(after.inputs);
  const product = chains.made(scaledAfter?.other ?? scores, "BatchMatMul");
  if (!product || !timesTransposed(product.node)) return undefined;
  const [q, k] = product.inputs;
  const before = chains.made(q, "Multiply");
  const scaledBefore = before && chains.withNumber(before.inputs);
  const nodes = [product.node, ...(scaledAfter ? [after.node] : []), ...(scaledBefore ? [before.node] : [])];
  return { q: scaledBefore?.other ?? q, k, scale: (scaledAfter?.number ?? 1) * (scaledBefore?.number ?? 1), nodes };
}

const swapsHeads = ({ kernel, attrs }: RecordedNode): boolean => kernel === "Transpose" && (attrs as { perm: number[] }).perm.join() === "0,2,1,3";
const plain = ({ attrs }: RecordedNode): boolean => !(attrs as Product).transposeA && !(attrs as Product).transposeB;
const timesTransposed = ({ attrs }: RecordedNode): boolean => !(attrs as Product).transposeA && (attrs as Product).transposeB;

interface Product {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}
