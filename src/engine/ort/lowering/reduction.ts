import type { TensorFlow } from "../../engine.js";
import { allFloat, axisOf, noBool, rule, sameAsFirst, type Dtype, type Rule, type Rules, type Spec } from "./rule.js";

interface ReduceAttrs {
  readonly axis?: number | number[];
  /** What Max calls its axes. */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

/** Sums, extremes and their like over some axes, and the softmax. */
export function reductionRules(tf: TensorFlow): Rules {
  const axesOf = (x: Spec, { axis, reductionIndices }: ReduceAttrs): number[] =>
    tf.util.parseAxisParam((axis ?? reductionIndices) as number[], [...x.shape]).toSorted((a, b) => a - b);
  const shapeOf = (x: Spec, attrs: ReduceAttrs): number[] => {
    const axes = axesOf(x, attrs);
    return x.shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : attrs.keepDims ? [1] : []));
  };
  const reduction = (type: string, { accepts, result }: { accepts?: Rule["accepts"]; result?: (x: Dtype) => Dtype } = {}): Rule =>
    rule<ReduceAttrs>({
      operands: ["x"],
      accepts,
      outputs: ([x], attrs) => [{ shape: shapeOf(x, attrs), dtype: result?.(x.dtype) ?? x.dtype }],
      emit: ({ graph, attrs, inputs, outputs: [output] }, [x]) => {
        const spec = inputs[0]!;
        const axes = axesOf(spec, attrs);
        const numbers = spec.dtype === "bool" ? graph.cast(x, "int32") : x;
        if (axes.length === 0) return [output.dtype === spec.dtype ? graph.op("Identity", [x]) : numbers];
        const keepdims = attrs.keepDims ? 1 : 0;
        const reduced =
          type === "ReduceSum" ? graph.reduceSum(numbers, axes, keepdims === 1) : graph.op(type, [numbers], { axes, keepdims });
        return [output.dtype === "bool" ? graph.cast(reduced, "bool") : reduced];
      },
    });
  const extreme = (type: string): Rule =>
    rule<{ axis: number | number[] }>({
      operands: ["x"],
      accepts: noBool,
      outputs: ([x], attrs) => [{ shape: shapeOf(x, attrs), dtype: "int32" }],
      emit: ({ graph, attrs, inputs: [x] }, [name]) => [
        graph.cast(graph.op(type, [name], { axis: axesOf(x!, attrs)[0], keepdims: 0 }), "int32"),
      ],
    });
  return {
    Sum: reduction("ReduceSum", { result: (x) => (x === "bool" ? "int32" : x) }),
    Mean: reduction("ReduceMean", { accepts: allFloat }),
    Max: reduction("ReduceMax", { accepts: noBool }),
    Min: reduction("ReduceMin", { accepts: noBool }),
    Prod: reduction("ReduceProd", { accepts: noBool }),
    Any: reduction("ReduceMax", { result: () => "bool" }),
    All: reduction("ReduceMin", { result: () => "bool" }),
    ArgMax: extreme("ArgMax"),
    ArgMin: extreme("ArgMin"),
    Softmax: rule<{ dim: number }>({
      operands: ["logits"],
      accepts: allFloat,
      outputs: sameAsFirst,
      emit: ({ graph, attrs, inputs: [x] }, [name]) => [graph.op("Softmax", [name], { axis: axisOf(attrs.dim, x!.shape.length) })],
    }),
    Cumsum: rule<{ axis: number; exclusive: boolean; reverse: boolean }>({
      operands: ["x"],
      accepts: noBool,
      outputs: sameAsFirst,
      emit: ({ graph, attrs, inputs: [x] }, [name]) => {
        const axis = graph.constant("int64", [axisOf(attrs.axis, x!.shape.length)], []);
        return [graph.op("CumSum", [name, axis], { exclusive: attrs.exclusive ? 1 : 0, reverse: attrs.reverse ? 1 : 0 })];
      },
    }),
  };
}
