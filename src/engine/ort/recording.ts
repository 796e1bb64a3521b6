import { equal, type Rule, type Spec } from "./lowering/rule.js";
import { Value } from "./value.js";

/** A tensor as a kernel was given it: a value, seen in a shape that may differ from the value's own. */
export interface Operand extends Spec {
  readonly value: Value;
}

/** One kernel call that waits to be computed. */
export interface RecordedNode {
  readonly kernel: string;
  readonly rule: Rule;
  readonly attrs: unknown;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: Value[];
  /** Kernel and attributes as one number. */
  readonly signature: number;
  /** Its place in the recording; set while the recording is read. */
  position: number;
}

/** Everything recorded since the last flush, described so that equal recordings have equal keys. */
export interface Recording {
  readonly nodes: readonly RecordedNode[];
  /** The known values it starts from, in order of first use. */
  readonly leaves: readonly Value[];
  readonly key: Int32Array;
  readonly hash: number;
}

/** Collects kernel calls. */
export class Recorder {
  #pending: RecordedNode[] = [];
  #key = new Int32Array(1 << 14);
  #stamp = 0;
  readonly #numbers = new Map<string, number>();

  get length(): number {
    return this.#pending.length;
  }

  add(kernel: string, rule: Rule, inputs: readonly (Operand | undefined)[], attrs: unknown): readonly Value[] {
    const outputs: Value[] = [];
    const node: RecordedNode = { kernel, rule, attrs, inputs, outputs, signature: this.#number(kernel + attributeKey(attrs)), position: 0 };
    for (const { shape, dtype } of rule.outputs(inputs as readonly Spec[], attrs)) {
      const value = new Value(shape, dtype);
      value.source = { node, output: outputs.length };
      outputs.push(value);
    }
    this.#pending.push(node);
    return outputs;
  }

  /** Hands over what was recorded and starts anew. */
  take(): Recording {
    const nodes = this.#pending;
    this.#pending = [];
    const leaves: Value[] = [];
    const stamp = ++this.#stamp;
    let length = 0;
    const put = (number: number): void => {
      if (length === this.#key.length) {
        const larger = new Int32Array(length * 2);
        larger.set(this.#key);
        this.#key = larger;
      }
      this.#key[length++] = number;
    };
    const putShape = (shape: readonly number[]): void => {
      put(shape.length);
      for (let axis = 0; axis < shape.length; axis++) put(shape[axis]);
    };
    for (const [position, node] of nodes.entries()) {
      node.position = position;
      put(node.signature);
      for (const input of node.inputs) {
        if (input === undefined) {
          put(-1);
          continue;
        }
        const { value } = input;
        if (value.source !== undefined) put(value.source.node.position * 64 + value.source.output);
        else {
          if (value.stamp !== stamp) {
            value.stamp = stamp;
            value.leaf = leaves.length;
            leaves.push(value);
            putShape(value.shape);
            put((value.constant ? 4 : 0) + dtypeNumber[value.dtype]);
          }
          put(-2 - value.leaf);
        }
        if (input.shape !== value.shape && !equal(input.shape, value.shape)) putShape(input.shape); // a view
      }
      put(node.outputs.reduce((flags, output, i) => (output.refs > 0 ? flags + 2 ** Math.min(i, 30) : flags), 0));
    }
    const key = this.#key.slice(0, length);
    return { nodes, leaves, key, hash: hashOf(key) };
  }

  #number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

const dtypeNumber = { float32: 0, int32: 1, bool: 2 };

function attributeKey(attrs: unknown): string {
  let key = "";
  for (const name in attrs as object) key += `;${name}:${String((attrs as Record<string, unknown>)[name])}`;
  return key;
}

/** FNV-1a over 32-bit words. */
function hashOf(key: Int32Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i], 0x01000193);
  return hash;
}
