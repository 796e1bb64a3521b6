import type { backend_util } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import type { Graph } from "../graph.js";
import { activate, canActivate, type ActivationAttrs } from "./activation.js";
import { productForm } from "./dense-convolution.js";
import { filterGradient } from "./filter-gradient.js";
import { allFloat, rule, type Rules, type Spec } from "./rule.js";

export type Conv2DInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

export interface ConvAttrs extends ActivationAttrs {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** TensorFlow.js keeps images NHWC and ONNX wants NCHW; ONNX Runtime cancels neighbouring transpositions. */
export const toChannelsFirst = (graph: Graph, x: string): string => graph.transpose(x, [0, 3, 1, 2]);
export const toChannelsLast = (graph: Graph, x: string): string => graph.transpose(x, [0, 2, 3, 1]);

/** Where the windows of a convolution lie. */
export function convolutionInfo(
  tf: TensorFlow,
  x: readonly number[],
  filter: readonly number[],
  attrs: ConvAttrs,
  depthwise = false,
): Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
  );
}

/** Convolutions and their gradients, NHWC outside, NCHW inside. */
export function convolutionRules(tf: TensorFlow): Rules {
  const infoOf = (x: readonly number[], filter: readonly number[], attrs: ConvAttrs, depthwise = false): Conv2DInfo =>
    convolutionInfo(tf, x, filter, attrs, depthwise);
  const output =
    (depthwise: boolean) =>
    ([x, filter]: readonly Spec[], attrs: ConvAttrs): Spec[] => [
      { shape: infoOf(x.shape, filter.shape, attrs, depthwise).outShape, dtype: "float32" },
    ];
  const accepts = (inputs: readonly (Spec | undefined)[], attrs: ConvAttrs): boolean =>
    allFloat(inputs) && attrs.dataFormat !== "NCHW" && canActivate(attrs);

  return {
    Conv2D: rule<ConvAttrs>({
      operands: ["x", "filter"],
      accepts,
      outputs: output(false),
      emit: ({ graph, attrs, inputs: [x, filter] }, [image, weights]) => {
        const info = infoOf(x!.shape, filter!.shape, attrs);
        const product = productForm(graph, info)?.forward(image, weights);
        return [product ?? convolve(graph, image, filterToOihw(graph, weights, filter!.shape), undefined, info, 1)];
      },
    }),
    FusedConv2D: rule<ConvAttrs>({
      operands: ["x", "filter", "bias"],
      accepts,
      outputs: output(false),
      emit: ({ graph, attrs, inputs: [x, filter, bias] }, [image, weights, shift]) => {
        const info = infoOf(x!.shape, filter!.shape, attrs);
        const perChannel = bias === undefined ? undefined : graph.reshape(shift, [info.outChannels]);
        return [activate(graph, convolve(graph, image, filterToOihw(graph, weights, filter!.shape), perChannel, info, 1), attrs)];
      },
    }),
    DepthwiseConv2dNative: rule<ConvAttrs>({
      operands: ["x", "filter"],
      accepts,
      outputs: output(true),
      emit: ({ graph, attrs, inputs: [x, filter] }, [image, weights]) => {
        const info = infoOf(x!.shape, filter!.shape, attrs, true);
        return [convolve(graph, image, depthwiseFilter(graph, weights, filter!.shape), undefined, info, info.inChannels)];
      },
    }),
    Conv2DBackpropInput: rule<ConvAttrs & { inputShape: number[] }>({
      operands: ["dy", "filter"],
      accepts,
      outputs: (_, { inputShape }) => [{ shape: inputShape, dtype: "float32" }],
      emit: ({ graph, attrs, inputs: [, filter] }, [dy, weights]) => {
        const info = infoOf(attrs.inputShape, filter!.shape, attrs);
        return [productForm(graph, info)?.inputGradient(dy, weights) ?? inputGradient(graph, dy, weights, info)];
      },
    }),
    DepthwiseConv2dNativeBackpropInput: rule<ConvAttrs & { inputShape: number[] }>({
      operands: ["dy", "filter"],
      accepts,
      outputs: (_, { inputShape }) => [{ shape: inputShape, dtype: "float32" }],
      emit: ({ graph, attrs, inputs: [, filter] }, [dy, weights]) => {
        const info = infoOf(attrs.inputShape, filter!.shape, attrs, true);
        return [depthwiseInputGradient(graph, dy, weights, info)];
      },
    }),
    Conv2DBackpropFilter: rule<ConvAttrs & { filterShape: number[] }>({
      operands: ["x", "dy"],
      accepts,
      outputs: (_, { filterShape }) => [{ shape: filterShape, dtype: "float32" }],
      emit: ({ graph, attrs, inputs: [x] }, [image, dy]) => {
        const info = infoOf(x!.shape, attrs.filterShape, attrs);
        return [productForm(graph, info)?.filterGradient(image, dy) ?? filterGradient(graph, image, dy, info)];
      },
    }),
    DepthwiseConv2dNativeBackpropFilter: rule<ConvAttrs & { filterShape: number[] }>({
      operands: ["x", "dy"],
      accepts,
      outputs: (_, { filterShape }) => [{ shape: filterShape, dtype: "float32" }],
      emit: ({ graph, attrs, inputs: [x] }, [image, dy]) => [
        depthwiseFilterGradient(graph, image, dy, infoOf(x!.shape, attrs.filterShape, attrs, true)),
      ],
    }),
  };
}

function geometry(info: Conv2DInfo): Record<string, number[]> {
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}

function convolve(graph: Graph, x: string, filter: string, bias: string | undefined, info: Conv2DInfo, group: number): string {
  const inputs = bias === undefined ? [toChannelsFirst(graph, x), filter] : [toChannelsFirst(graph, x), filter, bias];
  return toChannelsLast(graph, graph.op("Conv", inputs, { ...geometry(info), group }));
}

/** HWIO → OIHW by two transpositions of matrices: ONNX Runtime's general one of four axes is slow. */
function filterToOihw(graph: Graph, filter: string, [height, width, from, to]: readonly number[]): string {
  const taps = height * width;
  if (taps === 1) return graph.reshape(graph.transpose(graph.reshape(filter, [from, to]), [1, 0]), [to, from, 1, 1]);
  const tapsLast = graph.reshape(graph.transpose(graph.reshape(filter, [taps, from * to]), [1, 0]), [from, to, taps]);
  return graph.reshape(graph.transpose(tapsLast, [1, 0, 2]), [to, from, height, width]);
}

function depthwiseFilter(graph: Graph, filter: string, [height, width, channels, multiplier]: readonly number[]): string {
  return graph.reshape(graph.transpose(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

/** dL/dx by whichever way is cheapest: a product, a convolution with the turned filter, or a transposed convolution. */
function inputGradient(graph: Graph, dy: string, filter: string, info: Conv2DInfo): string {
  const {
    batchSize,
    filterHeight,
    filterWidth,
    inChannels,
    outChannels,
    outHeight,
    outWidth,
    inHeight,
    inWidth,
    strideHeight,
    strideWidth,
  } = info;
  const shape = [filterHeight, filterWidth, inChannels, outChannels];
  const tiles =
    filterHeight === strideHeight &&
    filterWidth === strideWidth &&
    inHeight === outHeight * strideHeight &&
    inWidth === outWidth * strideWidth;
  if (tiles) {
    const rows = graph.reshape(dy, [batchSize * outHeight * outWidth, outChannels]);
    const cells = graph.op("Gemm", [rows, graph.reshape(filter, [filterHeight * filterWidth * inChannels, outChannels])], { transB: 1 });
    const blocks = graph.reshape(cells, [batchSize * outHeight, outWidth, filterHeight, filterWidth * inChannels]);
    return graph.reshape(graph.transpose(blocks, [0, 2, 1, 3]), info.inShape);
  }
  const reachY = (filterHeight - 1) * info.dilationHeight;
  const reachX = (filterWidth - 1) * info.dilationWidth;
  const [top, left] = [reachY - info.padInfo.top, reachX - info.padInfo.left];
  const [bottom, right] = [inHeight - (outHeight + top - reachY), inWidth - (outWidth + left - reachX)];
  if (strideHeight === 1 && strideWidth === 1 && Math.min(top, left, bottom, right) >= 0) {
    const turned = graph.slice(filter, [0, 1], [-1, -1], [-(2 ** 40), -(2 ** 40)], [-1, -1]);
    const swapped = filterToOihw(graph, graph.transpose(turned, [0, 1, 3, 2]), [filterHeight, filterWidth, outChannels, inChannels]);
    const attributes = {
      kernel_shape: [filterHeight, filterWidth],
      pads: [top, left, bottom, right],
      dilations: [info.dilationHeight, info.dilationWidth],
    };
    return toChannelsLast(graph, graph.op("Conv", [toChannelsFirst(graph, dy), swapped], attributes));
  }
  return convolveBack(graph, dy, filterToOihw(graph, filter, shape), info, 1);
}

/** ONNX's transposed convolution, its output size made exact: rows that no window reached are added or cut at the end. */
function convolveBack(graph: Graph, dy: string, filter: string, info: Conv2DInfo, group: number): string {
  const { top, left, bottom, right } = info.padInfo;
  const reached = (windows: number, stride: number, taps: number, dilation: number, pads: number): number =>
    (windows - 1) * stride + (taps - 1) * dilation + 1 - pads;
  const missingY = info.inHeight - reached(info.outHeight, info.strideHeight, info.filterHeight, info.dilationHeight, top + bottom);
  const missingX = info.inWidth - reached(info.outWidth, info.strideWidth, info.filterWidth, info.dilationWidth, left + right);
  const attributes = {
    ...geometry(info),
    group,
    pads: [top, left, bottom - Math.min(0, missingY), right - Math.min(0, missingX)],
    output_padding: [Math.max(0, missingY), Math.max(0, missingX)],
  };
  return toChannelsLast(graph, graph.op("ConvTranspose", [toChannelsFirst(graph, dy), filter], attributes));
}

/** dL/dx of a depthwise convolution: one transposed convolution for each of the filters a channel has, added up. */
function depthwiseInputGradient(graph: Graph, dy: string, filter: string, info: Conv2DInfo): string {
  const { inChannels, outChannels, filterHeight, filterWidth } = info;
  const multiplier = outChannels / inChannels;
  const single = [filterHeight, filterWidth, inChannels, 1];
  if (multiplier === 1) return convolveBack(graph, dy, depthwiseFilter(graph, filter, single), info, inChannels);
  const parts = Array.from({ length: multiplier }, (_, m) => {
    const gradient = graph.slice(dy, [3], [m], [outChannels], [multiplier]);
    return convolveBack(graph, gradient, depthwiseFilter(graph, graph.slice(filter, [3], [m], [m + 1]), single), info, inChannels);
  });
  return graph.sum(parts);
}

/** For every tap, the sum over images and pixels of the shifted input times dy; channel c feeds its own multiples. */
function depthwiseFilterGradient(graph: Graph, x: string, dy: string, info: Conv2DInfo): string {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const multiplier = outChannels / inChannels;
  const gradient = graph.reshape(dy, [batchSize, outHeight, outWidth, inChannels, multiplier]);
  const framed = graph.pad(x, [0, padInfo.top, padInfo.left, 0], [0, padInfo.bottom, padInfo.right, 0]);
  const taps: string[] = [];
  for (let i = 0; i < filterHeight; i++) {
    for (let j = 0; j < filterWidth; j++) {
      const from = [i * info.dilationHeight, j * info.dilationWidth];
      const to = [from[0] + (outHeight - 1) * info.strideHeight + 1, from[1] + (outWidth - 1) * info.strideWidth + 1];
      const shifted = graph.slice(framed, [1, 2], from, to, [info.strideHeight, info.strideWidth]);
      const product = graph.mul(graph.reshape(shifted, [batchSize, outHeight, outWidth, inChannels, 1]), gradient);
      taps.push(graph.reshape(graph.reduceSum(product, [0, 1, 2], false), [1, inChannels * multiplier]));
    }
  }
  const all = taps.length === 1 ? taps[0] : graph.op("Concat", taps, { axis: 0 });
  return graph.reshape(all, [filterHeight, filterWidth, inChannels, multiplier]);
}
