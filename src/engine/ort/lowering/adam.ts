import type { Graph } from "../graph.js";
import { allFloat, range, rule, sizeOf, type Rules, type Spec } from "./rule.js";

export interface AdamAttrs {
  /** Variables updated at once. */
  readonly count: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

interface Moments {
  readonly weights: string;
  readonly first: string;
  readonly second: string;
}

/** Variables up to this size are updated as one long vector: for them the nodes cost more than the numbers. */
const smallVariable = 1 << 14;

/**
 * Adam's update of all variables in one kernel (Kingma & Ba 2015, end of §2): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * w ← w − α√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε√(1 − β₂ᵗ)), which is TensorFlow.js's own formula with fewer passes.
 *
 * Operands: the learning rate α, β₁ᵗ and β₂ᵗ as scalars, then all w, all m, all v, all g. Outputs: all w, all m, all v.
 */
export function adamRules(): Rules {
  return {
    FolioAdam: rule<AdamAttrs>({
      operands: "all",
      accepts: allFloat,
      outputs: (inputs, { count }) => inputs.slice(3, 3 + 3 * count),
      emit: ({ graph, attrs, inputs }, names) => {
        const { count } = attrs;
        const step = update(graph, attrs, names[0], names[1], names[2]);
        const [weights, first, second, gradients] = range(4).map((part) => names.slice(3 + part * count, 3 + (part + 1) * count));
        const shapes = (inputs as Spec[]).slice(3, 3 + count).map((spec) => spec.shape);
        const small = range(count).filter((i) => sizeOf(shapes[i]) <= smallVariable);
        const results = new Map<number, Moments>();
        for (const i of range(count)) {
          if (small.length > 1 && small.includes(i)) continue;
          results.set(i, step({ weights: weights[i], first: first[i], second: second[i] }, gradients[i]));
        }
        if (small.length > 1) {
          const join = (list: readonly string[]): string =>
            graph.op(
              "Concat",
              small.map((i) => graph.reshape(list[i], [-1])),
              { axis: 0 },
            );
          const sizes = small.map((i) => sizeOf(shapes[i]));
          const cut = (joined: string): readonly string[] => graph.split(joined, sizes, 0);
          const updated = step({ weights: join(weights), first: join(first), second: join(second) }, join(gradients));
          const [newWeights, newFirst, newSecond] = [cut(updated.weights), cut(updated.first), cut(updated.second)];
          for (const [at, i] of small.entries()) {
            const back = (name: string): string => graph.reshape(name, shapes[i]);
            results.set(i, { weights: back(newWeights[at]), first: back(newFirst[at]), second: back(newSecond[at]) });
          }
        }
        const all = range(count).map((i) => results.get(i)!);
        return [...all.map((one) => one.weights), ...all.map((one) => one.first), ...all.map((one) => one.second)];
      },
    }),
  };
}

function update(graph: Graph, { beta1, beta2, epsilon }: AdamAttrs, learningRate: string, power1: string, power2: string) {
  const one = graph.scalar(1);
  const root = graph.op("Sqrt", [graph.sub(one, power2)]); //                      √(1 − β₂ᵗ)
  const rate = graph.div(graph.mul(learningRate, root), graph.sub(one, power1)); // α√(1 − β₂ᵗ)/(1 − β₁ᵗ)
  const guard = graph.mul(graph.scalar(epsilon), root);
  return ({ weights, first, second }: Moments, gradient: string): Moments => {
    const m = graph.add(graph.mul(first, graph.scalar(beta1)), graph.mul(gradient, graph.scalar(1 - beta1)));
    const v = graph.add(graph.mul(second, graph.scalar(beta2)), graph.mul(graph.mul(gradient, gradient), graph.scalar(1 - beta2)));
    const direction = graph.div(m, graph.add(graph.op("Sqrt", [v]), guard));
    return { weights: graph.sub(weights, graph.mul(direction, rate)), first: m, second: v };
  };
}
