import type { TensorFlow } from "../../engine.js";
import { activate, canActivate, type ActivationAttrs } from "./activation.js";
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
      emit: ({ graph, attrs }, [a, b]) => [
        graph.op("FusedMatMul", [a, b], { transA: attrs.transposeA ? 1 : 0, transB: attrs.transposeB ? 1 : 0 }, "com.microsoft"),
      ],
    }),
    _FusedMatMul: rule<MatMulAttrs>({
      operands: ["a", "b", "bias"],
      accepts: (inputs, attrs) => allFloat(inputs) && canActivate(attrs),
      outputs: product,
      emit: ({ graph, attrs }, [a, b, bias]) => {
        const y = graph.op("FusedMatMul", [a, b], { transA: attrs.transposeA ? 1 : 0, transB: attrs.transposeB ? 1 : 0 }, "com.microsoft");
        return [activate(graph, bias === undefined ? y : graph.add(y, bias), attrs)];
      },
    }),
  };
}
