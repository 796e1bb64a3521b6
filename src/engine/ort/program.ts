import { equal, sizeOf } from "./lowering/rule.js";
import { Chains } from "./fusion/chains.js";
import type { FusionRule } from "./fusion/fusion.js";
import { Graph } from "./graph.js";
import { halfPrecision } from "./half-precision.js";
import { natural, type Form } from "./layout/form.js";
import { Lowering } from "./layout/layout.js";
import { encodeModel, type OnnxValue } from "./onnx/model.js";
import type { Operand, RecordedNode, Recording } from "./recording.js";
import { isAsPacked, packableLeaves, type PackedWeight } from "./packable-weights.js";
import type { CompileOptions } from "./compile-options.js";
import type { Runtime, Session } from "./runtime.js";
import type { AdamUpdate } from "./update/adam-update.js";
import { planUpdates, updatesAfterGraph } from "./update/plan-updates.js";
import type { Numbers, Value } from "./value.js";

/** A graph that ONNX Runtime has compiled for one kind of recording. */
export interface Executable {
  /** What it was compiled for; a program lets go of its session when it is dropped or compiled anew. */
  readonly program: Program;
  readonly session: Session;
  /** Which leaf goes into which input. */
  readonly feeds: readonly { readonly leaf: number; readonly name: string }[];
  /** Which output of which node comes out where. */
  readonly results: readonly { readonly node: number; readonly output: number; readonly name: string }[];
  /** Numbers that were built into the graph; another number in their place needs another graph. */
  readonly builtIn: ReadonlyMap<number, Numbers>;
  /** Weights that are built in as long as they stay what they are. */
  readonly packed: readonly PackedWeight[];
  /** Chains of kernel calls that became one operator. */
  readonly fused: number;
  /** What happens to weights once the graph has run. Their inputs are among `feeds`, their results among `results`. */
  readonly updates: readonly AdamUpdate[];
  /** The names among `feeds` and `results` that only the updates know. */
  readonly besideGraph: ReadonlySet<string>;
}

/** All recordings with one key: what they need, and the graph that computes it. */
export class Program {
  /** Positions of the nodes that something still wanted depends on. */
  readonly needed: readonly number[];
  /** Leaves that were built in and then changed: inputs from then on, so that a schedule compiles once more and never again. */
  readonly #promoted = new Set<number>();
  #executable?: Executable;
  /** Leaves that are built in as long as they stay what they are. */
  #packable: readonly number[];
  #timesRepacked = 0;
  /** Everything it computes, and the weights it packs, in bytes: no less than its session keeps as working memory. */
  readonly workingBytes: number;
  /** When it was last used, in flushes. */
  usedAt = 0;

  constructor(
    readonly key: Int32Array,
    recording: Recording,
    weights: "fixed" | "variable",
  ) {
    const needed = new Set<number>();
    for (const node of recording.nodes.toReversed()) {
      if (!needed.has(node.position) && !node.outputs.some((output) => output.refs > 0)) continue;
      needed.add(node.position);
      for (const input of node.inputs) {
        if (input?.value.source !== undefined) needed.add(input.value.source.node.position);
      }
    }
    this.needed = [...needed].sort((a, b) => a - b);
    this.#packable = weights === "fixed" ? packableLeaves(recording, this.needed) : [];
    const shapes = [
      ...this.needed.flatMap((position) => recording.nodes[position].outputs.map(({ shape }) => shape)),
      ...this.#packable.map((leaf) => recording.leaves[leaf].shape),
    ];
    this.workingBytes = shapes.reduce((bytes, shape) => bytes + 4 * sizeOf(shape), 0);
  }

  matches(recording: Recording): boolean {
    const { key } = this;
    if (key.length !== recording.key.length) return false;
    for (let i = 0; i < key.length; i++) if (key[i] !== recording.key[i]) return false;
    return true;
  }

  /** The compiled graph; `compiled` is called when one had to be made. */
  executable(recording: Recording, runtime: Runtime, options: CompileOptions, compiled: (executable: Executable) => void): Executable {
    if (this.#executable !== undefined && this.#stillValid(this.#executable, recording)) return this.#executable;
    this.dispose();
    this.#executable = this.#compile(recording, runtime, options);
    compiled(this.#executable);
    return this.#executable;
  }

  dispose(): void {
    this.#executable?.session.dispose();
    this.#executable = undefined;
  }

  /** Whether a graph that someone kept still has its session. */
  holds(executable: Executable): boolean {
    return this.#executable === executable;
  }

  #stillValid({ builtIn, packed }: Executable, { leaves }: Recording): boolean {
    let valid = packed.every((weight) => leaves[weight.leaf] === weight.value && isAsPacked(weight));
    if (!valid && ++this.#timesRepacked > mostRepacked) this.#packable = [];
    for (const [leaf, numbers] of builtIn) {
      const { data } = leaves[leaf];
      if (numbers.every((number, i) => Object.is(number, data![i]))) continue;
      this.#promoted.add(leaf);
      valid = false;
    }
    return valid;
  }

  #compile(recording: Recording, runtime: Runtime, options: CompileOptions): Executable {
    const { nodes, leaves } = recording;
    const graph = new Graph(options.provider);
    const packed = this.#packable.map((leaf): PackedWeight => ({ leaf, value: leaves[leaf], version: leaves[leaf].version }));
    const builtIn = new Map<number, Numbers>();
    const inputs: OnnxValue[] = [];
    const feeds: { leaf: number; name: string }[] = [];
    const leafNames = new Map<number, string>();
    const nameOfLeaf = (value: Value): string => {
      const { leaf } = value;
      let name = leafNames.get(leaf);
      if (name !== undefined) return name;
      if (value.constant && !this.#promoted.has(leaf)) {
        builtIn.set(leaf, value.data!.slice());
        name = graph.constant(value.dtype, value.data!, value.shape);
      } else if (this.#packable.includes(leaf)) {
        name = graph.weight(value.data as Float32Array, value.shape);
      } else {
        name = `i${leaf}`;
        inputs.push({ name, type: value.dtype, shape: value.shape });
        feeds.push({ leaf, name });
      }
      leafNames.set(leaf, name);
      return name;
    };

    const lowering = new Lowering(graph, options.layout);
    const computed = new Map<Value, Form>();
    const formOf = ({ value, shape }: Operand): Form => {
      const form = value.source === undefined ? natural(nameOfLeaf(value), value.shape) : computed.get(value)!;
      return equal(shape, value.shape) ? form : lowering.reshape(form, shape);
    };
    // The chain's inner calls have been lowered already; what nobody reads is dropped when the graph is finished.
    let fused = 0;
    const fuse = (node: RecordedNode, rules: readonly FusionRule[]): readonly Form[] | undefined => {
      for (const rule of rules) {
        const fusion = rule(node, chains);
        if (fusion === undefined) continue;
        const forms = fusion.inputs.map(formOf);
        if (!forms.every(({ kind }) => kind === "natural")) continue; // images in blocks go on as they are
        fused++;
        return [natural(fusion.emit(graph, forms.map((form) => lowering.name(form))), node.outputs[0].shape)];
      }
      return undefined;
    };
    const outputs: (OnnxValue & { source: string })[] = [];
    const results: { node: number; output: number; name: string }[] = [];
    const onProcessor = options.provider === undefined || options.provider === "cpu";
    const afterGraph = onProcessor && runtime.queue === undefined ? updatesAfterGraph(nodes, this.needed) : undefined;
    const chains = new Chains(nodes, this.needed, ({ value, shape }) => (value.source === undefined && sizeOf(shape) === 1 ? builtIn.get(value.leaf)?.[0] : undefined));
    const updates: AdamUpdate[] = [];
    const besideGraph = new Set<string>();
    for (const position of this.needed) {
      const node = nodes[position];
      if (afterGraph?.replaced.has(position)) continue;
      if (afterGraph?.updates.has(position)) {
        const planned = planUpdates(node, `u${position}`);
        updates.push(...planned.updates);
        feeds.push(...planned.feeds);
        results.push(...planned.results);
        for (const { name } of [...planned.feeds, ...planned.results]) besideGraph.add(name);
        for (const { name, input } of planned.gradients) {
          const { shape } = node.inputs[input]!;
          outputs.push({ name, type: "float32", shape, source: lowering.name(formOf(node.inputs[input]!)) });
        }
        continue;
      }
      const forms =
        fuse(node, options.fusions ?? []) ??
        lowering.emit(
          node,
          node.inputs.map((input) => (input === undefined ? undefined : formOf(input))),
        );
      for (const [output, value] of node.outputs.entries()) {
        computed.set(value, forms[output]);
        if (value.refs === 0) continue;
        const name = `o${outputs.length}`;
        outputs.push({ name, type: value.dtype, shape: value.shape, source: lowering.name(forms[output]) });
        results.push({ node: position, output, name });
      }
    }
    const finished = graph.finish(inputs, outputs);
    const beside = new Map(finished.constants.filter((constant) => constant.beside).map(({ name, bytes }) => [name, bytes]));
    // Single numbers are what people read, such as losses; everything else is most likely wanted by the next graph only.
    const onDevice = options.keepsOnDevice ? outputs.filter(({ shape }) => sizeOf(shape) > 1).map(({ name }) => name) : [];
    const session = runtime.compile(encodeModel(options.half === undefined ? finished : halfPrecision(finished, options.half, onProcessor ? "rounded" : "native")), { ...options, onDevice }, beside);
    return { program: this, session, feeds, results, builtIn, packed, fused, updates, besideGraph };
  }
}

/** Packed weights that changed so often are left alone. */
const mostRepacked = 2;
