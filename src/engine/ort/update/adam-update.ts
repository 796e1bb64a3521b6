import type { AdamAttrs } from "../lowering/adam.js";
import { range } from "../lowering/rule.js";
import type { OrtTensor, Runtime } from "../runtime.js";
import type { Value } from "../value.js";
import { adamKernel, type AdamKernel } from "./adam-kernel.js";

/** Adam's update of some variables after a graph has computed their gradients, by the names of inputs and results. */
export interface AdamUpdate {
  readonly attrs: AdamAttrs;
  readonly rate: string;
  readonly power1: string;
  readonly power2: string;
  /** What is left of the weights before the step, as AdamW decays them; all when left out. */
  readonly share?: string;
  readonly weights: readonly string[];
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** Outputs of the graph. */
  readonly gradients: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** New weights, then new first, then new second moments. */
  readonly results: readonly string[];
}

/** Numbers of weights that one memory holds, each four times (w, m, v, g): a WebAssembly memory ends at 4 GB. */
export const weightsOfAMemory = 2 ** 26;

/** Weights, moments and gradients of some variables side by side in a WebAssembly memory, where one call updates all. */
class Slab {
  readonly #parts: readonly (readonly Float32Array[])[];
  readonly #kernel: AdamKernel;
  readonly #length: number;
  /** Whose numbers were last put where: weights, first, second moments. */
  readonly residents: (Value | undefined)[];
  readonly gradients: readonly OrtTensor[];

  constructor(
    runtime: Runtime,
    readonly shapes: readonly (readonly number[])[],
  ) {
    const sizes = shapes.map((shape) => shape.reduce((product, n) => product * n, 1));
    const starts = [0];
    for (const size of sizes) starts.push(starts.at(-1)! + Math.ceil(size / 16) * 16);
    this.#length = starts.at(-1)!;
    const pages = Math.ceil((this.#length * 16) / 2 ** 16);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#kernel = adamKernel(memory);
    this.#parts = range(4).map((part) =>
      sizes.map((size, i) => new Float32Array(memory.buffer, (part * this.#length + starts[i]) * 4, size)),
    );
    this.residents = Array.from({ length: 3 * shapes.length });
    this.gradients = this.#parts[3].map((numbers, i) => runtime.tensor("float32", numbers, shapes[i]));
  }

  place(at: number): Float32Array {
    return this.#parts[Math.floor(at / this.shapes.length)][at % this.shapes.length];
  }

  /** Whether a value's numbers lie here: another optimizer of the same weights may have taken them to a slab of its own. */
  holds({ data }: Value, at: number): boolean {
    return data === this.place(at);
  }

  update({ beta1, beta2, epsilon }: AdamAttrs, learningRate: number, power1: number, power2: number, share: number): void {
    // Rounded as the graph of lowering/adam.ts rounds, so that it makes no difference to a bit which of them ran.
    const { fround } = Math;
    const root = fround(Math.sqrt(fround(1 - power2)));
    const rate = fround(fround(learningRate * root) / fround(1 - power1));
    const guard = fround(fround(epsilon) * root);
    const bytes = this.#length * 4;
    this.#kernel(0, bytes, 2 * bytes, 3 * bytes, bytes, beta1, 1 - beta1, beta2, 1 - beta2, rate, guard, share);
  }
}

/** Runs Adam's updates outside the graph: one pass over memory where the graph needs some ten. */
export class AdamUpdates {
  readonly #slabs = new WeakMap<Value, Slab>();

  constructor(readonly runtime: Runtime) {}

  /**
   * Makes ready for a run: the weights and moments lie in one memory, and the gradients will be written beside them.
   * @param given the values of the update's inputs by name
   * @param results the values that will hold its results, by name
   * @returns where the graph shall write each gradient, and what to do once it has
   */
  prepare(
    update: AdamUpdate,
    given: ReadonlyMap<string, Value>,
    results: ReadonlyMap<string, Value>,
  ): { gradients: ReadonlyMap<string, OrtTensor>; finish: () => void } {
    const names = [...update.weights, ...update.first, ...update.second];
    const operands = names.map((name) => given.get(name)!);
    const updated = update.results.map((name) => results.get(name)!);
    const slab = this.#slabFor(operands, update.gradients.map(({ shape }) => shape));
    for (const [at, operand] of operands.entries()) {
      const resident = slab.residents[at];
      // Someone keeps the numbers that are about to change, as a clone or an earlier result.
      if (resident !== undefined && resident !== updated[at] && resident.refs > 0 && slab.holds(resident, at)) moveOut(resident);
      if (!slab.holds(operand, at)) slab.place(at).set(operand.data as Float32Array);
    }
    const number = (name: string): number => given.get(name)!.data![0];
    return {
      gradients: new Map(update.gradients.map(({ name }, i) => [name, slab.gradients[i]])),
      finish: () => {
        slab.update(update.attrs, number(update.rate), number(update.power1), number(update.power2), update.share === undefined ? 1 : number(update.share));
        for (const [at, value] of updated.entries()) {
          this.#moveIn(value, slab, at);
          value.version++;
        }
      },
    };
  }

  #slabFor(operands: readonly Value[], shapes: readonly (readonly number[])[]): Slab {
    for (const operand of operands) {
      const slab = this.#slabs.get(operand);
      if (slab !== undefined && sameShapes(slab.shapes, shapes)) return slab;
    }
    return new Slab(this.runtime, shapes);
  }

  #moveIn(value: Value, slab: Slab, at: number): void {
    slab.residents[at] = value;
    if (slab.holds(value, at)) return;
    this.#slabs.set(value, slab);
    value.data = slab.place(at);
    value.tensor = undefined;
    value.recyclable = false;
    value.constant = false;
  }
}

function moveOut(value: Value): void {
  value.data = value.data!.slice();
  value.tensor = undefined;
}

function sameShapes(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): boolean {
  return a.length === b.length && a.every((shape, i) => shape.length === b[i].length && shape.every((n, axis) => n === b[i][axis]));
}
