import type { backend_util } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import type { Graph } from "../graph.js";
import { toChannelsFirst, toChannelsLast } from "./convolution.js";
import { allFloat, rule, sizeOf, type Rules, type Spec } from "./rule.js";

type Conv2DInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

export interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Where the windows of a pooling lie. */
export function poolInfo(tf: TensorFlow, shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttrs): Conv2DInfo {
  return tf.backend_util.computePool2DInfo(shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Pooling and its gradients, NHWC outside, NCHW inside. */
export function poolingRules(tf: TensorFlow): Rules {
  const infoOf = (shape: readonly number[], attrs: PoolAttrs): Conv2DInfo => poolInfo(tf, shape, attrs);
  const pooled = ([x]: readonly Spec[], attrs: PoolAttrs): Spec[] => [{ shape: infoOf(x.shape, attrs).outShape, dtype: "float32" }];
  const pool = (type: string) =>
    rule<PoolAttrs>({
      operands: ["x"],
      accepts: allFloat,
      outputs: pooled,
      emit: ({ graph, attrs, inputs: [x] }, [name]) => [
        toChannelsLast(graph, graph.op(type, [toChannelsFirst(graph, name)], geometry(infoOf(x!.shape, attrs)))),
      ],
    });
  return {
    MaxPool: pool("MaxPool"),
    AvgPool: pool("AveragePool"),
    // The first maximum of each window gets the whole gradient: MaxPool's second output says where it lies.
    MaxPoolGrad: rule<PoolAttrs>({
      operands: ["dy", "input"],
      accepts: allFloat,
      outputs: ([, x]) => [x],
      emit: ({ graph, attrs, inputs: [, x] }, [dy, input]) => {
        const info = infoOf(x!.shape, attrs);
        if (graph.provider !== "cpu") return [maxPoolGradientByTaps(graph, dy, input, info)];
        const [, winners] = graph.ops("MaxPool", [toChannelsFirst(graph, input)], geometry(info), 2);
        const count = sizeOf(info.outShape);
        const overlap = info.strideHeight < info.filterHeight || info.strideWidth < info.filterWidth;
        const scattered = graph.op(
          "ScatterElements",
          [
            graph.fill(0, [sizeOf(x!.shape)], "float32"),
            graph.reshape(winners, [count]),
            graph.reshape(toChannelsFirst(graph, dy), [count]),
          ],
          { axis: 0, reduction: overlap ? "add" : "none" },
        );
        const [batch, height, width, channels] = x!.shape;
        return [toChannelsLast(graph, graph.reshape(scattered, [batch, channels, height, width]))];
      },
    }),
    // Every cell of a window gets dy ÷ the whole window (as upstream; padded borders are corrected in ops/gradients).
    AvgPoolGrad: rule<PoolAttrs>({
      operands: ["dy", "input"],
      accepts: allFloat,
      outputs: ([, x]) => [x],
      emit: ({ graph, attrs, inputs: [, x] }, [dy]) => {
        const info = infoOf(x!.shape, attrs);
        const { inChannels: channels, filterHeight, filterWidth, padInfo } = info;
        const share = 1 / (filterHeight * filterWidth);
        const window = graph.constant(
          "float32",
          Array.from({ length: channels * filterHeight * filterWidth }, () => share),
          [channels, 1, filterHeight, filterWidth],
        );
        const missingY = info.inHeight - ((info.outHeight - 1) * info.strideHeight + filterHeight - padInfo.top - padInfo.bottom);
        const missingX = info.inWidth - ((info.outWidth - 1) * info.strideWidth + filterWidth - padInfo.left - padInfo.right);
        const attributes = {
          ...geometry(info),
          group: channels,
          pads: [padInfo.top, padInfo.left, padInfo.bottom - Math.min(0, missingY), padInfo.right - Math.min(0, missingX)],
          output_padding: [Math.max(0, missingY), Math.max(0, missingX)],
        };
        return [toChannelsLast(graph, graph.op("ConvTranspose", [toChannelsFirst(graph, dy), window], attributes))];
      },
    }),
  };
}

/**
 * The same without MaxPool's second output, which only the processor's provider has: tap by tap, the windows whose
 * maximum lies there and at no earlier tap get their gradient, put back to where the tap saw it.
 */
function maxPoolGradientByTaps(graph: Graph, dy: string, input: string, info: Conv2DInfo): string {
  const { batchSize, inChannels, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } =
    info;
  const maxima = toChannelsLast(graph, graph.op("MaxPool", [toChannelsFirst(graph, input)], geometry(info)));
  const below = (needed: number, size: number, before: number): number => Math.max(0, needed - size - before);
  const [rows, columns] = [(outHeight - 1) * strideHeight + filterHeight, (outWidth - 1) * strideWidth + filterWidth];
  const smallest = graph.scalar(-3.4028234663852886e38);
  const framed = graph.pad(
    input,
    [0, padInfo.top, padInfo.left, 0],
    [0, below(rows, inHeight, padInfo.top), below(columns, inWidth, padInfo.left), 0],
    smallest,
  );
  const [height, width] = [
    Math.max(outHeight * strideHeight + filterHeight, padInfo.top + inHeight),
    Math.max(outWidth * strideWidth + filterWidth, padInfo.left + inWidth),
  ];
  let taken: string | undefined;
  const parts: string[] = [];
  for (let i = 0; i < filterHeight; i++) {
    for (let j = 0; j < filterWidth; j++) {
      const seen = graph.slice(
        framed,
        [1, 2],
        [i, j],
        [i + (outHeight - 1) * strideHeight + 1, j + (outWidth - 1) * strideWidth + 1],
        [strideHeight, strideWidth],
      );
      const hit = graph.op("Equal", [seen, maxima]);
      const first: string = taken === undefined ? hit : graph.op("And", [hit, graph.op("Not", [taken])]);
      taken = taken === undefined ? hit : graph.or(taken, hit);
      const share = graph.mul(graph.cast(first, "float32"), dy);
      const cells = graph.reshape(share, [batchSize, outHeight, 1, outWidth, 1, inChannels]);
      const spread = graph.pad(cells, [0, 0, 0, 0, 0, 0], [0, 0, strideHeight - 1, 0, strideWidth - 1, 0]);
      const wide = graph.reshape(spread, [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels]);
      parts.push(graph.pad(wide, [0, i, j, 0], [0, height - i - outHeight * strideHeight, width - j - outWidth * strideWidth, 0]));
    }
  }
  return graph.slice(graph.sum(parts), [1, 2], [padInfo.top, padInfo.left], [padInfo.top + inHeight, padInfo.left + inWidth]);
}

function geometry(info: Conv2DInfo): Record<string, number[]> {
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
  };
}
