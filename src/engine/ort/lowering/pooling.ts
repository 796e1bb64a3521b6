import type { backend_util } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { toChannelsFirst, toChannelsLast } from "./convolution.js";
import { allFloat, rule, sizeOf, type Rules, type Spec } from "./rule.js";

type Conv2DInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Pooling and its gradients, NHWC outside, NCHW inside. */
export function poolingRules(tf: TensorFlow): Rules {
  const infoOf = (shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttrs): Conv2DInfo =>
    tf.backend_util.computePool2DInfo(shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
  const pooled = ([x]: readonly Spec[], attrs: PoolAttrs): Spec[] => [{ shape: infoOf(x.shape, attrs).outShape, dtype: "float32" }];
  const pool = (type: string) =>
    rule<PoolAttrs>({
      operands: ["x"],
      accepts: allFloat,
      outputs: pooled,
      emit: ({ graph, attrs, inputs: [x] }, [name]) => [toChannelsLast(graph, graph.op(type, [toChannelsFirst(graph, name)], geometry(infoOf(x!.shape, attrs))))],
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
        const [, winners] = graph.ops("MaxPool", [toChannelsFirst(graph, input)], geometry(info), 2);
        const count = sizeOf(info.outShape);
        const overlap = info.strideHeight < info.filterHeight || info.strideWidth < info.filterWidth;
        const scattered = graph.op(
          "ScatterElements",
          [graph.fill(0, [sizeOf(x!.shape)], "float32"), graph.reshape(winners, [count]), graph.reshape(toChannelsFirst(graph, dy), [count])],
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
        const window = graph.constant("float32", Array.from({ length: channels * filterHeight * filterWidth }, () => share), [channels, 1, filterHeight, filterWidth]);
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

function geometry(info: Conv2DInfo): Record<string, number[]> {
  const { top, left, bottom, right } = info.padInfo;
  return { kernel_shape: [info.filterHeight, info.filterWidth], strides: [info.strideHeight, info.strideWidth], pads: [top, left, bottom, right] };
}
