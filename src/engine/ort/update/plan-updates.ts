import type { AdamAttrs } from "../lowering/adam.js";
import { equal, range, sizeOf } from "../lowering/rule.js";
import type { Operand, RecordedNode } from "../recording.js";
import { weightsOfAMemory, type AdamUpdate } from "./adam-update.js";

/** Adam nodes that run after the graph, and nodes that they make unnecessary. */
export interface AfterGraph {
  readonly updates: ReadonlySet<number>;
  readonly replaced: ReadonlySet<number>;
}

/**
 * The Adam nodes of a recording that may run after the graph instead of in it: their weights (maybe decayed by AdamW),
 * moments and settings are known before, and nothing else recorded wants the results.
 */
export function updatesAfterGraph(nodes: readonly RecordedNode[], needed: readonly number[]): AfterGraph {
  const readers = new Map<number, number>();
  for (const input of needed.flatMap((position) => nodes[position].inputs)) {
    const source = input?.value.source?.node.position;
    if (source !== undefined) readers.set(source, (readers.get(source) ?? 0) + 1);
  }
  const updates = needed.filter((position) => {
    const { kernel, outputs } = nodes[position];
    if (kernel !== "FolioAdam" || readers.has(position) || outputs.some((output) => output.refs === 0)) return false;
    const known = undecayed(nodes[position]).map(({ value }) => value);
    return known.every((value) => value.source === undefined) && new Set(known).size === known.length;
  });
  const decays = updates.flatMap((position) => weightsOf(nodes[position]).flatMap((weight) => decayOf(weight)?.position ?? []));
  return { updates: new Set(updates), replaced: new Set(decays.filter((position) => readers.get(position) === 1)) };
}

/** The product that AdamW decays a weight by: w · (1 − αλ), which nobody else sees. */
function decayOf({ value }: Operand): RecordedNode | undefined {
  const node = value.source?.node;
  if (node?.kernel !== "Multiply" || value.refs > 0) return undefined;
  const [weight, share] = node.inputs as Operand[];
  const known = weight.value.source === undefined && share.value.source === undefined;
  return known && sizeOf(share.shape) === 1 && equal(weight.shape, node.outputs[0].shape) ? node : undefined;
}

const weightsOf = ({ inputs, attrs }: RecordedNode): readonly Operand[] =>
  (inputs as readonly Operand[]).slice(3, 3 + (attrs as AdamAttrs).count);

/** Settings, weights before any decay, and moments. */
function undecayed(node: RecordedNode): readonly Operand[] {
  const { count } = node.attrs as AdamAttrs;
  const operands = node.inputs.slice(0, 3 + 3 * count) as Operand[];
  const weights = weightsOf(node).map((weight) => decayOf(weight)?.inputs[0] ?? weight);
  return operands.toSpliced(3, count, ...weights);
}

/** The updates of an Adam node, the inputs and results they add to the graph's, and the gradients the graph must hand out. */
export function planUpdates(node: RecordedNode, prefix: string) {
  const { attrs, outputs, position } = node;
  const { count } = attrs as AdamAttrs;
  const results = range(3 * count).map((output) => ({ node: position, output, name: `${prefix}.r${output}` }));
  const feeds = undecayed(node).map(({ value }, input) => ({ leaf: value.leaf, name: `${prefix}.i${input}` }));
  const shares = weightsOf(node).map((weight) => decayOf(weight)?.inputs[1]?.value.leaf);
  const shareFeeds = [...new Set(shares)].flatMap((leaf) => (leaf === undefined ? [] : [{ leaf, name: `${prefix}.s${leaf}` }]));
  const gradients = range(count).map((i) => ({ input: 3 + 3 * count + i, name: `${prefix}.g${i}` }));
  const shapes = outputs.slice(0, count).map(({ shape }) => shape);
  const updates = groupsForMemories(shapes, shares).map((group): AdamUpdate => {
    const part = (at: number): string[] => group.map((i) => feeds[3 + at * count + i].name);
    const share = shares[group[0]];
    return {
      attrs: attrs as AdamAttrs,
      rate: feeds[0].name,
      power1: feeds[1].name,
      power2: feeds[2].name,
      share: share === undefined ? undefined : `${prefix}.s${share}`,
      weights: part(0),
      first: part(1),
      second: part(2),
      gradients: group.map((i) => ({ name: gradients[i].name, shape: shapes[i] })),
      results: [0, 1, 2].flatMap((at) => group.map((i) => results[at * count + i].name)),
    };
  });
  return { updates, feeds: [...feeds, ...shareFeeds], results, gradients };
}

/** Variables by number, in groups that decay alike and each fit one memory. */
function groupsForMemories(shapes: readonly (readonly number[])[], shares: readonly (number | undefined)[]): number[][] {
  const groups = new Map<number | undefined, number[][]>();
  const room = new Map<number | undefined, number>();
  for (const [i, shape] of shapes.entries()) {
    const size = sizeOf(shape);
    const alike = groups.get(shares[i]) ?? [];
    if (size > (room.get(shares[i]) ?? 0)) {
      alike.push([]);
      room.set(shares[i], weightsOfAMemory);
    }
    alike.at(-1)!.push(i);
    groups.set(shares[i], alike);
    room.set(shares[i], room.get(shares[i])! - size);
  }
  return [...groups.values()].flat();
}
