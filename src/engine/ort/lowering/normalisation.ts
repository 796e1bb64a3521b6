import { allFloat, rule, sameAsFirst, type Rules } from "./rule.js";

/** Batch normalisation by given moments: one gain and one shift a channel, so x is read once and written once. */
export function normalisationRules(): Rules {
  return {
    FusedBatchNorm: rule<{ varianceEpsilon?: number }>({
      operands: ["x", "mean", "variance", "offset", "scale"],
      accepts: allFloat,
      outputs: sameAsFirst,
      emit: ({ graph, attrs }, [x, mean, variance, offset, scale]) => {
        const inverse = graph.op("Reciprocal", [graph.op("Sqrt", [graph.add(variance, graph.scalar(attrs.varianceEpsilon ?? 1e-3))])]);
        const gain = scale === undefined ? inverse : graph.mul(inverse, scale);
        const centre = graph.mul(mean, gain);
        const shift = offset === undefined ? graph.op("Neg", [centre]) : graph.sub(offset, centre);
        return [graph.add(graph.mul(x, gain), shift)];
      },
    }),
  };
}
