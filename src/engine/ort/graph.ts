import type { Provider } from "./runtime.js";
import type { OnnxAttribute, OnnxConstant, OnnxGraph, OnnxNode, OnnxPort, OnnxType } from "./onnx/model.js";
import { elementType } from "./onnx/model.js";

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/**
 * Builds an ONNX graph from named values. Equal nodes are made once (the key is type, inputs, attributes and number
 * of outputs), so a lowering rule may ask for the same thing as often as it likes.
 */
export class Graph {
  /** @param provider what will run the graph; a rule may avoid what it lacks */
  constructor(readonly provider: Provider = "cpu") {}

  readonly #nodes: OnnxNode[] = [];
  readonly #constants: OnnxConstant[] = [];
  readonly #made = new Map<string, readonly string[]>();
  readonly #constantNames = new Map<string, string>();
  /** How a name was made, for the peepholes below. */
  readonly #madeBy = new Map<string, OnnxNode>();
  readonly #stretched = new Map<string, string>();
  readonly #ones = new Set<string>();

  /** One operator with one output; returns the output's name. */
  op(type: string, inputs: readonly (string | undefined)[], attributes: Attributes = {}, domain = ""): string {
    return this.ops(type, inputs, attributes, 1, domain)[0];
  }

  /** One operator with several outputs. */
  ops(type: string, inputs: readonly (string | undefined)[], attributes: Attributes, outputs: number, domain = ""): readonly string[] {
    const key = `${domain}:${type}:${outputs}|${inputs.join(",")}|${JSON.stringify(attributes)}`;
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const names = Array.from({ length: outputs }, (_, i) => `v${this.#made.size}_${i}`);
    const node = { type, domain, inputs: inputs.map((name) => name ?? ""), outputs: names, attributes };
    this.#nodes.push(node);
    for (const name of names) this.#madeBy.set(name, node);
    this.#made.set(key, names);
    return names;
  }

  constant(type: OnnxType, values: ArrayLike<number>, shape: readonly number[]): string {
    const key = `${type}[${shape.join()}]${Array.from(values, (value) => (Object.is(value, -0) ? "-0" : value)).join()}`;
    const known = this.#constantNames.get(key);
    if (known !== undefined) return known;
    const name = `c${this.#constants.length}`;
    this.#constants.push({ name, type, shape, bytes: bytesOf(type, values) });
    this.#constantNames.set(key, name);
    return name;
  }

  /** A large constant, handed over beside the model. */
  weight(values: Float32Array, shape: readonly number[]): string {
    const name = `c${this.#constants.length}`;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#constants.push({ name, type: "float32", shape, bytes, beside: true });
    return name;
  }

  ints(values: readonly number[]): string {
    return this.constant("int64", values, [values.length]);
  }

  scalar(value: number, type: OnnxType = "float32"): string {
    return this.constant(type, [value], []);
  }

  add = (a: string, b: string): string => this.op("Add", [a, b]);
  sub = (a: string, b: string): string => this.op("Sub", [a, b]);
  mul = (a: string, b: string): string => this.op("Mul", [a, b]);
  div = (a: string, b: string): string => this.op("Div", [a, b]);

  /** a + b + c …: WebGPU's provider adds two at a time. */
  sum(parts: readonly string[]): string {
    return this.provider === "webgpu" ? parts.reduce(this.add) : this.op("Sum", parts);
  }

  /** a or b, of bools. */
  or(a: string, b: string): string {
    return this.provider === "webgpu" ? this.op("Not", [this.op("And", [this.op("Not", [a]), this.op("Not", [b])])]) : this.op("Or", [a, b]);
  }

  /** The product of matrices that may lie transposed. WebGPU's provider has no operator for that and would leave it to the processor. */
  matMul(a: string, b: string, { rankA, rankB, transposeA, transposeB }: { rankA: number; rankB: number; transposeA?: boolean; transposeB?: boolean }): string {
    if (this.provider !== "webgpu") return this.op("FusedMatMul", [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }, "com.microsoft");
    const turned = (x: string, rank: number): string => this.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
    return this.op("MatMul", [transposeA ? turned(a, rankA) : a, transposeB ? turned(b, rankB) : b]);
  }

  cast(x: string, type: OnnxType): string {
    return this.op("Cast", [x], { to: elementType(type) });
  }

  reshape(x: string, shape: readonly number[]): string {
    const maker = this.#madeBy.get(x);
    const source = maker?.type === "Reshape" ? maker.inputs[0] : x;
    return this.op("Reshape", [source, this.ints(shape)]);
  }

  /** A transposition; two that undo each other are none. */
  transpose(x: string, order: readonly number[]): string {
    const maker = this.#madeBy.get(x);
    if (maker?.type === "Transpose") {
      const before = maker.attributes.perm as readonly number[];
      const both = order.map((axis) => before[axis]);
      return both.every((from, to) => from === to) ? maker.inputs[0] : this.op("Transpose", [maker.inputs[0]], { perm: both });
    }
    return order.every((from, to) => from === to) ? x : this.op("Transpose", [x], { perm: order });
  }

  /** [from, to) with a step along some axes. */
  slice(
    x: string,
    axes: readonly number[],
    from: readonly number[],
    to: readonly number[],
    steps: readonly number[] = axes.map(() => 1),
  ): string {
    return this.op("Slice", [x, this.ints(from), this.ints(to), this.ints(axes), this.ints(steps)]);
  }

  /** x cut along an axis into parts of these sizes. */
  split(x: string, sizes: readonly number[], axis: number): readonly string[] {
    // WebGPU binds a buffer an output, and few of them.
    if (this.provider === "cpu" || sizes.length <= 4) return this.ops("Split", [x, this.ints(sizes)], { axis }, sizes.length);
    const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
    return ends.map((end, i) => this.slice(x, [axis], [end - sizes[i]], [end]));
  }

  reduceSum(x: string, axes: readonly number[], keep: boolean): string {
    return this.op("ReduceSum", [x, this.ints(axes)], { keepdims: keep ? 1 : 0 });
  }

  /** Zeros around x: `before` and `after` give an amount for every axis. */
  pad(x: string, before: readonly number[], after: readonly number[], value?: string): string {
    if ([...before, ...after].every((amount) => amount === 0)) return x;
    return this.op("Pad", [x, this.ints([...before, ...after]), value]);
  }

  /** x stretched to `shape`; an elementwise operator may use {@link unstretched} instead. */
  expand(x: string, shape: readonly number[]): string {
    const wide = this.op("Expand", [x, this.ints(shape)]);
    this.#stretched.set(wide, this.#stretched.get(x) ?? x);
    return wide;
  }

  fill(value: number, shape: readonly number[], type: OnnxType): string {
    const filled = this.expand(this.scalar(value, type), shape);
    if (value === 1) this.#ones.add(filled);
    return filled;
  }

  /** What was stretched to give x, or x itself. */
  unstretched(x: string): string {
    return this.#stretched.get(x) ?? x;
  }

  isOnes(x: string): boolean {
    return this.#ones.has(x);
  }

  /**
   * The finished graph: only what the outputs need, and the producers of outputs named directly (ONNX Runtime would
   * copy through an Identity).
   * @param outputs the wanted name of each output and the name of what it shall be
   */
  finish(inputs: readonly OnnxPort[], outputs: readonly (OnnxPort & { readonly source: string })[]): OnnxGraph {
    const renamed = new Map<string, string>();
    const copies: OnnxNode[] = [];
    for (const { name, source } of outputs) {
      if (this.#madeBy.has(source) && !renamed.has(source)) renamed.set(source, name);
      else copies.push({ type: "Identity", domain: "", inputs: [renamed.get(source) ?? source], outputs: [name], attributes: {} });
    }
    const rename = (name: string): string => renamed.get(name) ?? name;
    const nodes = this.#nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }));
    const alive = prune(
      [...nodes, ...copies],
      outputs.map((output) => output.name),
    );
    const used = new Set(alive.flatMap((node) => node.inputs));
    return { nodes: alive, constants: this.#constants.filter((constant) => used.has(constant.name)), inputs, outputs };
  }
}

function prune(nodes: readonly OnnxNode[], wanted: readonly string[]): OnnxNode[] {
  const needed = new Set(wanted);
  const alive: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    alive.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  return alive.toReversed();
}

function bytesOf(type: OnnxType, values: ArrayLike<number>): Uint8Array {
  switch (type) {
    case "float32":
      return new Uint8Array(Float32Array.from(values).buffer);
    case "int32":
      return new Uint8Array(Int32Array.from(values).buffer);
    case "int64":
      return new Uint8Array(BigInt64Array.from(Array.from(values, (value) => BigInt(value))).buffer);
    case "bool":
      return Uint8Array.from(values);
  }
}
