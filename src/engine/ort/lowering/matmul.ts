import type { TensorFlow } from "../../engine.js";
import { activate, canActivate, type ActivationAttrs } from "./activation.js";
import type { Graph } from "../graph.js";
import { allFloat, rule, type Rules, type Spec } from "./rule.js";

interface MatMulAttrs extends ActivationAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Matrix products, with ONNX Runtime's own operator that transposes on the fly (`com.microsoft.FusedMatMul`). */
export function matmulRules(tf: TensorFlow): Rules {
  const product = ([a, b]: readonly Spec[], { transposeA, transposeB }: MatMulAttrs): Spec[] => {
    const [inner, other] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
    tf.util.assert(
      inner === other,
      () => `matMul: inner shapes ${inner} and ${other} of [${a.shape.join()}] and [${b.shape.join()}] differ.`,
    );
    const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ shape: [...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!], dtype: "float32" }];
  };
  return {
    BatchMatMul: rule<MatMulAttrs>({
      operands: ["a", "b"],
      accepts: allFloat,
      outputs: product,
      emit: ({ graph, attrs, inputs }, [a, b]) => {
        const [left, right] = inputs as readonly Spec[];
        if (isLargeWeightGradient(graph, attrs, left, right)) return [graph.op("MatMul", [graph.transpose(a, [1, 0]), b])];
        return [graph.matMul(a, b, { rankA: left.shape.length, rankB: right.shape.length, ...attrs })];
      },
    }),
    _FusedMatMul: rule<MatMulAttrs>({
      operands: ["a", "b", "bias"],
      accepts: (inputs, attrs) => allFloat(inputs) && canActivate(attrs),
      outputs: product,
      emit: ({ graph, attrs, inputs }, [a, b, bias]) => {
        const [left, right] = inputs as readonly Spec[];
        const y = graph.matMul(a, b, { rankA: left.shape.length, rankB: right.shape.length, ...attrs });
        return [activate(graph, bias === undefined ? y : graph.add(y, bias), attrs)];
      },
    }),
  };
}

/** Sides from which a transposition of its own costs less than a product that transposes on the fly: measured, 3–9 %. */
const largeSide = 512;

/** aᵀ·b, as the gradient of a large layer's weights is. Either way adds up in the same order, to the same bits. */
function isLargeWeightGradient({ provider }: Graph, { transposeA, transposeB }: MatMulAttrs, a: Spec, b: Spec): boolean {
  const flat = a.shape.length === 2 && b.shape.length === 2;
  return provider === "cpu" && transposeA && !transposeB && flat && a.shape[0] >= largeSide / 2 && a.shape[1] >= largeSide && b.shape[1] >= largeSide;
}
