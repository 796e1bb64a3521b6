import type { Operand, RecordedNode } from "../recording.js";

/** The number that a scalar operand is built into the graph as; undefined for everything else. */
export type NumberOf = (operand: Operand) => number | undefined;

/** Walks a recording backwards: what made an operand, and who else reads it. */
export class Chains {
  readonly #readers = new Map<RecordedNode, RecordedNode[]>();

  constructor(
    nodes: readonly RecordedNode[],
    needed: readonly number[],
    readonly number: NumberOf,
  ) {
    for (const position of needed) {
      for (const input of nodes[position].inputs) {
        const maker = input?.value.source?.node;
        if (maker === undefined) continue;
        const readers = this.#readers.get(maker);
        if (readers === undefined) this.#readers.set(maker, [nodes[position]]);
        else readers.push(nodes[position]);
      }
    }
  }

  /** The call of this kernel that made the operand. */
  made({ value }: Operand, kernel: string): { readonly node: RecordedNode; readonly inputs: readonly Operand[] } | undefined {
    const node = value.source?.node;
    return node?.kernel === kernel ? { node, inputs: node.inputs as readonly Operand[] } : undefined;
  }

  /** Of two operands that may change places: the number, and the other one. */
  withNumber([a, b]: readonly Operand[]): { readonly number: number; readonly other: Operand } | undefined {
    const [left, right] = [this.number(a), this.number(b)];
    if (right !== undefined) return { number: right, other: a };
    return left === undefined ? undefined : { number: left, other: b };
  }

  /** Whether nobody but this chain sees what its inner calls compute. */
  closed(root: RecordedNode, inner: readonly RecordedNode[]): boolean {
    const chain = new Set([root, ...inner]);
    return inner.every(
      (node) => node.outputs.every(({ refs }) => refs === 0) && (this.#readers.get(node) ?? []).every((reader) => chain.has(reader)),
    );
  }
}

export const same = (a: Operand, b: Operand): boolean => a.value === b.value && a.shape.join() === b.shape.join();
export const nearly = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) <= 1e-6 * Math.abs(b);
/** Whether an operand is a number a place of the other's last axis, as biases are. */
export const isVector = ({ shape }: Operand, { shape: whole }: Operand): boolean => shape.length === 1 && whole.length > 1 && shape[0] === whole.at(-1);
