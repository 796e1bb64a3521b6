import type { Tensor } from "@tensorflow/tfjs";
import { InvalidValue, UsageError } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";
import type { ExportedModel, OnnxExport } from "../onnx-export.js";
import { Graph } from "./graph.js";
import type { LazyBackend } from "./lazy-backend.js";
import { equal } from "./lowering/rule.js";
import { encodeModel, type OnnxConstant, type OnnxGraph, type OnnxNode, type OnnxValue } from "./onnx/model.js";
import type { Operand, Recording } from "./recording.js";
import type { Numbers, Value } from "./value.js";

/** Records a function once, computes nothing, and writes its graph as an ONNX model; see `Engine.exportOnnx`. */
export async function exportOnnx(tf: TensorFlow, lazy: LazyBackend, { forward, inputs, weights }: OnnxExport): Promise<ExportedModel> {
  const names = new Map<Value, string>();
  const values = new Map<string, Value>();
  for (const [name, tensor] of [...Object.entries(inputs), ...weights]) {
    if (/^[vcio]\d+(_\d+)?$/.test(name)) throw new InvalidValue("exportOnnx", "v, c, i, o and a number name the graph's own values", name);
    const value = lazy.value(tensor.dataId);
    names.set(value, name);
    values.set(name, value);
  }
  for (const [, tensor] of weights) await tensor.data(); // a weight still to be computed is no constant yet
  const { recording, outputs } = record(tf, lazy, () => forward(inputs));
  for (const leaf of recording.leaves) lazy.numbers(leaf); // some may lie on a GPU
  const graph = graphOf(recording, names, Object.keys(inputs).map((name) => describe(name, values.get(name)!)), outputs);
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  const constants = [...weights.keys()]
    .filter((name) => used.has(name))
    .map((name): OnnxConstant => ({ ...describe(name, values.get(name)!), bytes: bytesOf(values.get(name)!.data!) }));
  return {
    model: encodeModel(withStoredFilters({ ...graph, constants: [...graph.constants, ...constants] })),
    unused: [...weights.keys()].filter((name) => !used.has(name)),
  };
}

interface Recorded {
  readonly recording: Recording;
  readonly outputs: readonly { readonly name: string; readonly operand: Operand }[];
}

function record(tf: TensorFlow, lazy: LazyBackend, forward: () => ReturnType<OnnxExport["forward"]>): Recorded {
  lazy.flush();
  const { runs } = lazy.counters;
  const elsewhere = new Map(lazy.elsewhere);
  let recorded: Recorded | undefined;
  tf.tidy(() => {
    const made = forward();
    const outputs = Object.entries(made).map(([name, tensor]: [string, Tensor]) => ({
      name,
      operand: { value: lazy.value(tensor.dataId), shape: tensor.shape, dtype: tensor.dtype as "float32" },
    }));
    recorded = { recording: lazy.takeRecording(), outputs };
  });
  const plain = [...lazy.elsewhere].find(([kernel, count]) => count !== (elsewhere.get(kernel) ?? 0));
  if (lazy.counters.runs !== runs || plain)
    throw new UsageError(`exportOnnx: the function cannot become one graph, because ${plain ? `${plain[0]} has no ONNX form` : "it reads a tensor"}.`);
  return recorded!;
}

function graphOf({ nodes, leaves }: Recording, names: ReadonlyMap<Value, string>, inputs: readonly OnnxValue[], outputs: Recorded["outputs"]): OnnxGraph {
  const graph = new Graph();
  const computed = new Map<Value, string>();
  for (const value of leaves) computed.set(value, names.get(value) ?? graph.constant(value.dtype, value.data!, value.shape));
  const nameOf = ({ value, shape }: Operand): string => {
    const name = computed.get(value) ?? names.get(value)!;
    return equal(shape, value.shape) ? name : graph.reshape(name, shape);
  };
  for (const { rule, attrs, inputs: operands, outputs: made } of nodes) {
    const given = operands.map((operand) => (operand === undefined ? undefined : nameOf(operand)));
    const emitted = rule.emit({ graph, attrs, inputs: operands, outputs: made }, given as string[]);
    made.forEach((value, i) => computed.set(value, emitted[i]));
  }
  return graph.finish(
    inputs,
    outputs.map(({ name, operand }) => ({ name, type: operand.dtype, shape: operand.shape, source: nameOf(operand) })),
  );
}

/**
 * Filters that are only ever used rearranged are stored so: our [height, width, in, out] leaves as [out, in, height, width], the
 * layout that ONNX and PyTorch know them in.
 */
function withStoredFilters(graph: OnnxGraph): OnnxGraph {
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const users = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) for (const name of node.inputs) users.set(name, [...(users.get(name) ?? []), node]);
  const renamed = new Map<string, string>();
  const gone = new Set<OnnxNode>();
  for (const { name } of graph.constants.filter(({ shape }) => shape.length === 4)) {
    let filter = constants.get(name)!;
    const passed: OnnxNode[] = [];
    for (let at = name; ; at = passed.at(-1)!.outputs[0]) {
      const [next, ...others] = users.get(at) ?? [];
      const rearranged = next && others.length === 0 ? rearrangedBy(next, at, filter, constants) : undefined;
      if (rearranged === undefined) break;
      filter = rearranged;
      passed.push(next);
    }
    if (passed.length === 0 || filter.shape.length !== 4) continue;
    constants.set(name, filter);
    renamed.set(passed.at(-1)!.outputs[0], name);
    for (const node of passed) gone.add(node);
  }
  const nodes = graph.nodes
    .filter((node) => !gone.has(node))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) }));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, nodes, constants: [...constants.values()].filter(({ name }) => used.has(name)) };
}

/** The constant after a transposition or a reshape to a constant shape; undefined for any other node. */
function rearrangedBy({ type, inputs, attributes }: OnnxNode, name: string, constant: OnnxConstant, constants: ReadonlyMap<string, OnnxConstant>): OnnxConstant | undefined {
  if (inputs[0] !== name) return undefined;
  if (type === "Transpose") return transposed(constant, attributes.perm as readonly number[]);
  const shape = type === "Reshape" ? constants.get(inputs[1]) : undefined;
  return shape && { ...constant, shape: Array.from(new BigInt64Array(shape.bytes.slice().buffer), Number) };
}

function transposed({ name, type, shape, bytes }: OnnxConstant, perm: readonly number[]): OnnxConstant {
  const size = bytes.length / shape.reduce((product, n) => product * n, 1);
  const to = perm.map((axis) => shape[axis]);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const steps = perm.map((axis) => strides[axis]);
  const out = new Uint8Array(bytes.length);
  const at = to.map(() => 0);
  let from = 0;
  for (let i = 0; i < out.length; i += size) {
    for (let b = 0; b < size; b++) out[i + b] = bytes[from * size + b];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++at[axis] < to[axis]) break;
      from -= steps[axis] * to[axis];
      at[axis] = 0;
    }
  }
  return { name, type, shape: to, bytes: out };
}

const describe = (name: string, { dtype, shape }: Value): OnnxValue => ({ name, type: dtype, shape });
const bytesOf = (numbers: Numbers): Uint8Array => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
