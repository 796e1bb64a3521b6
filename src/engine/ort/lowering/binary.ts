import type { TensorFlow } from "../../engine.js";
import type { Graph } from "../graph.js";
import { allFloat, equal, noBool, rule, sameAsFirst, sizeOf, type Dtype, type Rule, type Rules, type Site, type Spec } from "./rule.js";

type Emit = (graph: Graph, a: string, b: string, dtype: Dtype) => string;

/** Two operands that broadcast against each other, and choices between operands. */
export function binaryRules(tf: TensorFlow): Rules {
  const broadcast = (a: Spec, b: Spec): number[] => tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  const binary = (emit: Emit, { accepts = noBool, result }: { accepts?: Rule["accepts"]; result?: Dtype } = {}): Rule =>
    rule({
      operands: ["a", "b"],
      accepts: (inputs, attrs) => inputs[0]?.dtype === inputs[1]?.dtype && (accepts?.(inputs, attrs) ?? true),
      outputs: ([a, b]) => [{ shape: broadcast(a, b), dtype: result ?? a.dtype }],
      emit: (site, [a, b]) => [stretched(site, a, b, emit)],
    });
  const named =
    (type: string): Emit =>
    (graph, a, b) =>
      graph.op(type, [a, b]);
  const comparison = (type: string, accepts: Rule["accepts"] = noBool): Rule => binary(named(type), { accepts, result: "bool" });
  const logical = (emit: Emit): Rule => binary(emit, { accepts: ([a]) => a?.dtype === "bool", result: "bool" });
  const any: Rule["accepts"] = () => true;
  return {
    Add: binary(named("Add")),
    Sub: binary(named("Sub")),
    Multiply: {
      ...binary(named("Mul")),
      emit: (site, [a, b]) => [timesOnes(site as Site<unknown>, a, b) ?? stretched(site, a, b, named("Mul"))],
    },
    RealDiv: binary(named("Div"), { accepts: allFloat }),
    Pow: binary(named("Pow"), { accepts: allFloat }),
    Maximum: binary(named("Max")),
    Minimum: binary(named("Min")),
    SquaredDifference: binary((graph, a, b) => {
      const difference = graph.sub(a, b);
      return graph.mul(difference, difference);
    }),
    // Mod with the divisor's sign, so that a = b·⌊a/b⌋ + mod holds; ONNX's integer Mod has it, its float fmod has not.
    FloorDiv: binary((graph, a, b, dtype) =>
      dtype === "float32" ? graph.op("Floor", [graph.div(a, b)]) : graph.div(graph.sub(a, graph.op("Mod", [a, b])), b),
    ),
    Mod: binary((graph, a, b, dtype) =>
      dtype === "float32" ? graph.sub(a, graph.mul(b, graph.op("Floor", [graph.div(a, b)]))) : graph.op("Mod", [a, b]),
    ),
    Greater: comparison("Greater"),
    GreaterEqual: comparison("GreaterOrEqual"),
    Less: comparison("Less"),
    LessEqual: comparison("LessOrEqual"),
    Equal: comparison("Equal", any),
    NotEqual: binary((graph, a, b) => graph.op("Not", [graph.op("Equal", [a, b])]), { accepts: any, result: "bool" }),
    LogicalAnd: logical(named("And")),
    LogicalOr: logical((graph, a, b) => graph.or(a, b)),
    Prelu: rule({
      operands: ["x", "alpha"],
      accepts: allFloat,
      outputs: sameAsFirst,
      emit: ({ graph }, [x, alpha]) => [graph.op("Where", [graph.op("Greater", [x, graph.scalar(0)]), x, graph.mul(x, alpha)])],
    }),
    // A condition of lower rank chooses whole rows.
    Select: rule({
      operands: ["condition", "t", "e"],
      accepts: ([condition, t]) => condition?.dtype === "bool" && t?.dtype !== "bool",
      outputs: ([, t]) => [t],
      emit: ({ graph, inputs: [condition, t] }, [mask, a, b]) => {
        const missing = t!.shape.length - condition!.shape.length;
        const rows = missing > 0 ? graph.reshape(mask, [...condition!.shape, ...t!.shape.slice(-missing).map(() => 1)]) : mask;
        return [graph.op("Where", [rows, a, b])];
      },
    }),
    AddN: rule({
      operands: "all",
      accepts: noBool,
      outputs: sameAsFirst,
      emit: ({ graph, outputs: [{ dtype }] }, names) => [dtype === "float32" ? graph.sum(names) : names.reduce(graph.add)],
    }),
  };
}

/**
 * Uses an operand as it was before it was stretched where the other one alone has the full shape, and flattens an
 * operand whose last axis is 1 against a scalar: ONNX Runtime broadcasts there one element at a time.
 */
function stretched({ graph, inputs, outputs: [output] }: Site<unknown>, a: string, b: string, emit: Emit): string {
  const [left, right] = inputs as Spec[];
  const { shape } = output;
  const columns = shape.length > 1 && shape.at(-1) === 1;
  if (columns && equal(left.shape, shape) && sizeOf(right.shape) === 1) {
    return graph.reshape(emit(graph, graph.reshape(a, [-1]), graph.reshape(b, []), left.dtype), shape);
  }
  if (columns && equal(right.shape, shape) && sizeOf(left.shape) === 1) {
    return graph.reshape(emit(graph, graph.reshape(a, []), graph.reshape(b, [-1]), left.dtype), shape);
  }
  const narrowA = equal(right.shape, shape) ? graph.unstretched(a) : a;
  const narrowB = equal(left.shape, shape) && narrowA === a ? graph.unstretched(b) : b;
  return emit(graph, narrowA, narrowB, left.dtype);
}

/** x · ones is x: TensorFlow.js's gradients multiply by tensors of ones. */
function timesOnes({ graph, inputs, outputs: [{ shape }] }: Site<unknown>, a: string, b: string): string | undefined {
  const [left, right] = inputs as Spec[];
  if (graph.isOnes(a)) return equal(right.shape, shape) ? b : graph.expand(b, shape);
  if (graph.isOnes(b)) return equal(left.shape, shape) ? a : graph.expand(a, shape);
  return undefined;
}
