import type { Graph } from "../graph.js";
import { allFloat, noBool, rule, sameAsFirst, type Dtype, type Rule, type Rules } from "./rule.js";

type Emit = (graph: Graph, x: string, dtype: Dtype) => string;

/** Kernels with one operand and an ONNX operator of the same meaning (all in ONNX opset 17). */
const direct = [
  "Abs",
  "Exp",
  "Log",
  "Sqrt",
  "Floor",
  "Ceil",
  "Round",
  "Sin",
  "Cos",
  "Tan",
  "Tanh",
  "Sigmoid",
  "Relu",
  "Erf",
  "Sign",
  "Reciprocal",
  "Softplus",
  "Elu",
  "Selu",
  "Atan",
  "Asin",
  "Acos",
  "Sinh",
  "Cosh",
  "Asinh",
  "Acosh",
  "Atanh",
  "Neg",
];
const alsoForIntegers = new Set(["Abs", "Neg", "Sign"]);

/** One operand, one output of the same shape. */
export function elementwiseRules(): Rules {
  return {
    ...Object.fromEntries(
      direct.map((name) => [name, unary((graph, x) => graph.op(name, [x]), alsoForIntegers.has(name) ? noBool : allFloat)]),
    ),
    Square: unary((graph, x) => graph.mul(x, x), noBool),
    Rsqrt: unary((graph, x) => graph.op("Reciprocal", [graph.op("Sqrt", [x])])),
    Log1p: unary((graph, x) => graph.op("Log", [graph.add(x, graph.scalar(1))])),
    Expm1: unary((graph, x) => graph.sub(graph.op("Exp", [x]), graph.scalar(1))),
    Relu6: unary((graph, x) => graph.op("Clip", [x, graph.scalar(0), graph.scalar(6)])),
    LogicalNot: unary(
      (graph, x) => graph.op("Not", [x]),
      (inputs) => inputs[0]?.dtype === "bool",
    ),
    IsNan: test((graph, x) => graph.op("IsNaN", [x])),
    IsInf: test((graph, x) => graph.op("IsInf", [x])),
    IsFinite: test((graph, x) => graph.op("Not", [graph.op("Or", [graph.op("IsNaN", [x]), graph.op("IsInf", [x])])])),
    LeakyRelu: rule<{ alpha: number }>({
      operands: ["x"],
      accepts: allFloat,
      outputs: sameAsFirst,
      emit: ({ graph, attrs }, [x]) => [graph.op("LeakyRelu", [x], { alpha: { float: attrs.alpha } })],
    }),
    ClipByValue: rule<{ clipValueMin: number; clipValueMax: number }>({
      operands: ["x"],
      accepts: noBool,
      outputs: sameAsFirst,
      emit: ({ graph, attrs, outputs: [{ dtype }] }, [x]) => [
        graph.op("Clip", [x, graph.scalar(attrs.clipValueMin, dtype), graph.scalar(attrs.clipValueMax, dtype)]),
      ],
    }),
    // 1 above zero, alpha elsewhere; NaN stays NaN in TensorFlow.js, and here becomes alpha.
    Step: rule<{ alpha?: number }>({
      operands: ["x"],
      accepts: allFloat,
      outputs: sameAsFirst,
      emit: ({ graph, attrs }, [x]) => {
        const above = graph.op("Greater", [x, graph.scalar(0)]);
        return [attrs.alpha ? graph.op("Where", [above, graph.scalar(1), graph.scalar(attrs.alpha)]) : graph.cast(above, "float32")];
      },
    }),
    // dELU(x) = 1 where y > 0 and 1 + y elsewhere, y being ELU's own output.
    EluGrad: rule({
      operands: ["dy", "y"],
      accepts: allFloat,
      outputs: sameAsFirst,
      emit: ({ graph }, [dy, y]) => [
        graph.mul(dy, graph.op("Where", [graph.op("Greater", [y, graph.scalar(0)]), graph.scalar(1), graph.add(y, graph.scalar(1))])),
      ],
    }),
    ZerosLike: rule({
      operands: ["x"],
      outputs: sameAsFirst,
      emit: ({ graph, outputs: [{ shape, dtype }] }) => [graph.fill(0, shape, dtype)],
    }),
    OnesLike: rule({
      operands: ["x"],
      outputs: sameAsFirst,
      emit: ({ graph, outputs: [{ shape, dtype }] }) => [graph.fill(1, shape, dtype)],
    }),
    Fill: rule<{ shape: number[]; value: number; dtype: Dtype }>({
      operands: [],
      accepts: (_, { value }) => typeof value === "number",
      outputs: (_, { shape, dtype }) => [{ shape, dtype: dtype ?? "float32" }],
      emit: ({ graph, attrs, outputs: [{ dtype }] }) => [graph.fill(attrs.value, attrs.shape, dtype)],
    }),
    Cast: rule<{ dtype: Dtype }>({
      operands: ["x"],
      outputs: ([x], { dtype }) => [{ shape: x.shape, dtype }],
      emit: ({ graph, attrs }, [x]) => [graph.cast(x, attrs.dtype)],
    }),
  };
}

function unary(emit: Emit, accepts: Rule["accepts"] = allFloat): Rule {
  return rule({ operands: ["x"], accepts, outputs: sameAsFirst, emit: ({ graph, outputs: [{ dtype }] }, [x]) => [emit(graph, x, dtype)] });
}

function test(emit: Emit): Rule {
  return rule({
    operands: ["x"],
    accepts: allFloat,
    outputs: ([x]) => [{ shape: x.shape, dtype: "bool" }],
    emit: ({ graph }, [x]) => [emit(graph, x, "bool")],
  });
}
