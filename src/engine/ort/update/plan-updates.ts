import type { AdamAttrs } from "../lowering/adam.js";
import { range, sizeOf } from "../lowering/rule.js";
import type { RecordedNode } from "../recording.js";
import { weightsOfAMemory, type AdamUpdate } from "./adam-update.js";

/**
 * The Adam nodes of a recording that may run after the graph instead of in it: their weights, moments and settings are
 * known before, and nothing else recorded wants the results.
 */
export function updatesAfterGraph(nodes: readonly RecordedNode[], needed: readonly number[]): ReadonlySet<number> {
  const read = new Set(needed.flatMap((position) => nodes[position].inputs.map((input) => input?.value.source?.node.position)));
  return new Set(
    needed.filter((position) => {
      const { kernel, inputs, outputs } = nodes[position];
      if (kernel !== "FolioAdam" || read.has(position)) return false;
      const gradients = inputs.length - outputs.length / 3;
      return (
        inputs.slice(0, gradients).every((input) => input!.value.source === undefined) &&
        new Set(inputs.slice(0, gradients).map((input) => input!.value)).size === gradients &&
        outputs.every((output) => output.refs > 0)
      );
    }),
  );
}

/** The updates of an Adam node, the inputs and results they add to the graph's, and the gradients the graph must hand out. */
export function planUpdates({ attrs, inputs, outputs, position }: RecordedNode, prefix: string) {
  const { count } = attrs as AdamAttrs;
  const results = range(3 * count).map((output) => ({ node: position, output, name: `${prefix}.r${output}` }));
  const feeds = range(3 + 3 * count).map((input) => ({ leaf: inputs[input]!.value.leaf, name: `${prefix}.i${input}` }));
  const gradients = range(count).map((i) => ({ input: 3 + 3 * count + i, name: `${prefix}.g${i}` }));
  const shapes = outputs.slice(0, count).map(({ shape }) => shape);
  const updates = groupsForMemories(shapes).map((group): AdamUpdate => {
    const part = (at: number): string[] => group.map((i) => feeds[3 + at * count + i].name);
    return {
      attrs: attrs as AdamAttrs,
      rate: feeds[0].name,
      power1: feeds[1].name,
      power2: feeds[2].name,
      weights: part(0),
      first: part(1),
      second: part(2),
      gradients: group.map((i) => ({ name: gradients[i].name, shape: shapes[i] })),
      results: [0, 1, 2].flatMap((at) => group.map((i) => results[at * count + i].name)),
    };
  });
  return { updates, feeds, results, gradients };
}

/** Variables by number, in groups that each fit one memory. */
function groupsForMemories(shapes: readonly (readonly number[])[]): number[][] {
  const groups: number[][] = [];
  let room = 0;
  for (const [i, shape] of shapes.entries()) {
    const size = sizeOf(shape);
    if (size > room || groups.length === 0) {
      groups.push([]);
      room = weightsOfAMemory;
    }
    groups.at(-1)!.push(i);
    room -= size;
  }
  return groups;
}
