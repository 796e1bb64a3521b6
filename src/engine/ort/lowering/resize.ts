import type { Graph } from "../graph.js";
import { allFloat, rule, type Rules, type Spec } from "./rule.js";

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: [number, number];
}

type Weights = readonly (readonly [from: number, weight: number])[];

/**
 * Resizing is linear and separable: y = R_h · x · R_wᵀ with one sparse matrix of interpolation weights an axis, so its
 * gradient is the same with the matrices transposed – exact for every convention of TensorFlow.js.
 */
export function resizeRules(): Rules {
  const forward = (weights: typeof bilinear) =>
    rule<ResizeAttrs>({
      operands: ["images"],
      accepts: allFloat,
      outputs: ([x], { size }) => [{ shape: [x.shape[0], ...size, x.shape[3]], dtype: "float32" }],
      emit: ({ graph, attrs, inputs: [x] }, [name]) => [apply(graph, name, x!, attrs.size, attrs, weights, false)],
    });
  const backward = (weights: typeof bilinear) =>
    rule<ResizeAttrs>({
      operands: ["images", "dy"],
      accepts: allFloat,
      outputs: ([x]) => [x],
      emit: ({ graph, attrs, inputs: [x, dy] }, [, name]) => [apply(graph, name, dy!, [x!.shape[1], x!.shape[2]], attrs, weights, true)],
    });
  return {
    ResizeBilinear: forward(bilinear),
    ResizeBilinearGrad: backward(bilinear),
    ResizeNearestNeighbor: forward(nearest),
    ResizeNearestNeighborGrad: backward(nearest),
  };
}

function apply(
  graph: Graph,
  x: string,
  { shape }: Spec,
  to: readonly [number, number],
  attrs: ResizeAttrs,
  weights: typeof bilinear,
  transposed: boolean,
): string {
  const [batch, height, width, channels] = shape;
  const matrix = (from: number, into: number): string => {
    const [small, large] = transposed ? [into, from] : [from, into];
    const values = new Float32Array(from * into);
    for (let row = 0; row < large; row++) {
      for (const [column, weight] of weights(row, small, large, attrs))
        values[transposed ? column * from + row : row * from + column] += weight;
    }
    return graph.constant("float32", values, [into, from]);
  };
  const rows = graph.op("MatMul", [matrix(height, to[0]), graph.reshape(x, [batch, height, width * channels])]); // [N, H', W·C]
  const cells = graph.op("MatMul", [matrix(width, to[1]), graph.reshape(rows, [batch * to[0], width, channels])]); // [N·H', W', C]
  return graph.reshape(cells, [batch, to[0], to[1], channels]);
}

/** Which input cells make output cell `at`, and how much of each. */
function bilinear(at: number, from: number, into: number, { alignCorners, halfPixelCenters }: ResizeAttrs): Weights {
  const scale = alignCorners && into > 1 ? (from - 1) / (into - 1) : from / into;
  const position = halfPixelCenters ? (at + 0.5) * scale - 0.5 : at * scale;
  const low = Math.max(0, Math.floor(position));
  const high = Math.min(from - 1, Math.ceil(position));
  const share = position - Math.floor(position);
  return [
    [Math.min(low, from - 1), 1 - share],
    [high, share],
  ];
}

function nearest(at: number, from: number, into: number, { alignCorners, halfPixelCenters }: ResizeAttrs): Weights {
  const scale = alignCorners && into > 1 ? (from - 1) / (into - 1) : from / into;
  const position = halfPixelCenters ? (at + 0.5) * scale : at * scale;
  const cell = alignCorners ? Math.round(position) : Math.floor(position);
  return [[Math.min(from - 1, Math.max(0, cell)), 1]];
}
