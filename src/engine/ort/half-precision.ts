import type { OnnxGraph, OnnxNode } from "./onnx/model.js";

export type HalfPrecision = "float16" | "bfloat16";

/** ONNX's numbers for the types. */
const elementTypes = { float32: 1, float16: 10, bfloat16: 16 };

/**
 * The operators that gain: products and convolutions, where a GPU multiplies halves and adds in float32. ONNX Runtime's CUDA provider
 * has no convolution in bfloat16 for the operator set of our graphs (docs/OperatorKernels.md of onnxruntime), so those stay as they are.
 */
const operators: Readonly<Record<HalfPrecision, ReadonlySet<string>>> = {
  float16: new Set(["MatMul", "FusedMatMul", "Gemm", "Conv", "ConvTranspose"]),
  bfloat16: new Set(["MatMul", "FusedMatMul", "Gemm"]),
};

/**
 * The same graph with its products and convolutions in half precision: their operands are rounded, their results widened again. Everything
 * else – sums, norms, softmax, losses, the optimizer – stays in float32, as do weights and every input and output: what PyTorch
 * calls automatic mixed precision. Gradients below 6e-8 vanish in float16 unless the loss is scaled (`LossScale` in `folio/nn`).
 *
 * @param how `"rounded"` multiplies in float32 what was rounded to halves, and rounds the result: for a processor, whose provider has no
 *   kernels in half precision, so that the numbers of a GPU can be had without one
 */
export function halfPrecision(graph: OnnxGraph, precision: HalfPrecision, how: "native" | "rounded" = "native"): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const cast = (from: string, to: string, type: keyof typeof elementTypes): string => {
    nodes.push({ type: "Cast", domain: "", inputs: [from], outputs: [to], attributes: { to: elementTypes[type] } });
    return to;
  };
  const round = (from: string, to: string): string => cast(cast(from, `${to}.half`, precision), to, "float32");
  const operands = new Map<string, string>();
  const operand = (name: string): string => {
    let known = operands.get(name);
    if (known === undefined) {
      known = how === "native" ? cast(name, `${name}.half`, precision) : round(name, `${name}.rounded`);
      operands.set(name, known);
    }
    return known;
  };
  for (const node of graph.nodes) {
    // The blocked layout's operators have the same names in another domain, and no halves.
    if (!operators[precision].has(node.type) || node.domain === "com.microsoft.nchwc") {
      nodes.push(node);
      continue;
    }
    const [output] = node.outputs;
    const inputs = node.inputs.map((name) => (name === "" ? "" : operand(name)));
    nodes.push({ ...node, inputs, outputs: [`${output}.product`] });
    // A product is rounded already when the next one reads it.
    operands.set(output, how === "native" ? `${output}.product` : output);
    if (how === "native") cast(`${output}.product`, output, "float32");
    else round(`${output}.product`, output);
  }
  const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  return { ...graph, nodes: nodes.filter(({ outputs }) => outputs.some((name) => used.has(name))) };
}
